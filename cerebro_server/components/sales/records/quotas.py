"""Quotas."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.quotas import Quota, QuotaCreate, QuotaUpdate
from cerebro_server.components.sales.rules import quotas as rules
from cerebro_server.components.sales.tables.quotas import QuotaRow
from cerebro_server.kernel.fields import RecordType, Relation

quotas = RecordType(
    wire=Quota,
    create=QuotaCreate,
    update=QuotaUpdate,
    row=QuotaRow,
    is_setting=True,
    rules=rules.quotas,
    update_rules=rules.changed_quotas,
    watched=frozenset({*rules.OWNERS, "period", "period_start"}),
    refers={"territory_id": "territories"},
    relations={
        "user": Relation("users", here="user_id"),
        "territory": Relation("territories", here="territory_id"),
    },
)
