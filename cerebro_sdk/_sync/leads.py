# Generated from ../_async/leads.py by tools/sync_client.py; do not edit.
"""Leads: converted to contacts, companies and deals, and what their own fields become."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from cerebro_sdk._sync.history import History
from cerebro_sdk._sync.nouns import RawResource, Resource
from cerebro_sdk._sync.operations import Operations, PlannedOperation
from cerebro_sdk._sync.resource import (
    Calls,
    Edited,
    PlainCalls,
    TypedCalls,
    C,
    Plain,
    R,
    U,
    tried,
)
from cerebro_sdk._sync.transport import Call, segment

if TYPE_CHECKING:  # the classes below name these in strings
    from cerebro_sdk.schemas.sales.conversions import LeadConversion  # noqa: F401
    from cerebro_sdk.schemas.sales.lead_forms import (  # noqa: F401
        LeadForm,
        LeadFormAnswer,
        LeadFormCreate,
        LeadFormSnippet,
        LeadFormUpdate,
    )
    from cerebro_sdk.schemas.sales.lead_mapping import LeadMapping  # noqa: F401
    from cerebro_sdk.schemas.sales.leads import Lead, LeadCreate, LeadUpdate  # noqa: F401
    from cerebro_sdk.schemas.workspace.timeline import RecordDiff, TimelineEntry  # noqa: F401

N = TypeVar("N")
"""What became of a lead."""
M = TypeVar("M")
"""Which fields of leads become which."""
A = TypeVar("A")
"""The answer to a form."""
H = TypeVar("H")
"""A form as HTML."""
_MAPPING = "/v1/lead_mapping"


class LeadCalls(Calls, Generic[N, M]):
    """What can be done with leads besides what can be done with every record."""

    def convert(self, ref: object, **how: Any) -> N:
        """Convert a lead to a contact, a company and a deal, in one write that `undo` takes back.

        For each of the three: True makes one, False makes none, a reference takes the one that is
        there and completes it where it is empty, a dict makes one with these values. Probable
        duplicates raise `ConflictError` with candidates, unless `allow_duplicates`. Other options:
        `owner_id`, `team`, `status_id`, `overwrite_source`, `dry_run`.

        >>> done = crm.leads.convert("1a2b3c4d", company="acme.example", deal=False)
        >>> print(done.contact.full_name, done.made)
        """
        body = self._body("sales.conversions:LeadConvert", None, _said(how))
        conversion: N = self._ask(
            Call("POST", f"{self._at(ref)}/convert", body=body),
            "sales.conversions:LeadConversion",
        )
        return conversion

    def convert_plan(
        self, where: str | None = None, *, leads: Iterable[object] | None = None, **how: Any
    ) -> PlannedOperation:
        """Plan to convert all leads that fit a filter, or up to 10 000 that are named; nothing is
        written yet.

        `contact`, `company` and `deal` are True, False, or a dict of values besides those of the
        lead; `duplicates` is "refuse", "choose" (what is there is taken and completed) or "make".
        Other options: `owner_id`, `team`, `status_id`. Leads of one company share it.

        >>> op = crm.leads.convert_plan("status.name = in_process", duplicates="choose")
        >>> print(op.summary, op.raw["report"])
        >>> op.apply()
        >>> op.undo()
        """
        said = {**_said(how), "where": where}
        if leads is not None:
            said["leads"] = [str(ref) for ref in leads]
        asked = json.loads(self._body("sales.conversions:LeadsConvert", None, said))
        made: PlannedOperation = Operations(self._transport).create(
            f"{self._name}.convert", asked
        )
        return made

    def assign_plan(
        self,
        where: str | None = None,
        *,
        leads: Iterable[object] | None = None,
        rule: object = None,
    ) -> PlannedOperation:
        """Plan to give leads that have no owner one by the assignment rules: up to 10 000 that fit
        a filter, or that are named; nothing is written yet. The report of the plan says which rule
        gives how many to whom, and why the others stay.

        >>> op = crm.leads.assign_plan("source = web")
        >>> print(op.summary, op.raw["report"]["handed"], op.raw["report"]["stays"])
        >>> op.apply()
        >>> op.undo()
        """
        said: dict[str, Any] = {"where": where}
        if leads is not None:
            said["leads"] = [str(ref) for ref in leads]
        if rule is not None:
            said["rule"] = str(rule)
        asked = json.loads(self._body("sales.lead_assignment:LeadsAssign", None, said))
        made: PlannedOperation = Operations(self._transport).create(
            f"{self._name}.assign", asked
        )
        return made

    def mapping(self) -> M:
        """Show which custom fields of leads become which of what they are converted to.

        >>> (crm.leads.mapping()).contacts
        """
        call = Call("GET", _MAPPING, is_repeatable=True)
        mapping: M = self._ask(call, "sales.lead_mapping:LeadMapping")
        return mapping

    def set_mapping(self, *, dry_run: bool = False, **fields: Mapping[str, str]) -> M:
        """Say which custom fields of leads become which; it replaces what was said before. A
        `dry_run` checks everything and writes nothing.

        >>> crm.leads.set_mapping(contacts={"grade": "tier"}, deals={"worth": "budget"})
        """
        body = self._body("sales.lead_mapping:LeadMappingSet", None, fields)
        mapping: M = self._ask(
            Call("PUT", _MAPPING, body=body, params=tried(dry_run), is_repeatable=True),
            "sales.lead_mapping:LeadMapping",
        )
        return mapping


def _said(how: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with references as texts."""
    return {name: str(one) if isinstance(one, UUID) else one for name, one in how.items()}


class FormCalls(Edited[R, C, U], Generic[R, C, U, A, H]):
    """What can be done with lead forms."""

    def snippet(self, ref: object) -> H:
        """Show a form as HTML: pasted into a page of one of its `allowed_origins` it works without
        a script.

        >>> print((crm.lead_forms.snippet(form.id)).html)
        """
        call = Call("GET", f"{self._at(ref)}/snippet", is_repeatable=True)
        found: H = self._ask(call, "sales.lead_forms:LeadFormSnippet")
        return found

    def submit(self, key: str, **fields: Any) -> A:
        """Send a lead as a web form does, with nothing but the form's key.

        >>> crm.lead_forms.submit(form.key, last_name="Lovelace", email="ada@acme.example")
        """
        body = self._body("sales.lead_forms:LeadFormEntry", None, fields)
        call = Call("POST", f"/v1/forms/{segment(key)}/leads", body=body, is_public=True)
        answer: A = self._ask(call, "sales.lead_forms:LeadFormAnswer")
        return answer


class RawLeadForms(
    PlainCalls,
    FormCalls[Plain, Mapping[str, Any], Mapping[str, Any], Plain, Plain],
    History[Plain, Plain],
):
    """Lead forms as plain dicts."""


class LeadForms(
    TypedCalls,
    FormCalls[
        "LeadForm", "LeadFormCreate", "LeadFormUpdate", "LeadFormAnswer", "LeadFormSnippet"
    ],
    History["TimelineEntry", "RecordDiff"],
):
    """Lead forms: what web sites send leads with."""

    @property
    def raw(self) -> RawLeadForms:
        """The same calls with plain dicts in and out, without importing pydantic."""
        return RawLeadForms(self._transport, self._name, self._schema)


class RawLeads(RawResource, LeadCalls[Plain, Plain]):
    """Leads as plain dicts."""


class Leads(
    Resource["Lead", "LeadCreate", "LeadUpdate"],
    LeadCalls["LeadConversion", "LeadMapping"],
):
    """Leads: people and companies that may become customers."""

    @property
    def raw(self) -> RawLeads:
        """The same calls with plain dicts in and out; imports no pydantic, so it starts faster.

        >>> lead = crm.leads.raw.get("1a2b3c4d")
        >>> lead["full_name"]
        """
        return RawLeads(self._transport, self._name, self._schema)
