"""Other products' exports of companies, contacts and positions."""

from cerebro_server.components.contacts.presets import (
    companies,
    contacts,
    espocrm,
    odoo,
    pipedrive,
    twenty,
    zoho,
)
from cerebro_server.components.contacts.presets.positions import POSITIONS

_BOTH = {
    "pipedrive": pipedrive,
    "zoho": zoho,
    "odoo": odoo,
    "espocrm": espocrm,
    "twenty": twenty,
}
COMPANIES = {**companies.COMPANIES, **{name: of.COMPANIES for name, of in _BOTH.items()}}
CONTACTS = {**contacts.CONTACTS, **{name: of.CONTACTS for name, of in _BOTH.items()}}

__all__ = ["COMPANIES", "CONTACTS", "POSITIONS"]
