"""Leads from web forms: the key of a form lets anybody add a lead, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from pydantic_core import from_json, to_json

from cerebro_sdk.schemas.sales.lead_forms import LeadFormEntry
from cerebro_server.components.identity.service import sign_in
from cerebro_server.components.sales.records.leads import leads
from cerebro_server.kernel.access import Actor, Permission, Role
from cerebro_server.kernel.db import Scope, Sql
from cerebro_server.kernel.errors import Forbidden, MalformedJson, NotFound, ValidationFailed
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.http.auth import Visitor
from cerebro_server.kernel.http.forms import MOST_FIELDS, Fields
from cerebro_server.kernel.records import writer
from cerebro_server.kernel.records.validation import create_values, parse_payload

_ROLE: Final = Role("form", (Permission("leads", "create", "all"),))
_FORM: Final = (
    "select f.id, f.name, f.allowed_origins, f.honeypot, f.source, f.owner_id::text, f.team, "
    "f.thanks_url, f.thanks "
    "from lead_forms f where f.key = %s and f.is_active and f.deleted_at is null"
)
_CAMPAIGN: Final = ("utm_source", "utm_medium", "utm_campaign")
_OWN: Final = f"{COLUMN}."


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
    thanks_url: str | None
    thanks: str | None

    def admitted(self, origin: str | None) -> Mapping[str, str]:
        """Return the headers that let a page of an origin read the answer.

        What sends no origin is no page. Raises `Forbidden` for pages of other origins.
        """
        if origin is None:
            return {}
        if origin == "null":
            raise Forbidden(
                "Pages of null may not send this form: the page hides where it is. Give it a "
                "Referrer-Policy such as strict-origin, and no sandbox."
            )
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


def count(visitor: Visitor, form: Form) -> None:
    """Count an entry, a machine's as well. Raises `RateLimited` where its address has sent all that
    one may."""
    visitor.spend("form", str(form.id), visitor.settings.form_entries_per_minute)


async def submit(visitor: Visitor, form: Form, body: bytes, *, referer: str | None) -> None:
    """Make a lead of what was filled in, unless a machine did. Raises `ValidationFailed`."""
    try:
        sent = from_json(body)
    except ValueError as error:
        raise MalformedJson(f"{error}.") from None
    if isinstance(sent, dict) and form.honeypot is not None and sent.pop(form.honeypot, None):
        return
    await _keep(visitor, form, sent, referer=referer)


async def submit_fields(
    visitor: Visitor, form: Form, fields: Fields, *, referer: str | None
) -> None:
    """Do the same with what a browser sends by itself: a field that is empty was not filled in, one
    of several values is a list, `custom.tier` is a field of one's own; a campaign that is not said
    is that of the page's address. Raises `ValidationFailed`."""
    sent, own = {}, {}
    for name, values in _by_name(fields).items():
        if name == form.honeypot:
            return
        if name.startswith(_OWN):
            own[name.removeprefix(_OWN)] = values if values[1:] else values[0]
        elif values[1:]:
            raise _repeated(name, len(values))
        else:
            sent[name] = values[0]
    campaign = _campaign(referer or "")
    whole: dict[str, Any] = {**campaign, **sent, **({COLUMN: own} if own else {})}
    await _keep(visitor, form, whole, referer=referer)


async def _keep(visitor: Visitor, form: Form, sent: object, *, referer: str | None) -> None:
    entry = parse_payload(LeadFormEntry, to_json(sent))
    values: dict[str, Any] = entry.model_dump(exclude_none=True)
    values |= {"source": form.source or form.name, "owner_id": form.owner_id, "team": form.team}
    if referer and "referer" not in values:
        values["referer"] = referer[:2_000]
    async with visitor.context(await _actor(visitor, form), form.workspace, form.scope) as context:
        row = create_values(context.whole(leads), to_json(values))
        await writer.create(context, leads, row, allow_invalid=True)


def _by_name(fields: Fields) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in fields:
        if value.strip():
            found.setdefault(name, []).append(value)
    return found


def _campaign(referer: str) -> dict[str, str]:
    """Return the campaign that the address of a page names."""
    try:
        said = parse_qs(urlsplit(referer).query, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {name: said[name][0][:255] for name in _CAMPAIGN if name in said}


def _repeated(name: str, count: int) -> ValidationFailed:
    said = f"This field takes one value, and came {count} times."
    pointer = "/" + name[:100].replace("~", "~0").replace("/", "~1")
    errors = [{"pointer": pointer, "code": "repeated", "detail": said}]
    return ValidationFailed(f"{name[:100]}: {said}", errors=errors)


async def _actor(visitor: Visitor, form: Form) -> Actor:
    """Return who adds the lead: the system, with the one right that comes with the key."""
    system = await sign_in.recall(visitor.database, form.scope, "system", "")
    return replace(system.with_roles(_ROLE), name=form.name)
