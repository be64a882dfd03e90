"""Other products' exports of deals, leads and what became of them."""

from __future__ import annotations

from cerebro_server.kernel.fields import Preset

DEAL_STAGES: dict[str, Preset] = {}
