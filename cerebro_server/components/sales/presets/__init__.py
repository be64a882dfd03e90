"""Other products' exports of deals, of who takes part in them, of their stages, of leads, and of
what is sold, and of what changed of these."""

from cerebro_server.components.sales.presets import (
    earlier,
    espocrm,
    hubspot,
    odoo,
    pipedrive,
    salesforce,
    salesforce_products,
    twenty,
    zoho,
)

DEALS = {
    "salesforce": salesforce.DEALS,
    "hubspot": hubspot.DEALS,
    "pipedrive": pipedrive.DEALS,
    "zoho": zoho.DEALS,
    "odoo": odoo.DEALS,
    "espocrm": espocrm.DEALS,
    "twenty": twenty.DEALS,
}
DEAL_CONTACTS = {"salesforce": salesforce.DEAL_CONTACTS}
DEAL_STAGES = {"salesforce": salesforce.DEAL_STAGES, "hubspot": hubspot.DEAL_STAGES}
LEADS = {
    "salesforce": salesforce.LEADS,
    "hubspot": hubspot.LEADS,
    "pipedrive": pipedrive.LEADS,
    "zoho": zoho.LEADS,
    "odoo": odoo.LEADS,
    "espocrm": espocrm.LEADS,
}
PRODUCTS = {
    "salesforce": salesforce_products.PRODUCTS,
    "hubspot": hubspot.PRODUCTS,
    "pipedrive": pipedrive.PRODUCTS,
}
PRICE_BOOKS = {"salesforce": salesforce_products.PRICE_BOOKS}
PRICES = {"salesforce": salesforce_products.PRICES}
DEAL_LINES = {"salesforce": salesforce_products.DEAL_LINES, "hubspot": hubspot.DEAL_LINES}
QUOTES = {"salesforce": salesforce_products.QUOTES}
QUOTE_LINES = {"salesforce": salesforce_products.QUOTE_LINES}

EARLIER_CHANGES = {"salesforce": earlier.SALESFORCE, "hubspot": earlier.HUBSPOT}

__all__ = [
    "DEALS",
    "DEAL_CONTACTS",
    "DEAL_LINES",
    "DEAL_STAGES",
    "EARLIER_CHANGES",
    "LEADS",
    "PRICES",
    "PRICE_BOOKS",
    "PRODUCTS",
    "QUOTES",
    "QUOTE_LINES",
]
