"""The OpenAPI document of one workspace: its own fields as typed properties of `custom`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cerebro_server.kernel.fields import Definition, RecordType
from cerebro_server.kernel.fields.custom import COLUMN

_REF = "#/components/schemas/{model}"


def customized(document: Mapping[str, Any], seen: Iterable[RecordType]) -> dict[str, Any]:
    """Return the document with the custom fields of record types as a caller sees them."""
    schemas = dict(document["components"]["schemas"])
    for record_type in seen:
        if record_type.takes_custom:
            _customize(schemas, record_type)
    components = {**document["components"], "schemas": dict(sorted(schemas.items()))}
    return {**document, "components": components}


def _customize(schemas: dict[str, Any], record_type: RecordType) -> None:
    defined = record_type.defined.values()
    writable = [each for each in defined if record_type.is_writable(each.key)]
    of_record = {each.key: _nullable(_schema(each, schemas, reply=True)) for each in defined}
    given = {each.key: _schema(each, schemas, reply=False) for each in writable}
    needed = [each.key for each in writable if each.is_required]
    birth = [key for key in needed if record_type.defined[key].default is None]
    every = {key: found if key in needed else _nullable(found) for key, found in given.items()}
    _put(schemas, record_type.wire, {"properties": of_record, "required": list(of_record)})
    strict = {"additionalProperties": False, "properties": every}
    _put(schemas, record_type.create, strict | ({"required": birth} if birth else {}), needed=birth)
    _put(schemas, record_type.update, strict)


def _put(
    schemas: dict[str, Any], model: type[Any] | None, custom: dict[str, Any], needed: Any = ()
) -> None:
    """Write what `custom` holds into a schema, without touching the one that all share."""
    if model is None or COLUMN not in schemas[model.__name__]["properties"]:
        return
    schema = schemas[model.__name__]
    plain = schema["properties"][COLUMN]
    kept = {name: plain[name] for name in ("title", "description", "type") if name in plain}
    properties = {**schema["properties"], COLUMN: kept | custom}
    required = [*schema.get("required", ()), *([COLUMN] if needed else ())]
    schemas[model.__name__] = {**schema, "properties": properties} | (
        {"required": list(dict.fromkeys(required))} if required else {}
    )


def _schema(definition: Definition, schemas: dict[str, Any], *, reply: bool) -> dict[str, Any]:
    """Return the JSON schema of a value; schemas of its parts join the document's."""
    mode: Any = "serialization" if reply else "validation"
    found = definition.adapter.json_schema(mode=mode, ref_template=_REF)
    schemas |= {name: part for name, part in found.pop("$defs", {}).items() if name not in schemas}
    described = {"description": definition.description} if definition.description else {}
    return {**found, "title": definition.label, **described}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = {
        name: schema[name] for name in ("title", "description", "x-kind") if name in schema
    }
    inner = {name: value for name, value in schema.items() if name not in about}
    return {**about, "anyOf": [inner, {"type": "null"}]}
