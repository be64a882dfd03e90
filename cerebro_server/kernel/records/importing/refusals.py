"""The refused rows of a file as a file of the same shape, to be mended and imported again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cerebro_server.kernel.records.importing.delimited import defused
from cerebro_server.kernel.records.importing.table import ERROR_COLUMN, Row, Table, text_of


def errors_file(
    table: Table, refusals: Mapping[int, Sequence[str]], rows: Iterable[Row] | None = None
) -> bytes:
    """Return the rows that were refused, with a last column `_error` that says why.

    `refusals` is `{line of the row: what is wrong}`; `rows` are the table's own if left out. CSV
    keeps its delimiter, JSON lines stay JSON lines, vCards are copied with the reason as a property
    of their own, a workbook becomes CSV; all in UTF-8, with the byte-order mark that spreadsheets
    want where the file had one. An import takes no notice of the column.
    """
    if table.copied is not None:
        return "".join(table.copied(refusals)).lstrip().encode()
    wrong = (row for row in rows or table.rows() if row.line in refusals)
    if table.format == "jsonl":
        return _objects(table, refusals, wrong)
    header = [name for name in table.header if name != ERROR_COLUMN]
    target = io.StringIO()
    writer = csv.writer(target, delimiter=table.delimiter or ",", lineterminator="\n")
    writer.writerow([*header, ERROR_COLUMN])
    for row in wrong:
        cells = [defused(text_of(cell)) for cell in _kept(table, row)]
        said = defused("; ".join(refusals[row.line]))
        writer.writerow([*cells, *[""] * (len(header) - len(cells)), said])
    text = target.getvalue()
    return text.encode("utf-8-sig" if table.encoding.mark else "utf-8")


def _kept(table: Table, row: Row) -> list[Any]:
    names = zip(table.header, row.cells, strict=False)
    return [cell for name, cell in names if name != ERROR_COLUMN]


def _objects(table: Table, refusals: Mapping[int, Sequence[str]], rows: Iterable[Row]) -> bytes:
    lines = []
    for row in rows:
        cells = zip(table.header, row.cells, strict=True)
        record = {name: cell for name, cell in cells if cell != "" and name != ERROR_COLUMN}
        record[ERROR_COLUMN] = "; ".join(refusals[row.line])
        lines.append(f"{json.dumps(record, ensure_ascii=False)}\n")
    return "".join(lines).encode()
