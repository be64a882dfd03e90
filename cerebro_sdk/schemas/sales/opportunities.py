"""Opportunities: the deals that are open."""

from __future__ import annotations

from typing import ClassVar

from cerebro_sdk.schemas.base import Noun
from cerebro_sdk.schemas.sales.deals import Deal


class Opportunity(Deal):
    """A deal that is open: the same record, with the same id, number and fields."""

    noun: ClassVar[Noun] = Noun(
        name="opportunities",
        singular="opportunity",
        component="sales",
        title="name",
        keys=("number",),
        columns=Deal.noun.columns,
        verbs=("list", "search", "get"),
    )
