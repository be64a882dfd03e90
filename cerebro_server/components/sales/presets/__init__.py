"""Other products' exports of deals, of who takes part in them, of their stages, and of leads."""

from cerebro_server.components.sales.presets import hubspot, pipedrive, salesforce

DEALS = {
    "salesforce": salesforce.DEALS,
    "hubspot": hubspot.DEALS,
    "pipedrive": pipedrive.DEALS,
}
DEAL_CONTACTS = {"salesforce": salesforce.DEAL_CONTACTS}
DEAL_STAGES = {"salesforce": salesforce.DEAL_STAGES, "hubspot": hubspot.DEAL_STAGES}
LEADS = {"salesforce": salesforce.LEADS, "pipedrive": pipedrive.LEADS}

__all__ = ["DEALS", "DEAL_CONTACTS", "DEAL_STAGES", "LEADS"]
