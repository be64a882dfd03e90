"""`key=value` arguments and JSON lines, read into payloads.

Values are sent with the type that the field has. `key=` empties a field. `external_ids.crm=42`
sets one key of a map, `external_ids.crm=` removes it. `roles=agent,manager` is a list, and so are
`emails=a@x.org,b@x.org` and `phones=["+49 30 1234567"]`. `owner` is short for `owner_id`, `parent`
for `parent_id`. What is no field may be one of the workspace's own: it travels in `custom`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from cerebro_cli import exits, facts

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


def payload(pairs: Sequence[str], noun: facts.Noun) -> dict[str, Any]:
    """Read `key=value` arguments; keys of maps come back as `{"external_ids": {"crm": "42"}}`."""
    found: dict[str, Any] = {}
    for pair in pairs:
        if any("\ud800" <= character <= "\udfff" for character in pair):
            raise exits.usage(f"{pair!r} is not valid UTF-8.", hint="Check the terminal's locale.")
        name, equals, text = pair.partition("=")
        if not equals:
            raise exits.usage(f"{pair!r} is not key=value.", hint=_how(noun))
        root, _, key = name.strip().partition(".")
        if not key and is_custom(root, noun):
            _set_key(found, noun.fields["custom"], root, text)
            continue
        field = writable(root, noun)
        if key:
            _set_key(found, field, key, text)
        elif field.name in found:
            raise exits.usage(f"{field.name} is given twice.")
        else:
            found[field.name] = value(text, field)
    return found


def has_map_keys(pairs: Sequence[str]) -> bool:
    """Whether any argument sets one key of a map, so that the others must be kept."""
    names = (pair.partition("=")[0].strip() for pair in pairs)
    return any("." in name and not name.startswith("custom.") for name in names)


def is_custom(name: str, noun: facts.Noun) -> bool:
    """Whether a name may be a field of the workspace's own; the server knows which there are."""
    known = name in noun.fields or f"{name}_id" in noun.fields
    return noun.takes_custom and not known and bool(re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name))


def writable(name: str, noun: facts.Noun) -> facts.Field:
    """Return the field of that name; an unknown one, or one that the server keeps, is refused."""
    field = noun.fields.get(name) or noun.fields.get(f"{name}_id")
    if field is not None and field.writable:
        return field
    names = [each.name for each in noun.writable]
    if field is not None:
        raise exits.usage(f"{name} is kept by the server and cannot be set.", hint=_how(noun))
    near = facts.nearest(name, names)
    meant = f" Did you mean {near}?" if near else ""
    raise exits.usage(f"{noun.name} have no field {name!r}.{meant}", hint=_how(noun))


def value(text: str, field: facts.Field) -> Any:
    """Return the value that a field of this kind is sent; empty text is null."""
    if field.kind in ("map", "parts"):
        return _map(text, field) if field.kind == "map" else _parts(text, field)
    if field.kind == "keys":
        return [part.strip() for part in text.split(",") if part.strip()]
    if text == "":
        return None
    if field.kind == "integer":
        if not re.fullmatch(r"\s*[+-]?[0-9]{1,30}\s*", text):
            raise exits.usage(f"{field.name} takes a whole number, not {text!r}.")
        return int(text)
    if field.kind == "boolean":
        lowered = text.strip().lower()
        if lowered not in _TRUE | _FALSE:
            raise exits.usage(f"{field.name} takes true or false, not {text!r}.")
        return lowered in _TRUE
    return text  # numbers with decimals, times and ids travel as text, and the server reads them


def json_lines(noun: facts.Noun) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line number and payload for each record on stdin: JSON lines, or one JSON array.

    What the server keeps by itself (id, version, times) is left out, so that `list --jsonl` of one
    workspace feeds `create -` of another.
    """
    kept = {field.name for field in noun.fields.values() if not field.writable}
    for number, record in _objects():
        yield number, {name: held for name, held in record.items() if name not in kept}


def stdin_words() -> list[str]:
    """Return the words on stdin, one a line: references from `list --ids`."""
    return [line.strip() for _, line in stdin_lines() if line.strip()]


def _objects() -> Iterator[tuple[int, dict[str, Any]]]:
    lines = stdin_lines()
    for number, line in lines:
        if not line.strip():
            continue
        if line.lstrip().startswith("["):
            text = "".join([line, *(rest for _, rest in lines)])
            yield from ((number, _object(item, number)) for item in _json(text, number))
            return
        yield number, _object(_json(line.rstrip(), number), number)


def stdin_lines() -> Iterator[tuple[int, str]]:
    """Yield number and text of each line on stdin, with its end; what is not UTF-8 is refused."""
    source = getattr(sys.stdin, "buffer", None)
    if source is None:  # a test's own stream
        yield from enumerate(sys.stdin, start=1)
        return
    for number, raw in enumerate(source, start=1):
        try:
            yield number, raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            place = f"stdin, line {number}, byte {error.start + 1}"
            raise exits.usage(f"{place}: this is not UTF-8.") from None


def _json(text: str, number: int) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line, column = number + error.lineno - 1, error.colno
        raise exits.usage(f"stdin, line {line}, column {column}: {error.msg}.") from None
    except RecursionError:
        raise exits.usage(f"stdin, line {number}: the JSON is nested too deeply.") from None


def _object(item: Any, number: int) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise exits.usage(
            f"stdin, line {number}: a record is a JSON object, such as {{}}.".replace(
                "{}", '{"name": "Acme"}'
            )
        )
    return item


def _set_key(found: dict[str, Any], field: facts.Field, key: str, text: str) -> None:
    if field.kind != "map":
        raise exits.usage(f"{field.name} has no parts; write {field.name}=VALUE.")
    keys = found.setdefault(field.name, {})
    if key in keys:
        raise exits.usage(f"{field.name}.{key} is given twice.")
    keys[key] = text or None


def _parts(text: str, field: facts.Field) -> list[Any]:
    if not text.lstrip().startswith(("[", "{")):
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        found = json.loads(text)
    except ValueError as error:
        raise exits.usage(
            f"{field.name}: this begins as JSON and is none ({error}); {field.name}=A,B sets a "
            f"list, {field.name}+=VALUE adds one, {field.name}-=VALUE takes one out."
        ) from None
    return found if isinstance(found, list) else [found]


def _map(text: str, field: facts.Field) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise exits.usage(
            f"{field.name} takes {field.name}.KEY=VALUE, or a JSON object, not {text!r}."
        )
    return found


def _how(noun: facts.Noun) -> str:
    return f"Fields: {', '.join(field.name for field in noun.writable)}"
