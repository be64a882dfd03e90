"""API keys made and revoked."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from pydantic_core import from_json, to_json

from cerebro_sdk.schemas.identity.keys import KeyCreate, NewKey
from cerebro_server.components.identity import records, rules
from cerebro_server.components.identity.errors import KeyAlreadyCreated
from cerebro_server.components.identity.service.keys import new_key
from cerebro_server.kernel.access.actor import SYSTEM_ROLE
from cerebro_server.kernel.access.permissions import parse_all
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Forbidden, ValidationFailed
from cerebro_server.kernel.http import idempotency
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.records import reader, writer
from cerebro_server.kernel.records.writer import Written


class Claimed(NamedTuple):
    """An Idempotency-Key of a request, and the request's body."""

    key: str
    body: bytes


async def create(context: Context, wanted: KeyCreate, claimed: Claimed | None) -> NewKey:
    """Make a key of the caller; the reply is the only place where its secret ever stands.

    With an Idempotency-Key the second request is refused with `KeyAlreadyCreated`, which names the
    key: its secret cannot be shown again. Needs `keys:create`. A key that makes another gives it
    no more scopes, and no longer a life, than it has itself: else `Forbidden`.
    """
    claim = None if claimed is None else await _claim(context, claimed)
    _check_scopes(context, wanted.scopes)
    await _check_end(context, wanted)
    key_id, (text, key) = uuid7(), new_key(context.workspace)
    transaction = await context.write()
    await transaction.rows(
        Sql(
            "insert into keys "
            "(id, user_id, name, prefix, lookup, secret_hash, scopes, expires_at) "
            "values (%s, %s, %s, %s, %s, %s, %s, %s)",
            (
                *(key_id, context.actor.user_id, wanted.name, key.prefix, key.lookup),
                *(key.secret_hash, wanted.scopes, wanted.expires_at),
            ),
        )
    )
    if claim is not None:
        kept = Sql("select %s::json", (to_json({"id": str(key_id)}).decode(),))
        await transaction.rows(idempotency.keeping(claim, status=409, headers={}, body=kept))
    [(wire,)] = await context.read(reader.wire_of(records.keys, key_id))
    return NewKey.model_validate({**from_json(wire), "secret": text})


async def revoke(context: Context, reference: str) -> Written:
    """End a key for good; the second time nothing changes. Needs `keys:revoke`.

    Raises `NotFound`, `Forbidden` for a key of somebody who holds more than the caller.
    """
    values = {"revoked_at": context.now}
    return await writer.change(context, records.keys, reference, values, action="revoke")


async def _claim(context: Context, claimed: Claimed) -> idempotency.Claim:
    claim = await idempotency.claim(context, "keys.create", claimed.key, claimed.body)
    if isinstance(claim, idempotency.Claim):
        return claim
    key_id = UUID(from_json(bytes(claim.body))["id"])
    raise KeyAlreadyCreated(
        f"Key {key_id} was made with this Idempotency-Key; its secret was shown then and is stored "
        "nowhere. If it is lost, revoke the key and make another one.",
        key_id=str(key_id),
        headers={"Idempotent-Replayed": "true"},
    )


def _check_scopes(context: Context, scopes: list[str]) -> None:
    wrong = [(text, said) for text in scopes if (said := rules.wrong_permission(context, text))]
    if wrong:
        raise ValidationFailed(
            "; ".join(said for _, said in wrong),
            errors=[
                {
                    "pointer": f"/scopes/{scopes.index(text)}",
                    "code": "unknown_permission",
                    "detail": said,
                }
                for text, said in wrong
            ],
        )
    # what the user may do limits every key anyway; what this key may do has to limit the new one
    limit = context.actor.with_roles(SYSTEM_ROLE)
    if not limit.covers(parse_all(scopes), context.catalog):
        raise Forbidden("A key cannot make another one that may do more than it may itself.")


async def _check_end(context: Context, wanted: KeyCreate) -> None:
    if context.actor.type != "key":
        return
    [(end,)] = await context.read(
        Sql("select expires_at from keys where id = %s", (context.actor.id,))
    )
    if end is not None and (wanted.expires_at is None or wanted.expires_at > end):
        raise Forbidden(
            f"A key cannot make another one that outlives it; set expires_at to {end.isoformat()} "
            "or sooner."
        )
