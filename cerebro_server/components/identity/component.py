"""Manifest of the identity component."""

from __future__ import annotations

from cerebro_sdk.schemas.identity.access import Explanation, Matrix
from cerebro_sdk.schemas.identity.auth import (
    ChangePassword,
    Done,
    Login,
    Redeem,
    Refresh,
    ResetRequest,
    Tokens,
    WhoAmI,
)
from cerebro_sdk.schemas.identity.keys import NewKey
from cerebro_sdk.schemas.identity.users import Invitation
from cerebro_server.components.identity import records
from cerebro_server.components.identity.routes import access, auth, keys, sessions, users
from cerebro_server.components.identity.service import logins
from cerebro_server.components.identity.service.sign_in import SignIn, recall
from cerebro_server.kernel.component import Component

component = Component(
    name="identity",
    record_types=(records.users, records.teams, records.roles, records.keys, records.sessions),
    routers=(
        *(access.router, auth.public, auth.router),
        *(keys.router, sessions.router, users.router),
    ),
    replies=(Explanation, Matrix, Tokens, Done, WhoAmI, NewKey, Invitation),
    payloads=(Login, Refresh, ResetRequest, Redeem, ChangePassword),
    tables=("passwords", "one_time_tokens", "idempotency_keys"),
    insert_only=("outgoing_mail",),
    permissions={"access:read": "See who may do what, and why."},
    derived=logins.derived,
    recall=recall,
    sign_in=SignIn,
)
