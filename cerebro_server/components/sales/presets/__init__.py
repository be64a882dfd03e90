"""Other products' exports of deals, of who takes part in them, of their stages, of leads, and of
what changed of all these."""

from cerebro_server.components.sales.presets import earlier, hubspot, pipedrive, salesforce

DEALS = {
    "salesforce": salesforce.DEALS,
    "hubspot": hubspot.DEALS,
    "pipedrive": pipedrive.DEALS,
}
DEAL_CONTACTS = {"salesforce": salesforce.DEAL_CONTACTS}
DEAL_STAGES = {"salesforce": salesforce.DEAL_STAGES, "hubspot": hubspot.DEAL_STAGES}
LEADS = {"salesforce": salesforce.LEADS, "pipedrive": pipedrive.LEADS}
EARLIER_CHANGES = {"salesforce": earlier.SALESFORCE, "hubspot": earlier.HUBSPOT}

__all__ = ["DEALS", "DEAL_CONTACTS", "DEAL_STAGES", "EARLIER_CHANGES", "LEADS"]
