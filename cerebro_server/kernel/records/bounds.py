"""Moments in the journal: a time, a version of the record, or a number of the journal."""

from __future__ import annotations

import re
from typing import Final

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


def since(context: Context, text: str | None, *, of_record: bool) -> Sql:
    """Return the condition for changes `c` up to where `since` begins: of none, none."""
    return Sql("false") if text is None else _until(context, text, "since", of_record=of_record)


def until(context: Context, text: str | None, *, of_record: bool) -> Sql:
    """Return the condition for changes `c` up to `until`: of none, all. A day counts whole.

    `of_record` allows versions, which only one record has. Raises `Invalid`.
    """
    return Sql("true") if text is None else _until(context, text, "until", of_record=of_record)


def _until(context: Context, text: str, parameter: str, *, of_record: bool) -> Sql:
    text = text.strip()
    if number := _SEQ.fullmatch(text):
        return Sql("c.seq <= %s", (int(number[1]),))
    if of_record and (number := _VERSION.fullmatch(text)):
        return Sql("c.version <= %s", (int(number[1]),))
    try:
        # in quotes, since a time may be written with a blank, as tables show it
        node = parse(f'at = "{text}"' if _CLOCK.fullmatch(text) else f"at = {text}")
        if isinstance(node, Comparison) and node.field == "at" and node.op == "=":
            moment = convert(node.value, _AT, context.env)
            if isinstance(moment, Day):  # a day begins with its first moment, and ends with it
                return Sql("c.at < %s", (moment.start if parameter == "since" else moment.end,))
            return Sql("c.at <= %s", (moment,))
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
