"""The stages that deals were in."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.deal_stages import DealStage, DealStageCreate, DealStageUpdate
from cerebro_server.components.sales.presets import DEAL_STAGES
from cerebro_server.components.sales.records.deals import OF_DEAL, deals
from cerebro_server.components.sales.records.pipelines import IN_PIPELINE
from cerebro_server.components.sales.rules import deal_stages as rules
from cerebro_server.components.sales.tables.deal_stages import DealStageRow
from cerebro_server.kernel.fields import Chain, RecordType, Relation, Stays

_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "to_stage": {"English": ("stage", "stage name", "new stage", "new value", "deal stage")},
    "entered_at": {"English": ("entered stage", "date entered", "changed at", "moved at")},
    "actor": {"English": ("moved by", "changed by")},
}
_COPIED = {
    **{name: name for name in ("pipeline_id", "amount", "currency", "probability")},
    **{name: name for name in ("expected_close", "forecast_category")},
    **dict.fromkeys(("from_stage", "to_stage"), "stage"),
    **dict.fromkeys(("from_stage_id", "to_stage_id"), "stage_id"),
    "to_status": "status",
}
"""What a stay holds of its deal, by what it is there."""
_HOLDS = {name: there for name, there in _COPIED.items() if not name.startswith("from_")}
_RATE = (
    "left join lateral _rate_of(b.currency, (case b.status when 'open' then m.at "
    "else s.entered_at end at time zone 'UTC')::date) r on true"
)
"""The rate of the day; that of a deal is kept from when it was closed."""
_IS_KEPT = "b.status <> 'open' and b.is_last and b.currency = n.currency"
_TELLS = {
    "probability": "case when s.probability is null and k.probability is not true "
    "and not b.is_last then (select o.default_probability from stages o "
    "where o.id = s.to_stage_id) else b.probability end",
    "closed_at": "case when b.status <> 'open' then case when b.is_last "
    "then coalesce(n.closed_at, s.entered_at) else s.entered_at end end",
    "lost_reason_id": "case when b.status = 'lost' and b.is_last then n.lost_reason_id end",
    "lost_note": "case when b.status = 'lost' and b.is_last then n.lost_note end",
    "last_stage_change_at": "s.entered_at",
    "last_open_stage_id": "case when b.status <> 'open' then (select o.to_stage_id "
    "from deal_stages o where o.deal_id = n.id and o.to_status = 'open' "
    "and o.deleted_at is null and o.entered_at <= s.entered_at "
    "order by o.entered_at desc, o.left_at desc limit 1) end",
    "rate": f"case when {_IS_KEPT} then n.rate else r.rate end",
    "rate_day": f"case when {_IS_KEPT} then n.rate_day else r.day end",
}
"""What a stay says of its deal besides."""

deal_stages = RecordType(
    wire=DealStage,
    create=DealStageCreate,
    update=DealStageUpdate,
    row=DealStageRow,
    rules=rules.deal_stages,
    update_rules=rules.changed_deal_stages,
    filled=("to_stage_id", "to_status", "origin"),
    is_history=True,
    stays=Stays(
        "deals",
        of="deal_id",
        field="stage_id",
        since="entered_at",
        until="left_at",
        holds=_HOLDS,
        tells=_TELLS,
        beside=_RATE,
    ),
    told_where="{row}.origin = 'imported'",
    keeps={"deals": ("last_stage_change_at", "opened_at", "last_open_stage_id")},
    same_by=("deal_id", "to_stage_id", "entered_at"),
    chain=Chain("deal_id", "to_stage_id", "entered_at", "from_stage", rules.began),
    from_files={"from_stage": str},
    before_import=rules.from_files,
    presets=DEAL_STAGES,
    files=(
        *("opportunity history", "opportunity histories", "opportunity field history"),
        *("deal history", "stage history"),
    ),
    also_called=_WORDS,
    import_parents={"deal": OF_DEAL, "pipeline": IN_PIPELINE},
    refers={"deal_id": "deals", "pipeline_id": "pipelines"},
    ends={"deal_id": deals},
    copied={name: (deals, there) for name, there in _COPIED.items()},
    relations={
        "deal": Relation("deals", here="deal_id"),
        "pipeline": Relation("pipelines", here="pipeline_id"),
    },
)
