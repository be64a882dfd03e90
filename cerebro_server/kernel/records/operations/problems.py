"""What is amiss with a row, with what the caller may see of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.fields.custom import COLUMN

_UNSEEN = "It is about a field that you may not see."
_REFUSED = "The database refused the row."
_ROOT = re.compile(r"[^.[+]*")


def shown(record_type: RecordType, problem: Mapping[str, Any], *, is_own: bool) -> dict[str, Any]:
    """Return a problem, without values of fields that the caller does not see: the record type has
    those that they see. What a file or the database says is for whoever planned the row alone."""
    said = dict(problem)
    if isinstance(said.get("fields"), Mapping):
        said["fields"] = {
            path: pair for path, pair in said["fields"].items() if _shows(record_type, path)
        }
    if "kind" in said and not _shows_key(record_type, said["kind"]):
        said = _without(said, "kind", "value")
    if is_own:
        return said
    if "said" in said:
        said = {**_without(said, "said"), "message": _REFUSED}
    if "field" in said:
        said.pop("value", None)
        if said["field"] and not _shows(record_type, said["field"]):
            said = _without(said, "field", "column")
    if "also" in said:
        said["also"] = [shown(record_type, each, is_own=False) for each in said["also"]]
    return said


def _without(said: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {k: v for k, v in said.items() if k not in names} | {"message": _UNSEEN}


def _shows(record_type: RecordType, path: str) -> bool:
    """Whether the caller sees what a path names: `emails.0.address`, `phones[2:mobile]`,
    `custom.tier`."""
    path = path.replace("/", ".")
    root, _, key = path.partition(".")
    if root == COLUMN:
        return key in record_type.defined and key not in record_type.masked
    found = _ROOT.match(path)
    return found is not None and record_type.shows(found[0])


def _shows_key(record_type: RecordType, kind: str) -> bool:
    """Whether the caller sees the field that keys of a kind are from; a kind that is none of the
    noun's own is the source of an external id."""
    names = [name for name, key in record_type.part_keys.items() if key.kind == kind]
    names += [kind] if kind in record_type.noun.keys else []
    return all(record_type.shows(name) for name in names or ["external_ids"])
