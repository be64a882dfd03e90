"""Other products' exports of companies, contacts and positions."""

from cerebro_server.components.contacts.presets.companies import COMPANIES
from cerebro_server.components.contacts.presets.contacts import CONTACTS
from cerebro_server.components.contacts.presets.positions import POSITIONS

__all__ = ["COMPANIES", "CONTACTS", "POSITIONS"]
