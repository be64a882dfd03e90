"""Moments in the journal: a time, a version of the record, or a number of the journal."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, NamedTuple

from cerebro_sdk.schemas.kinds import Kind
from cerebro_sdk.schemas.query import Comparison
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Invalid, Problem
from cerebro_server.kernel.fields import Field
from cerebro_server.kernel.query import parse
from cerebro_server.kernel.query.moments import Day
from cerebro_server.kernel.query.values import convert

_AT: Final = Field(
    name="at",
    kind=Kind.DATETIME,
    label="At",
    description="When.",
    sql_type="timestamptz",
    nullable=False,
    required=False,
    writable=False,
)
_SEQ = re.compile(r"seq:([0-9]{1,18})")
_VERSION = re.compile(r"v?([0-9]{1,9})")
_CLOCK = re.compile(r"[0-9]{4}-[0-9T:+. -]*Z?", re.IGNORECASE)


class Bound(NamedTuple):
    """Up to where changes count."""

    sign: str
    value: int | datetime
    begins: datetime | None = None
    """Of a day, its first moment."""

    @property
    def condition(self) -> Sql:
        """The condition for changes `c` that count."""
        return Sql(self.sign, (self.value,))


def since(context: Context, text: str | None, *, of_record: bool) -> Sql:
    """Return the condition for changes `c` up to where `since` begins: of none, none."""
    return Sql("false") if text is None else _until(context, text, "since", of_record=of_record)


def until(context: Context, text: str | None, *, of_record: bool) -> Sql:
    """Return the condition for changes `c` up to `until`: of none, all. A day counts whole.

    `of_record` allows versions, which only one record has. Raises `Invalid`.
    """
    return Sql("true") if text is None else _until(context, text, "until", of_record=of_record)


def bound(context: Context, text: str, parameter: str) -> Bound:
    """Return up to where a moment reaches that is no record's own: a day counts whole.

    Raises `Invalid`.
    """
    return _bound(context, text, parameter, of_record=False)


def _until(context: Context, text: str, parameter: str, *, of_record: bool) -> Sql:
    found = _bound(context, text, parameter, of_record=of_record)
    if parameter == "since" and found.begins is not None:  # a day begins with its first moment
        return Sql("c.at < %s", (found.begins,))
    return found.condition


def _bound(context: Context, text: str, parameter: str, *, of_record: bool) -> Bound:
    text = text.strip()
    if number := _SEQ.fullmatch(text):
        return Bound("c.seq <= %s", int(number[1]))
    if of_record and (number := _VERSION.fullmatch(text)):
        return Bound("c.version <= %s", int(number[1]))
    try:
        # in quotes, since a time may be written with a blank, as tables show it
        node = parse(f'at = "{text}"' if _CLOCK.fullmatch(text) else f"at = {text}")
        if isinstance(node, Comparison) and node.field == "at" and node.op == "=":
            moment = convert(node.value, _AT, context.env)
            if isinstance(moment, Day):
                return Bound("c.at < %s", moment.end, moment.start)
            return Bound("c.at <= %s", moment)
    except Problem as error:
        raise _refused(text, parameter, error.detail, of_record=of_record) from None
    raise _refused(text, parameter, "", of_record=of_record)


def _refused(text: str, parameter: str, why: str, *, of_record: bool) -> Invalid:
    version = "the record's version 3, " if of_record else ""
    detail = (
        f"{text[:60]!r} is no moment: write 2026-01-31, 2026-01-31T09:30Z, now - 30d, {version}"
        "or seq:812."
    )
    said = f"{detail} {why}".strip() if "zone" in why else detail
    return Invalid(said, errors=[{"parameter": parameter, "code": "moment", "detail": said}])
