"""Manifest of the identity component."""

from __future__ import annotations

from cerebro_server.components.identity.service.sign_in import SignIn
from cerebro_server.kernel.component import Component

component = Component(
    name="identity", tables=("users", "api_keys", "idempotency_keys"), sign_in=SignIn
)
