"""The two streams: data on stdout, everything else on stderr.

On a terminal a list is a table, cut to its width. On a pipe it is one line per record, columns
separated by tabs, under a line of column names, nothing cut. `--json`, `--jsonl`, `--csv` and
`--ids` are the same on both.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from cerebro_cli.exits import ReaderGone
from cerebro_sdk.display import visible

_GAP = 2  # blanks between columns of a table
_NARROWEST = 8  # what a column is cut down to at most: the short form of an id


class Format(StrEnum):
    """How records are written."""

    TABLE = "table"
    TABS = "tabs"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    IDS = "ids"
    COUNT = "count"


def prepare() -> None:
    """Make both streams take any character: UTF-8 on a pipe, the locale's on a terminal."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is None:  # a test's own stream
            continue
        if stream.isatty():
            reconfigure(errors="backslashreplace")
        else:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def to_terminal() -> bool:
    """Whether a person reads stdout."""
    return sys.stdout.isatty()


def can_ask() -> bool:
    """Whether there is somebody to answer a question."""
    return sys.stdin is not None and sys.stdin.isatty()


def readable(text: str) -> str:
    """Return a line for people on stdout: nothing hidden, no signs that it cannot show."""
    return _plain(visible(text), sys.stdout.encoding)


def write(text: str) -> None:
    """Write data to stdout."""
    try:
        sys.stdout.write(text)
    except BrokenPipeError:
        raise ReaderGone from None


def note(text: str) -> None:
    """Tell people something on stderr; hidden characters in it are spelled out."""
    plain = _plain(visible(text, keep="\n"), sys.stderr.encoding)
    sys.stderr.write(f"{plain}\n")
    sys.stderr.flush()


def flush() -> None:
    """Flush stdout; when nobody reads it any more, keep Python from complaining at its end."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise ReaderGone from None


def discard() -> None:
    """Send what is still in stdout's buffer nowhere."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        pass  # not a real stream: nothing will complain


def dump_json(value: Any, *, indent: int | None = None) -> str:
    """Return JSON that is also safe to read on a terminal."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    if text.isprintable():
        return text
    # What a terminal may obey or hide is written as JSON escapes: the same data to a program.
    return "".join(c if c == "\n" or c.isprintable() else json.dumps(c)[1:-1] for c in text)


def write_json(value: Any) -> None:
    """Write one value as JSON, indented for reading."""
    write(dump_json(value, indent=2) + "\n")


def write_table(
    headers: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[str] = ()
) -> None:
    """Write rows as a table on a terminal, as tab-separated lines on a pipe.

    `right` names the headers of columns that are flush right, such as numbers.
    """
    if to_terminal():
        _draw(headers, rows, right=frozenset(right))
        return
    write_tabs(headers)
    for row in rows:
        write_tabs(row)


def write_tabs(cells: Iterable[str]) -> None:
    """Write one line of tab-separated cells; tabs and line ends inside cells are spelled out."""
    write("\t".join(visible(cell) for cell in cells) + "\n")


def write_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    """Write names and values of one thing, one below the other."""
    if not to_terminal():
        for pair in pairs:
            write_tabs(pair)
        return
    listed = [(visible(name), visible(value, keep="\n")) for name, value in pairs]
    wide = max((len(name) for name, _ in listed), default=0)
    for name, value in listed:
        margin = "\n" + " " * (wide + 2)
        write(f"{name.ljust(wide)}  {value.replace(chr(10), margin)}\n")


def _draw(headers: Sequence[str], rows: Iterable[Sequence[str]], *, right: frozenset[str]) -> None:
    # 80 ms, and only where a person looks on
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    shown = [[visible(cell, keep="\n") for cell in row] for row in rows]
    columns = [[visible(header), *(row[n] for row in shown)] for n, header in enumerate(headers)]
    wanted = [
        max(cell_len(line) for cell in column for line in cell.split("\n")) for column in columns
    ]
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, _GAP, 0, 0))
    for header, width in zip(headers, _fitted(wanted, console.width), strict=True):
        table.add_column(
            Text(visible(header)),
            justify="right" if header in right else "left",
            no_wrap=True,
            overflow="ellipsis",
            width=width,
        )
    for row in shown:
        table.add_row(*(Text(cell) for cell in row))
    try:
        console.print(table, crop=True)
    except BrokenPipeError:
        raise ReaderGone from None


def _fitted(wanted: Sequence[int], room: int) -> list[int]:
    """Cut the widest columns first, so that ids and dates stay whole as long as they can."""
    cap = max(wanted, default=0)
    while cap > _NARROWEST and sum(min(w, cap) + _GAP for w in wanted) - _GAP > room:
        cap -= 1
    return [min(w, cap) for w in wanted]


def _plain(text: str, encoding: str | None) -> str:
    if (encoding or "utf-8").lower().startswith("utf"):
        return text
    return text.replace("→", "->").replace("…", "...")
