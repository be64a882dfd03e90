"""Manifest of the contacts component."""

from __future__ import annotations

from cerebro_server.components.contacts import records
from cerebro_server.kernel.component import Component

component = Component(
    name="contacts", record_types=(records.companies, records.contacts, records.positions)
)
