"""Routes of signing in and out, passwords, and who one is."""

from __future__ import annotations

from fastapi import Request, Response
from pydantic import BaseModel
from starlette.background import BackgroundTask

from cerebro_sdk.schemas.identity.auth import (
    ChangePassword,
    Done,
    Login,
    Redeem,
    Refresh,
    ResetRequest,
)
from cerebro_server.components.identity.service import auth, recovering, sessions
from cerebro_server.kernel.http.auth import Anybody, Caller, PublicRoute, Route
from cerebro_server.kernel.http.body import read_json
from cerebro_server.kernel.http.operations import (
    PUBLIC,
    SIGNED_IN,
    json_body,
    json_reply,
    operation,
)
from cerebro_server.kernel.http.routing import Router
from cerebro_server.kernel.records.validation import parse_payload

public = Router(prefix="/v1/auth", tags=["auth"], route_class=PublicRoute)
router = Router(prefix="/v1/auth", tags=["auth"], route_class=Route)
_NO_DRY_RUN = "What ends sessions, or sets a password, is not tried."

_BODY = (413, 415, 422)


@operation(
    public,
    "POST",
    "/login",
    "auth.login",
    reply=json_reply("Tokens"),
    refusals=(401, 409, *_BODY),
    needs=PUBLIC,
    body=json_body("Login"),
)
async def login(request: Request, visitor: Anybody) -> Response:
    """Sign in with e-mail address and password.
    Gives an access token for some minutes, and a refresh token that brings the next ones. Where
    both fit several workspaces, 409 lists them: name one. After some failures 429 says how long to
    wait."""
    wanted = parse_payload(Login, await read_json(request))
    return _json(await auth.login(visitor, wanted))


@operation(
    public,
    "POST",
    "/refresh",
    "auth.refresh",
    reply=json_reply("Tokens"),
    refusals=(401, *_BODY),
    needs=PUBLIC,
    body=json_body("Refresh"),
)
async def refresh(request: Request, visitor: Anybody) -> Response:
    """Renew the tokens of a session.
    A refresh token is good once; the reply brings the next one. If the reply is lost, the same
    token gets the same answer for 10 seconds. Any older one ends the session, since somebody else
    may have it."""
    wanted = parse_payload(Refresh, await read_json(request))
    return _json(await sessions.refresh(visitor, wanted.refresh_token))


@operation(
    public,
    "POST",
    "/password-reset",
    "auth.request_reset",
    reply=json_reply("Done"),
    refusals=_BODY,
    needs=PUBLIC,
    status=202,
    body=json_body("ResetRequest"),
)
async def request_reset(request: Request, visitor: Anybody) -> Response:
    """Ask for a link to set a new password.
    The reply is the same whether there is such a user or not. The link is good for an hour, once;
    three messages an hour are sent at most."""
    wanted = parse_payload(ResetRequest, await read_json(request))
    reply = _json(Done(detail="If there is a user with this address, a message is on its way."))
    reply.status_code = 202
    # after the reply, or the time that it takes would say whether there is such a user
    reply.background = BackgroundTask(recovering.request_reset, visitor, wanted)
    return reply


@operation(
    public,
    "POST",
    "/redeem",
    "auth.redeem",
    reply=json_reply("Done"),
    refusals=_BODY,
    needs=PUBLIC,
    body=json_body("Redeem"),
)
async def redeem(request: Request, visitor: Anybody) -> Response:
    """Set a password with the token of an invitation or a reset.
    The token is good once, and ends with any change of address or password. All sessions of the
    user end."""
    wanted = parse_payload(Redeem, await read_json(request))
    return _json(await recovering.redeem(visitor, wanted))


@operation(
    router,
    "POST",
    "/logout",
    "auth.logout",
    no_dry_run=_NO_DRY_RUN,
    reply=json_reply("Done"),
    refusals=(422,),
    needs=SIGNED_IN,
)
async def logout(request: Request, context: Caller) -> Response:
    """Sign out: end the session that asks.
    Its tokens are worthless from then on. An API key has no session; it is revoked."""
    return _json(await auth.logout(context))


@operation(
    router,
    "POST",
    "/password",
    "auth.change_password",
    no_dry_run=_NO_DRY_RUN,
    reply=json_reply("Done"),
    refusals=_BODY,
    needs=SIGNED_IN,
    body=json_body("ChangePassword"),
)
async def change_password(request: Request, context: Caller) -> Response:
    """Change one's own password.
    Takes the current one, too. All other sessions of the user end. Not with an API key."""
    wanted = parse_payload(ChangePassword, await read_json(request))
    address = request.client.host if request.client else ""
    return _json(await recovering.change_password(context, wanted, address=address))


@operation(
    router,
    "GET",
    "/whoami",
    "auth.whoami",
    reply=json_reply("WhoAmI"),
    refusals=(),
    needs=SIGNED_IN,
)
async def whoami(request: Request, context: Caller) -> Response:
    """Show who asks, as the server sees it.
    The workspace, the user, their roles and teams, and what these come to."""
    return _json(await auth.whoami(context))


def _json(found: BaseModel) -> Response:
    return Response(found.model_dump_json(), media_type="application/json")
