"""Other products' exports of companies and contacts."""

from cerebro_server.components.contacts.presets.companies import COMPANIES
from cerebro_server.components.contacts.presets.contacts import CONTACTS

__all__ = ["COMPANIES", "CONTACTS"]
