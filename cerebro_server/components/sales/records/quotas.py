"""Quotas."""

from __future__ import annotations

from dataclasses import replace

from cerebro_sdk.schemas.sales.quotas import Quota, QuotaCreate, QuotaUpdate
from cerebro_server.components.sales.records.territories import OF_TERRITORY
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
    files=("quota", "quotas", "forecasting quota", "forecasting quotas", "goal", "goals"),
    also_called={
        "user_id": {"English": ("user email", "sales rep", "owner")},
        "period_start": {"English": ("start date", "starts on", "begins")},
        "amount": {"English": ("quota amount", "target", "goal")},
    },
    same_by=(*rules.OWNERS, "period", "period_start"),
    import_parents={"territory": replace(OF_TERRITORY, is_optional=True)},
    refers={"territory_id": "territories"},
    relations={
        "user": Relation("users", here="user_id"),
        "territory": Relation("territories", here="territory_id"),
    },
)
