"""What reads a custom field's JSON in SQL: functions that answer null where a value does not fit.

Each is immutable, so that indexes can be built on it, and qualified inside, so that they can be
restored. Casts stand behind a pattern, since PostgreSQL 14 has no cast that does not raise.
"""

from __future__ import annotations

_DAY = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?"
_YEAR, _MONTH, _DATE = (
    f"pg_catalog.substr(value, {start}, {length})::pg_catalog.int4"
    for start, length in ((1, 4), (6, 2), (9, 2))
)
_IS_DAY = (
    f"pg_catalog.substr(value, 1, 4) > '0000' and {_DATE} <= case "
    f"when {_MONTH} in (4, 6, 9, 11) then 30 when {_MONTH} <> 2 then 31 "
    f"when {_YEAR} % 4 = 0 and ({_YEAR} % 100 <> 0 or {_YEAR} % 400 = 0) then 29 else 28 end"
)
_MADE = f"{_YEAR}, {_MONTH}, {_DATE}"
_TIME = (
    f"pg_catalog.make_timestamp({_MADE}, pg_catalog.substr(value, 12, 2)::pg_catalog.int4, "
    "pg_catalog.substr(value, 15, 2)::pg_catalog.int4, pg_catalog.rtrim(pg_catalog.substr("
    "value, 18), 'Z')::pg_catalog.float8) at time zone 'UTC'"
)
_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_BODIES = {
    "as_number": (
        "numeric",
        "case when value ~ '^[+-]?[0-9]{1,60}([.][0-9]{1,60})?$' "
        "then value::pg_catalog.numeric end",
    ),
    # one case inside the other: the outer pattern guards the casts of the inner condition
    "as_date": (
        "date",
        f"case when value ~ '^{_DAY}$' then case when {_IS_DAY} "
        f"then pg_catalog.make_date({_MADE}) end end",
    ),
    "as_time": (
        "timestamptz",
        f"case when value ~ '^{_DAY}T{_CLOCK}Z$' then case when {_IS_DAY} then {_TIME} end end",
    ),
    "as_uuid": ("uuid", f"case when value ~ '^{_UUID}$' then value::pg_catalog.uuid end"),
    "as_boolean": ("boolean", "case value when 'true' then true when 'false' then false end"),
}
_WORDS = """
create or replace function as_words(value jsonb, part text) returns text[]
language sql immutable parallel safe as $words$
select case when pg_catalog.jsonb_typeof(value) = 'array' then array(
    select case when part = '' then w.one #>> '{}' else w.one ->> part end
    from pg_catalog.jsonb_array_elements(value) with ordinality as w(one, place)
    order by w.place) end
$words$"""


def accessors_sql() -> list[str]:
    """Return the statements that make the functions in the first schema of the search path."""
    plain = [
        f"create or replace function {name}(value text) returns {returns} language sql "
        f"immutable strict parallel safe as $accessor$select {body}$accessor$"
        for name, (returns, body) in _BODIES.items()
    ]
    return [*plain, _WORDS]


ACCESSORS = (*(f"{name}(text)" for name in _BODIES), "as_words(jsonb, text)")
"""The functions by signature."""
