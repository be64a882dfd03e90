"""All triggers of sales that follow from the code."""

from __future__ import annotations

from cerebro_server.components.sales.service import (
    amount_counting,
    numbering,
    quote_copying,
    rating,
    stage_history,
)
from cerebro_server.kernel.db import Workspace


def derived(workspace: Workspace, owner: str | None) -> list[str]:
    """Return the statements that (re)create the triggers of one workspace; `owner` is the role that
    owns functions which write what nobody else may."""
    return [
        *stage_history.derived(workspace, owner),
        *numbering.derived(workspace, owner),
        *amount_counting.derived(workspace),
        *quote_copying.derived(workspace),
        *rating.derived(workspace, owner),
    ]
