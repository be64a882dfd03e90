"""Manifest of the workspace component."""

from __future__ import annotations

from cerebro_server.components.workspace import routes
from cerebro_server.kernel.component import Component

component = Component(
    name="workspace",
    routers=(routes.router,),
    permissions={"changes:read": "See the journal: who changed what, and when."},
)
