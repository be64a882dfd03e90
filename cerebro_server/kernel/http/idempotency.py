"""Idempotency-Key: a creating request that is sent again is answered again, not done again.

After draft-ietf-httpapi-idempotency-key-header-06. The key belongs to the caller and the route; it
is kept for a day. The reply is stored in the transaction that creates the record, so whoever was
cut off between commit and reply finds both or neither.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from fastapi import Request, Response
from pydantic_core import from_json, to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import BadRequest, IdempotencyKeyInUse, IdempotencyKeyReused
from cerebro_server.kernel.http.parameters import is_dry_run

KEPT_SECONDS = 86_400
_KEY = re.compile(r'"([\x20\x21\x23-\x5b\x5d-\x7e]{1,255})"')  # an sf-string without escapes

_LOCK = "select pg_try_advisory_xact_lock(hashtextextended(%s, 0))"
_FIND = f"""
select body_hash, status, headers, body from idempotency_keys
where actor = %s and route = %s and key = %s
    and created_at > now() - interval '{KEPT_SECONDS} seconds'
"""
_STORE = """
insert into idempotency_keys (actor, route, key, body_hash, status, headers, body)
select %s, %s, %s, %s, %s, %s, convert_to(b.json::text, 'UTF8') from ($body) as b(json)
on conflict (actor, route, key) do update set body_hash = excluded.body_hash,
    status = excluded.status, headers = excluded.headers, body = excluded.body, created_at = now()
"""

_FORGET = "delete from idempotency_keys where actor = %s and route = %s and key = %s"


@dataclass(frozen=True, slots=True)
class Claim:
    """A key that this request holds until its transaction ends."""

    actor: str
    route: str
    key: str
    body_hash: bytes


def key_of(request: Request) -> str | None:
    """Return the request's key; a dry run has none, since nothing is done that could be done twice.

    Raises `BadRequest` for one that is no quoted string.
    """
    given = request.headers.get("idempotency-key")
    if given is None:
        return None
    match = _KEY.fullmatch(given.strip())
    if not match:
        raise BadRequest('Idempotency-Key takes a quoted string of 1 to 255 characters: "8e03…".')
    return None if is_dry_run(request) else match[1]


async def claim(context: Context, route: str, key: str, body: bytes) -> Claim | Response:
    """Take the key, or return the reply that it got before.

    Raises `IdempotencyKeyInUse` while another request holds it, `IdempotencyKeyReused` where it
    came with another body.
    """
    held = Claim(context.actor.tag, route, key, hashlib.sha256(body).digest())
    transaction = await context.write()
    name = "\n".join((context.workspace, held.actor, route, key))
    # the lookup is a statement after the lock's, so it sees what the lock's last holder stored
    locked, found = (
        await transaction.batch(Sql(_LOCK, (name,)), Sql(_FIND, (held.actor, held.route, held.key)))
    )[-2:]
    if not locked[0][0]:
        raise IdempotencyKeyInUse(
            "The first request with this Idempotency-Key has not ended; try again shortly.",
            headers={"Retry-After": "1"},
        )
    if not found:
        return held
    body_hash, status, headers, reply = found[0]
    if bytes(body_hash) != held.body_hash:
        raise IdempotencyKeyReused(
            "This Idempotency-Key was used with another body; take a new one for a new record."
        )
    return Response(bytes(reply), status, {**from_json(headers), "Idempotent-Replayed": "true"})


def keeping(claim: Claim, *, status: int, headers: dict[str, str], body: Sql) -> Sql:
    """Return the statement that stores a reply whose body the query `body` gives; if it gives none,
    there is nothing to store."""
    named = to_json(headers).decode()
    values = (claim.actor, claim.route, claim.key, claim.body_hash, status, named)
    return Sql(_STORE.replace("$body", body.text), (*values, *body.params))


def forgetting(claim: Claim) -> Sql:
    """Return the statement that deletes the reply to a request that is to be done again."""
    return Sql(_FORGET, (claim.actor, claim.route, claim.key))
