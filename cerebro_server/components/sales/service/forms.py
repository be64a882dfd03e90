"""Leads from web forms: the key of a form lets anybody add a lead, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json, to_json

from cerebro_sdk.schemas.sales.lead_forms import LeadFormEntry
from cerebro_server.components.identity.service import sign_in
from cerebro_server.components.sales.records.leads import leads
from cerebro_server.kernel.access import Actor, Permission, Role
from cerebro_server.kernel.db import Scope, Sql
from cerebro_server.kernel.errors import Forbidden, MalformedJson, NotFound
from cerebro_server.kernel.http.auth import Visitor
from cerebro_server.kernel.records import writer
from cerebro_server.kernel.records.validation import create_values, parse_payload

_ROLE: Final = Role("form", (Permission("leads", "create", "all"),))
_FORM: Final = (
    "select f.id, f.name, f.allowed_origins, f.honeypot, f.source, f.owner_id::text, f.team "
    "from lead_forms f where f.key = %s and f.is_active and f.deleted_at is null"
)


@dataclass(frozen=True, slots=True)
class Form:
    """A form that takes leads."""

    workspace: str
    scope: Scope
    id: UUID
    name: str
    allowed_origins: tuple[str, ...]
    honeypot: str | None
    source: str | None
    owner_id: str | None
    team: str | None

    def admitted(self, origin: str | None) -> Mapping[str, str]:
        """Return the headers that let a page of an origin read the answer.

        What sends no origin is no page. Raises `Forbidden` for pages of other origins.
        """
        if origin is None:
            return {}
        if origin not in self.allowed_origins:
            raise Forbidden(f"Pages of {origin[:200]} may not send this form: allow the origin.")
        return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}


async def find(visitor: Visitor, key: str) -> Form:
    """Return the form of a key. Raises `NotFound`, also for one that takes no leads."""
    workspace, dot, _ = key.rpartition(".")
    is_plain = key.isprintable() and len(key) <= 200
    scope = await sign_in.scope_of(visitor.database, workspace) if dot and is_plain else None
    rows = [] if scope is None else await visitor.database.read(scope, Sql(_FORM, (key,)))
    if scope is None or not rows:
        raise NotFound("There is no form with this key, or it takes no leads.")
    form_id, name, origins, *more = rows[0]
    return Form(workspace, scope, form_id, name, tuple(origins), *more)


async def submit(visitor: Visitor, form: Form, body: bytes, *, referer: str | None) -> None:
    """Make a lead of what was filled in, unless a machine did. Raises `ValidationFailed`."""
    try:
        sent = from_json(body)
    except ValueError as error:
        raise MalformedJson(f"{error}.") from None
    if isinstance(sent, dict) and form.honeypot is not None and sent.pop(form.honeypot, None):
        return
    entry = parse_payload(LeadFormEntry, to_json(sent))
    values: dict[str, Any] = entry.model_dump(exclude_none=True)
    values |= {"source": form.source or form.name, "owner_id": form.owner_id, "team": form.team}
    if referer and "referer" not in values:
        values["referer"] = referer[:2_000]
    async with visitor.context(await _actor(visitor, form), form.workspace, form.scope) as context:
        row = create_values(context.whole(leads), to_json(values))
        await writer.create(context, leads, row, allow_invalid=True)


async def _actor(visitor: Visitor, form: Form) -> Actor:
    """Return who adds the lead: the system, with the one right that comes with the key."""
    system = await sign_in.recall(visitor.database, form.scope, "system", "")
    return replace(system.with_roles(_ROLE), name=form.name)
