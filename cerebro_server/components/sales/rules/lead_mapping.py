"""Whether a custom field of leads can become one of what leads are converted to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.errors import closest
from cerebro_server.kernel.fields import Definition

_WRITTEN_OUT: Final = ("text", "long_text", "email", "url", "phone", "domain", "barcode")
"""Types whose values are texts that any text field takes."""


def wrong(
    context: Context, noun: str, target_field: str, lead_field: str
) -> Iterator[tuple[str, str]]:
    """Yield what speaks against a mapping: (code, what is wrong)."""
    from_lead, to_target = defined(context, "leads"), defined(context, noun)
    ends = (("leads", from_lead, lead_field), (noun, to_target, target_field))
    for of, known, key in ends:
        if key not in known:
            meant = closest(key, known)
            hint = f" Did you mean {meant}?" if meant else ""
            yield "unknown_field", f"{of} have no custom field {key}.{hint}"
    if lead_field in from_lead and target_field in to_target:
        said = _misfit(from_lead[lead_field], to_target[target_field])
        if said is not None:
            yield "type_mismatch", said


def defined(context: Context, noun: str) -> Mapping[str, Definition]:
    """Return the workspace's own fields of a noun by key."""
    record_type = context.catalog.get(noun)
    custom = context.whole(record_type).custom if record_type is not None else ()
    return {each.key: each for each in custom}


def _misfit(one: Definition, other: Definition) -> str | None:
    """Return why a value of one field is not always one of the other; None where it is."""
    if one.type == other.type:
        lacking = [key for key, _ in one.options if key not in dict(other.options)]
        if lacking:
            return f"{other.key} has no options {', '.join(lacking)}, which {one.key} has."
        return None
    is_text = one.type in _WRITTEN_OUT
    if other.type == "long_text" and is_text:
        return None
    if other.type == "text" and is_text and one.type != "long_text":
        return None
    return f"{one.key} is {one.type} and {other.key} is {other.type}: values would not fit."
