"""Which columns an export has: fields, external ids by source, custom fields, related records'."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import Invalid, closest
from cerebro_server.kernel.fields import RecordType, Relation
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.fields.field import Field
from cerebro_server.kernel.records.exporting.cells import SOURCE, Format, cell, key_of_custom
from cerebro_server.kernel.records.exporting.vcards import ALWAYS

_DEPTH = 3
_NUMERIC = re.compile(r"numeric\(\d+, (\d+)\)")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file."""

    name: str
    sql: str
    """Its value, of the row `t`."""
    params: tuple[object, ...] = ()
    kind: Kind = Kind.TEXT
    decimals: int | None = 2
    """How many decimals a number has; None where that is not known."""
    is_text: bool = False
    """Whether its values are no single ones of its kind: masked, or an amount with its currency."""


def asked_columns(
    context: Context, record_type: RecordType, asked: str | None, form: Format
) -> list[Column]:
    """Return the columns that were asked for; all fields if none. `record_type` is as the caller
    sees it. Raises `Invalid` for one that there is not."""
    names = dict.fromkeys(name.strip() for name in (asked or "").split(",") if name.strip())
    if form == "vcard":
        return _of_cards(context, record_type, names)
    if names:
        return [_column(context, record_type, name, name, form, _DEPTH) for name in names]
    # a file of cells has a column for each custom field, a file of objects has them together
    custom = [_named(record_type, key) for key in record_type.defined]
    spread = {COLUMN: custom} if form != "jsonl" else {}
    every = [part for name in record_type.columns for part in spread.get(name, [name])]
    return [own_column(record_type, name, form) for name in every]


def of_card(record_type: RecordType) -> dict[str, str]:
    """Return `{column of a card: field}`, as an import of cards reads them."""
    preset = record_type.presets.get("vcard")
    if preset is None:
        said = f"{record_type.name} cannot be written as vCards; export CSV, JSON lines or XLSX."
        raise Invalid(
            said, errors=[{"parameter": "format", "code": "no_vcards", "detail": "No people."}]
        )
    once: dict[str, str] = {}
    for column, field in preset.columns.items():
        if not field.endswith("+"):
            once.setdefault(field, column)
    return {column: field for field, column in once.items()}


def _of_cards(context: Context, record_type: RecordType, asked: Iterable[str]) -> list[Column]:
    """Return what cards have a place for and the caller may see unmasked."""
    known = [name for name in of_card(record_type).values() if name not in ALWAYS]
    for name in asked:
        _column(context, record_type, name, name, "vcard", _DEPTH)
        if name not in known and name not in ALWAYS:
            raise Invalid(
                f"A vCard has no place for {name!r}; it has {', '.join(known)}.",
                errors=[{"parameter": "columns", "code": "no_place", "detail": repr(name)}],
            )
    return [
        _column(context, record_type, name, name, "vcard", _DEPTH)
        for name in dict.fromkeys((*ALWAYS, *(asked or known)))
        if _is_plain(context, record_type, name)
    ]


def _is_plain(context: Context, record_type: RecordType, name: str) -> bool:
    """Tell whether the caller sees a column, and as it is: a masked number would be no number."""
    first, dot, rest = name.partition(".")
    if first in record_type.columns:
        return first not in record_type.masked
    if not dot or first not in context.subject(record_type).related:
        return False
    there = context.seen(context.catalog[record_type.relations[first].noun])
    return rest in there.columns and rest not in there.masked


def own_column(record_type: RecordType, name: str, form: Format) -> Column:
    """Return a column of the record itself."""
    key = key_of_custom(record_type, name)
    field = record_type.fields.get(key if key is not None else name)
    defined = record_type.defined.get(key) if key is not None else None
    return Column(
        name,
        cell(record_type, name, form),
        kind=field.kind if field else Kind.TEXT,
        decimals=None if defined is not None else _decimals(field),
        is_text=bool(field and field.masked)
        or (defined is not None and defined.type == "currency"),
    )


def related_value(context: Context, record_type: RecordType, path: str, *, parameter: str) -> Sql:
    """Return the value of a field of a record that a row `t` names, `company.industry`: empty where
    the caller may not read that record. `record_type` is as the caller sees it. Raises `Invalid`,
    about the parameter of a request."""
    try:
        found = _column(context, record_type, path, path, "csv", _DEPTH)
    except Invalid as wrong:
        wrong.errors = [{**each, "parameter": parameter} for each in wrong.errors or ()]
        raise
    return Sql(found.sql, found.params)


def _decimals(field: Field | None) -> int:
    found = _NUMERIC.fullmatch(field.sql_type) if field is not None else None
    return int(found[1]) if found else 2


def spread(
    record_type: RecordType, columns: Sequence[Column], sources: Sequence[str], form: Format
) -> list[Column]:
    """Give each source of external ids a column of its own, as the import reads them."""
    names = [f"external_ids.{source}" for source in sources] or ["external_ids"]
    ids = [own_column(record_type, name, form) for name in names]
    listed = [p for column in columns for p in (ids if column.name == "external_ids" else [column])]
    return list({column.name: column for column in listed}.values())


def _column(  # noqa: PLR0917 - it calls itself along the path
    context: Context, record_type: RecordType, name: str, path: str, form: Format, depth: int
) -> Column:
    of_source = SOURCE.fullmatch(path) and "external_ids" in record_type.fields
    if path in record_type.columns or of_source or key_of_custom(record_type, path) is not None:
        found = own_column(record_type, path, form)
        return replace(found, name=name)
    first, dot, rest = path.partition(".")
    # what the caller may follow in filters, they may follow here
    if dot and depth and first in context.subject(record_type).related:
        relation = record_type.relations.get(first)
        if relation is not None:
            if relation.via is None and relation.there != "id":
                raise _many(first, name)
            target = context.seen(context.catalog[relation.noun])
            inner = _column(context, target, name, rest, form, depth - 1)
            return _related(context, relation, target, inner)
    raise _unknown(context, record_type, name, path)


def _related(context: Context, relation: Relation, target: RecordType, inner: Column) -> Column:
    """Return a column of the record at the end of a relation: empty where there is none that the
    caller may read; of a link's several, the first."""
    table = ident(target.table_name)
    params = [*inner.params]
    if relation.via is None:
        source = f"{table} as t where t.id = o.key"
        order = ""
    else:
        via = relation.via
        link = context.catalog[via.noun]
        only = f" and l.{ident(via.only)}" if via.only else ""
        source = (
            f"{ident(link.table_name)} as l join {table} as t on t.id = l.{ident(via.there)} "
            f'where l.{ident(via.here)} = o.key and l."deleted_at" is null{only}'
        )
        if (seen := context.condition(link, "read")) is not None:
            # the inner `t` is the link, as its rules know it
            source += f" and l.id in (select t.id from {ident(link.table_name)} as t where "
            source += f"{seen.text})"
            params += seen.params
        order = " order by l.id"
    source += ' and t."deleted_at" is null'
    if (limit := context.condition(target, "read")) is not None:
        source += f" and {limit.text}"
        params += limit.params
    here = relation.here if relation.via is None else "id"
    # the related row is `t` again, so that its columns and rules read the same at every depth
    sql = (
        f"(select (select {inner.sql} from {source}{order} limit 1) "
        f"from (select t.{ident(here)} as key) as o)"
    )
    return replace(inner, sql=sql, params=tuple(params))


def _many(relation: str, name: str) -> Invalid:
    said = f"{name!r} leads to many records; export {relation} by themselves."
    return Invalid(
        said, errors=[{"parameter": "columns", "code": "many_records", "detail": repr(name)}]
    )


def _unknown(context: Context, record_type: RecordType, name: str, path: str) -> Invalid:
    related = [each for each in context.subject(record_type).related if "." in path]
    meant = closest(path, [*record_type.columns, *record_type.defined])
    if meant is None and related and (near := closest(path.partition(".")[0], related)):
        meant = f"{near}.{path.partition('.')[2]}"
    hint = f"; did you mean {meant}?" if meant else "."
    return Invalid(
        f"{record_type.name} have no field {path!r}{hint}",
        errors=[{"parameter": "columns", "code": "unknown_field", "detail": repr(name)}],
        suggestion=meant,
    )


def _named(record_type: RecordType, key: str) -> str:
    return f"{COLUMN}.{key}" if key in record_type.columns else key
