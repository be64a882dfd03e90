"""Territories."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.territories import Territory, TerritoryCreate, TerritoryUpdate
from cerebro_server.components.sales.rules import territories as rules
from cerebro_server.components.sales.tables.territories import TerritoryRow
from cerebro_server.kernel.fields import ImportParent, RecordType, Relation

OF_TERRITORY = ImportParent(
    "territories", here="territory_id", by=("name",), created_by="name", called=("territory name",)
)
territories = RecordType(
    wire=Territory,
    create=TerritoryCreate,
    update=TerritoryUpdate,
    row=TerritoryRow,
    is_setting=True,
    update_rules=rules.changed_territories,
    watched=frozenset({"parent_id", "deleted_at"}),
    asked_again=frozenset({"parent_id"}),
    goes_along=True,
    import_parents={
        "parent": ImportParent("territories", here="parent_id", by=("name",), created_by="name")
    },
    refers={"parent_id": "territories"},
    relations={
        "parent": Relation("territories", here="parent_id"),
        "manager": Relation("users", here="manager_id"),
        "deals": Relation("deals", there="territory_id"),
        "leads": Relation("leads", there="territory_id"),
    },
)
