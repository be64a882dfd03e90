"""Other products' exports of deals, of who takes part in them, of their stages, of leads, and of
what is sold."""

from cerebro_server.components.sales.presets import (
    hubspot,
    pipedrive,
    salesforce,
    salesforce_products,
)

DEALS = {
    "salesforce": salesforce.DEALS,
    "hubspot": hubspot.DEALS,
    "pipedrive": pipedrive.DEALS,
}
DEAL_CONTACTS = {"salesforce": salesforce.DEAL_CONTACTS}
DEAL_STAGES = {"salesforce": salesforce.DEAL_STAGES, "hubspot": hubspot.DEAL_STAGES}
LEADS = {
    "salesforce": salesforce.LEADS,
    "hubspot": hubspot.LEADS,
    "pipedrive": pipedrive.LEADS,
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

__all__ = [
    "DEALS",
    "DEAL_CONTACTS",
    "DEAL_LINES",
    "DEAL_STAGES",
    "LEADS",
    "PRICES",
    "PRICE_BOOKS",
    "PRODUCTS",
    "QUOTES",
    "QUOTE_LINES",
]
