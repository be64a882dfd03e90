"""Exchange rates and recurring plans."""

from __future__ import annotations

from collections.abc import Mapping

from cerebro_sdk.schemas.sales.exchange_rates import (
    ExchangeRate,
    ExchangeRateCreate,
    ExchangeRateUpdate,
)
from cerebro_sdk.schemas.sales.recurring_plans import (
    RecurringPlan,
    RecurringPlanCreate,
    RecurringPlanUpdate,
)
from cerebro_server.components.sales.rules import exchange_rates as rate_rules
from cerebro_server.components.sales.rules import recurring
from cerebro_server.components.sales.tables.money import ExchangeRateRow, RecurringPlanRow
from cerebro_server.kernel.fields import ImportParent, RecordType, Relation

_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "currency": {"English": ("currency code", "iso code")},
    "day": {"English": ("date", "start date", "valid from", "effective date")},
    "rate": {"English": ("exchange rate", "conversion rate")},
}

OF_PLAN = ImportParent("recurring_plans", here="recurring_plan_id", by=("name",), created_by="name")
exchange_rates = RecordType(
    wire=ExchangeRate,
    create=ExchangeRateCreate,
    update=ExchangeRateUpdate,
    row=ExchangeRateRow,
    is_setting=True,
    rules=rate_rules.rates,
    update_rules=rate_rules.changed_rates,
    watched=frozenset(rate_rules.FIXED),
    filled=("key",),
    composed={"key": rate_rules.FIXED},
    also_called=_WORDS,
)
recurring_plans = RecordType(
    wire=RecurringPlan,
    create=RecurringPlanCreate,
    update=RecurringPlanUpdate,
    row=RecurringPlanRow,
    is_setting=True,
    update_rules=recurring.changed_plans,
    watched=frozenset({"deleted_at"}),
    goes_along=True,
    relations={"deals": Relation("deals", there="recurring_plan_id")},
)
