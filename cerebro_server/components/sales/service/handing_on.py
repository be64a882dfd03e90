"""What a lead hands on to what it becomes: fields by name, custom fields as they are mapped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from cerebro_server.components.sales.rules import lead_mapping as rules
from cerebro_server.components.sales.service.mapping import Mapped
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.errors import ValidationFailed
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.fields.domain import domain_of

Values = dict[str, Any]
_CONTACT: Final = (
    *("first_name", "last_name", "emails", "phones", "addresses", "job_title"),
    *("source", "description", "tags"),
)
_COMPANY: Final = {
    "company_name": "name",
    "website": "website",
    "industry": "industry",
    "addresses": "addresses",
    "tags": "tags",
}

_DEAL: Final = (
    *("amount", "currency", "source", "utm_source", "utm_medium", "utm_campaign"),
    *("description", "tags", "territory_id"),
)


def contact(lead: Mapping[str, Any]) -> Values:
    """Return what a lead says of a contact; who has no last name is called by what there is."""
    found = _filled({name: lead.get(name) for name in _CONTACT})
    if "last_name" not in found:
        first = found.pop("first_name", None)
        last = first or (lead.get("email") or "").partition("@")[0]
        found |= {"last_name": last} if last else {}
    return found


def company(lead: Mapping[str, Any]) -> Values:
    """Return what a lead says of a company."""
    return _filled({there: lead.get(here) for here, there in _COMPANY.items()})


def deal(lead: Mapping[str, Any], company: UUID | None) -> Values:
    """Return what a lead says of a deal."""
    found = _filled({name: lead.get(name) for name in _DEAL})
    name = lead.get("company_name") or lead.get("full_name")
    return found | _filled({"name": name, "company_id": str(company) if company else None})


def custom(
    context: Context, mapped: list[Mapped], noun: str, lead: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the custom values that a lead hands on to a record of a noun.

    Raises `ValidationFailed` where a mapping leads nowhere any more, so that no value is lost.
    """
    held = lead.get("custom") or {}
    found = {}
    for each in mapped:
        if each.record_type != noun or held.get(each.lead_field) in (None, "", []):
            continue
        for _, said in rules.wrong(context, *each):
            path = f"{noun}.{each.target_field}"
            raise ValidationFailed(
                f"The lead mapping to {path} fits no longer: {said} Change it first.",
                errors=[{"pointer": "", "code": "mapping_broken", "detail": f"{path}: {said}"}],
            )
        found[each.target_field] = held[each.lead_field]
    return found


def compared(noun: str, offered: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a new record as duplicates are looked for."""
    row = dict(offered)
    if noun == "companies" and not row.get("domain"):
        row["domain"] = domain_of(row.get("website"))
    if noun == "contacts" and row.get("email") and not row.get("emails"):
        row["emails"] = [{"address": row["email"]}]
    return row


def missing(
    shown: RecordType, held: Mapping[str, Any], offered: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is offered for fields that are empty in a record, as far as the caller sees and
    may write them."""
    able = {name for name in shown.writable if shown.shows(name)}
    found = {
        name: value
        for name, value in offered.items()
        if name in able and name != "custom" and held.get(name) in (None, "", [])
    }
    if "amount" in found and "currency" in able and offered.get("currency"):
        found["currency"] = offered["currency"]  # of no amount, a currency says nothing
    own = held.get("custom") or {}
    empty = {
        key: value
        for key, value in (offered.get("custom") or {}).items()
        if key in shown.defined and shown.is_writable(key) and own.get(key) in (None, "", [])
    }
    return found | ({"custom": empty} if empty else {})


def beside(
    record_type: RecordType, values: dict[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return given values, and take away the lists that short forms among them speak of."""
    for short in given:
        primary = record_type.primaries.get(short)
        if primary is not None and primary.field not in given:
            values.pop(primary.field, None)
    custom = {**values.get("custom", {}), **(given.get("custom") or {})}
    return {**given, **({"custom": custom} if custom else {})}


def _filled(values: Mapping[str, Any]) -> Values:
    return {name: value for name, value in values.items() if value not in (None, "", [])}
