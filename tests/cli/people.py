"""Users, keys, sessions and answers about them as the server writes them."""

from __future__ import annotations

from typing import Any

from tests.cli.conftest import company

TOKENS = {
    "access_token": "eyJ.acc3ss.sig",
    "token_type": "Bearer",
    "expires_in": 600,
    "refresh_token": "cbr_rt_main_5e55_1_r3fresh",
    "refresh_expires_in": 2_592_000,
    "workspace": "main",
}
ME = {
    "workspace": "main",
    "type": "user",
    "user_id": company(1)["id"],
    "name": "Ada",
    "email": "ada@acme.example",
    "key": None,
    "roles": ["agent", "manager"],
    "teams": [],
    "permissions": ["companies:read"],
}
SECRET = "cbr_main_k1_s3cr3tcrc"


def user(number: int = 1, **fields: Any) -> dict[str, Any]:
    own = {"name": "Ada", "email": "ada@acme.example", "roles": ["agent"], "teams": []}
    return {**company(number), **own, "disabled_at": None, **fields}


def key(number: int = 1, **fields: Any) -> dict[str, Any]:
    own = {"name": "ci", "prefix": "cbr_main_k1", "scopes": ["*"], "revoked_at": None}
    return {**company(number), **own, **fields}


def session(number: int = 1, **fields: Any) -> dict[str, Any]:
    own = {"client": "cerebro on laptop", "address": "127.0.0.1", "ended_at": None}
    return {**company(number), **own, **fields}
