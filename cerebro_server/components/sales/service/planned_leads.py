"""What a set of leads becomes, as rows of a plan: contacts, companies, deals, and their links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic_core import to_json

from cerebro_sdk.schemas.sales.conversions import LeadsConvert
from cerebro_server.components.sales.records import leads as records
from cerebro_server.components.sales.service import carrying, handing_on, mapping
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Invalid
from cerebro_server.kernel.errors import Problem as Error
from cerebro_server.kernel.fields import Duplicates, RecordType
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.records import drafting, duplicates
from cerebro_server.kernel.records.duplicates import Candidate
from cerebro_server.kernel.records.planned import Row
from cerebro_server.kernel.records.validation import create_values, update_values

Problem = dict[str, Any]
_RULES: Final[Mapping[str, Duplicates]] = {
    "companies": records.FIRMS,
    "contacts": records.PERSONS,
}
_POSITIONS: Final = (
    "select distinct on (p.contact_id, p.company_id) p.contact_id, p.company_id from positions p "
    "join unnest(%s::uuid[], %s::uuid[]) as s(contact, company) on s.contact = p.contact_id "
    "and s.company = p.company_id where p.is_current and p.deleted_at is null"
)


class Lead(NamedTuple):
    """A lead to convert."""

    id: UUID
    version: int
    problem: Problem | None
    """Why it is not converted."""
    values: dict[str, Any]
    """As the caller sees it: what is hidden from them is handed on to nobody."""


@dataclass
class Made:
    """What the plan makes so far: leads that tell of the same share it."""

    keys: dict[tuple[str, str], UUID] = field(default_factory=dict)
    """Records by noun and by what they would be found by: an address, a domain, a name."""
    completed: set[UUID] = field(default_factory=set)
    """Records that a lead completes; a second one leaves them as they are."""
    leads: int = 0
    refused: int = 0
    taken: Counter[str] = field(default_factory=Counter)
    """How many records there are that leads become, by noun."""


@dataclass
class _Draft:
    """What one lead is to become."""

    id: UUID
    version: int
    lead: dict[str, Any]
    problem: Problem | None = None
    offered: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Values by noun, of what it becomes."""
    ids: dict[str, UUID] = field(default_factory=dict)
    """Records by noun, made or taken."""


class Batch:
    """Some leads at once."""

    def __init__(
        self,
        context: Context,
        asked: LeadsConvert,
        mapped: list[mapping.Mapped],
        status: UUID,
        made: Made,
    ) -> None:
        self._context = context
        self._asked = asked
        self._mapped = mapped
        self._status = status
        self._made = made
        self._fresh: dict[str, dict[UUID, dict[str, Any]]] = {}
        """Values of records that are made, by noun and id."""
        self._born: dict[UUID, Row] = {}
        self._filled: dict[UUID, Row] = {}

    async def rows(self, leads: Sequence[Lead]) -> list[Row]:
        """Return the rows of the plan for leads: what is made, what is completed, the leads."""
        drafts = [_Draft(one.id, one.version, one.values, one.problem) for one in leads]
        for draft in drafts:
            if draft.problem is None:
                self._offer(draft)
        for noun in ("companies", "contacts"):
            await self._settle(noun, drafts)
        for draft in _right(drafts):
            if "deals" in draft.offered:
                company = draft.ids.get("companies")
                draft.offered["deals"] |= {"company_id": str(company)} if company else {}
                self._new(draft, "deals")
        await self._draft_births(drafts)
        links = await self._links(drafts)
        became = {draft.id: draft.ids for draft in _right(drafts)}
        return self._told(drafts, [*links, *await carrying.rows(self._context, became)])

    def _offer(self, draft: _Draft) -> None:
        """Work out what a lead says of each record that is asked for."""
        lead = draft.lead
        offers = {
            "companies": (handing_on.company(lead), "name"),
            "contacts": (handing_on.contact(lead), "last_name"),
            "deals": (handing_on.deal(lead, None), None),
        }
        try:
            for noun, (values, needed) in offers.items():
                asked = self._asked_of(noun)
                is_wanted = needed is None or needed in values if asked is None else asked
                if is_wanted is False:
                    continue
                own = handing_on.custom(self._context, self._mapped, noun, lead)
                draft.offered[noun] = {**values, **({"custom": own} if own else {})}
        except Invalid as error:
            draft.problem = _said(error)
            return
        if not {"contacts", "companies"} & draft.offered.keys():
            said = "The lead says neither who it is nor of which company."
            draft.problem = {"code": "missing", "message": said}

    def _asked_of(self, noun: str) -> bool | dict[str, Any] | None:
        asked = {"companies": "company", "contacts": "contact", "deals": "deal"}[noun]
        found: bool | dict[str, Any] | None = getattr(self._asked, asked)
        return found

    async def _settle(self, noun: str, drafts: Sequence[_Draft]) -> None:
        """Find for each lead the record that there is, or that another lead makes; else make it."""
        asked = [draft for draft in _right(drafts) if noun in draft.offered]
        rows = [handing_on.compared(noun, draft.offered[noun]) for draft in asked]
        record_type = self._context.catalog[noun]
        found: list[list[Candidate]] = [[] for _ in rows]
        if self._asked.duplicates != "make":
            found = await duplicates.find(self._context, record_type, rows, rules=_RULES[noun])
        for draft, row, candidates in zip(asked, rows, found, strict=True):
            keys = _keys(noun, row)
            shared = next((i for key in keys if (i := self._made.keys.get((noun, key)))), None)
            if shared is not None:
                self._share(draft, noun, shared)
            elif candidates and not (self._asked.duplicates == "choose" and len(candidates) == 1):
                error = duplicates.refusal(record_type, candidates)
                draft.problem = {**_said(error), **error.members}
            elif candidates:
                draft.ids[noun] = UUID(candidates[0].id)
            else:
                record_id = self._new(draft, noun)
                if record_id is not None:
                    for key in keys:
                        self._made.keys.setdefault((noun, key), record_id)
        await self._complete(record_type, asked)

    def _share(self, draft: _Draft, noun: str, record_id: UUID) -> None:
        """Let a lead become what another one does: of a company by itself, of a person only if that
        was asked for."""
        if noun == "contacts" and self._asked.duplicates == "refuse":
            said = "Another of these leads has the same e-mail address."
            draft.problem = {"code": "possible_duplicate", "message": said}
        else:
            draft.ids[noun] = record_id

    def _new(self, draft: _Draft, noun: str) -> UUID | None:
        """Take down the values of a record to make; None where they are wrong."""
        shown = self._context.seen(self._context.catalog[noun])
        owner = {
            "owner_id": self._asked.owner_id or draft.lead.get("owner_id"),
            "team": self._asked.team or draft.lead.get("team"),
        }
        able = shown.writable
        offered = {**owner, **draft.offered[noun]}
        values = {k: v for k, v in offered.items() if k in able and v not in (None, "", [])}
        asked = self._asked_of(noun)
        values |= handing_on.beside(shown, values, asked if isinstance(asked, dict) else {})
        try:
            row = create_values(shown, to_json(values))
        except Invalid as error:
            draft.problem = _said(error, noun)
            return None
        record_id = uuid7()
        self._fresh.setdefault(noun, {})[record_id] = row
        draft.ids[noun] = record_id
        return record_id

    async def _complete(self, record_type: RecordType, drafts: Sequence[_Draft]) -> None:
        """Fill what is empty in records that are taken, by the first lead that becomes each."""
        noun = record_type.name
        taken = {
            draft.ids[noun]: draft
            for draft in reversed(_right(drafts))
            if noun in draft.ids and draft.ids[noun] not in self._fresh.get(noun, {})
        }
        own = {key for key in taken if key not in self._made.completed}
        own -= {*self._made.keys.values()}
        if not own:
            return
        shown = self._context.seen(record_type)
        which = Sql("t.id = any(%s)", (list(own),))
        held = await drafting.choose(self._context, record_type, which, "read", limit=len(own))
        changed = {}
        for each in held:
            values = handing_on.missing(shown, each.values, taken[each.id].offered[noun])
            if values:
                changed[each.id] = update_values(shown, to_json(values))
        self._made.completed |= own
        self._made.taken[noun] += len(own)
        if changed:
            told = await drafting.changes(self._context, record_type, changed)
            self._filled |= {i: row for i, row in told.items() if row.action == "update"}

    async def _draft_births(self, drafts: Sequence[_Draft]) -> None:
        """Put new records to the rules of their nouns; a lead of whose records one is refused
        becomes nothing."""
        planned = {str(record_id) for rows in self._fresh.values() for record_id in rows}
        planned |= {str(record_id) for record_id in self._made.keys.values()}
        for noun, rows in self._fresh.items():
            record_type = self._context.catalog[noun]
            self._born |= await drafting.births(self._context, record_type, rows, planned=planned)
        for draft in _right(drafts):
            for noun, record_id in draft.ids.items():
                row = self._born.get(record_id)
                if row is not None and row.problem is not None:
                    draft.problem = _within(noun, row.problem)

    async def _links(self, drafts: Sequence[_Draft]) -> list[Row]:
        """Return rows for positions and for the parts that contacts have in deals."""
        right = _right(drafts)
        both = [d for d in right if {"contacts", "companies"} <= d.ids.keys()]
        pairs = [(d.ids["contacts"], d.ids["companies"]) for d in both]
        there = {*await self._context.read(Sql(_POSITIONS, _columns(pairs)))} if pairs else set()
        positions = {
            pair: {"contact_id": pair[0], "company_id": pair[1], "role": d.lead.get("job_title")}
            for d, pair in reversed([*zip(both, pairs, strict=True)])
            if pair not in there
        }
        parts = [
            {"deal_id": d.ids["deals"], "contact_id": d.ids["contacts"], "is_primary": True}
            for d in right
            if {"deals", "contacts"} <= d.ids.keys()
        ]
        planned = {str(record_id) for d in right for record_id in d.ids.values()}
        found: list[Row] = []
        for noun, values in (("positions", positions.values()), ("deal_contacts", parts)):
            record_type = self._context.catalog[noun]
            shown = self._context.seen(record_type)
            rows = {uuid7(): create_values(shown, to_json(each)) for each in values}
            if rows:
                made = await drafting.births(self._context, record_type, rows, planned=planned)
                found += made.values()
        return found

    def _told(self, drafts: Sequence[_Draft], links: Sequence[Row]) -> list[Row]:
        """Return all rows; of what leads share that are refused, none are left."""
        right = _right(drafts)
        used = {record_id for draft in right for record_id in draft.ids.values()}
        for key, record_id in [*self._made.keys.items()]:
            if record_id in self._born and record_id not in used:
                del self._made.keys[key]
        found = [row for i, row in {**self._born, **self._filled}.items() if i in used]
        found += links
        for draft in drafts:
            if draft.problem is not None:
                problem = draft.problem
                found.append(Row("leads", "error", draft.id, draft.version, problem=problem))
                continue
            values = {
                "converted_at": self._context.now,
                "converted_contact_id": draft.ids.get("contacts"),
                "converted_company_id": draft.ids.get("companies"),
                "converted_deal_id": draft.ids.get("deals"),
                "status_id": self._status,
            }
            found.append(Row("leads", "update", draft.id, draft.version, values, is_late=True))
        self._made.leads += len(right)
        self._made.refused += len(drafts) - len(right)
        return found


def _right(drafts: Sequence[_Draft]) -> list[_Draft]:
    return [draft for draft in drafts if draft.problem is None]


def _columns(pairs: Sequence[tuple[UUID, UUID]]) -> tuple[list[UUID], list[UUID]]:
    return [one for one, _ in pairs], [other for _, other in pairs]


def _keys(noun: str, row: Mapping[str, Any]) -> list[str]:
    """Return what a new record shares with another one that is the same."""
    if noun == "contacts":
        return [part["address"].casefold() for part in row.get("emails") or ()]
    names = {each.field: each.normalise for each in records.FIRMS.compared}
    found = [
        f"{name}:{names[name](str(row[name]))}" for name in ("domain", "name") if row.get(name)
    ]
    return [key for key in found if not key.endswith(":")]


def _said(error: Error, noun: str | None = None) -> Problem:
    problem = {"code": error.code, "message": error.detail, "errors": error.errors}
    return problem if noun is None else _within(noun, problem)


def _within(noun: str, problem: Mapping[str, Any]) -> Problem:
    """Return what is wrong with a record as what is wrong with the lead that becomes it."""
    return {**problem, "message": f"{noun}: {problem['message']}", "record_type": noun}
