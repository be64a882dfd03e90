"""The error file: refused rows in the shape of the input, mended and imported again."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerebro_server.kernel.records.importing.delimited import defused
from cerebro_server.kernel.records.importing.reading import Table, read_table
from cerebro_server.kernel.records.importing.refusals import errors_file

from .files import counts, imported, table
from .test_formats import workbook

HEADER = ["Name", "Employees", "Ledger"]
ROWS = [["Acme", "many", "=1+1"], ["Bolt", "3", "'-x"], ["", "4", 'a "b";\nc']]


def by_line(report: dict[str, Any]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for error in report["errors"]:
        found.setdefault(error["line"], []).append(error["message"])
    return found


def read(content: bytes) -> Table:
    return read_table(io.BytesIO(content))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1252"])
async def test_mended_nothing_else_is_refused(
    api: httpx.AsyncClient, delimiter: str, codec: str
) -> None:
    content = table(HEADER, *ROWS, delimiter=delimiter).encode(codec)
    report = await imported(api, content)
    assert counts(report) == {"rows": 3, "created": 1, "refused": 2}
    wrong = errors_file(read(content), by_line(report))
    found = read(wrong)
    assert (found.delimiter, found.header) == (delimiter, [*HEADER, "_error"])
    assert [row.cells[:3] for row in found.rows()] == [ROWS[0], ROWS[2]]
    assert all(row.cells[3] for row in found.rows())
    again = await imported(api, wrong)
    assert (counts(again), again["ignored"]) == ({"rows": 2, "refused": 2}, ["Ledger"])
    text = wrong.decode(codec if codec != "cp1252" else "utf-8")
    mended = text.replace("many", "12").replace(f"\n{delimiter}4", f"\nZed{delimiter}4")
    assert counts(await imported(api, mended)) == {"rows": 2, "created": 2}


async def test_of_json_lines_is_json_lines(api: httpx.AsyncClient) -> None:
    content = (
        b'{"name": "Acme", "employees": "many", "phones": [{"number": "+493012345678"}]}\n'
        b'{"name": "Bolt"}\n'
    )
    report = await imported(api, content)
    wrong = errors_file(read(content), by_line(report))
    [record] = [json.loads(line) for line in wrong.splitlines()]
    assert record.pop("_error").startswith("Input should be")
    assert record == json.loads(content.splitlines()[0])
    mended = wrong.replace(b"many", b"12")
    assert counts(await imported(api, mended)) == {"rows": 1, "created": 1}


async def test_of_a_workbook_is_csv(api: httpx.AsyncClient) -> None:
    content = workbook(One=[HEADER, ["Acme", "many", "=1+1"]])
    report = await imported(api, content)
    wrong = errors_file(read(content), by_line(report))
    header, row = csv.reader(io.StringIO(wrong.decode()))
    assert (header, row[:3]) == ([*HEADER, "_error"], ["Acme", "many", "'=1+1"])


def test_of_an_error_file_has_one_column_of_errors() -> None:
    content = b"name,_error\nx,old\n"
    assert errors_file(read(content), {2: ["new"]}) == b"name,_error\nx,new\n"


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))) | st.from_regex(r"'*[=+\-@]?\w*"))
def test_cells_come_back_as_they_were(cell: str) -> None:
    written = defused(cell)
    assert written[:1] not in ("=", "@")
    target = io.StringIO()
    csv.writer(target).writerows([["a", "b"], [written, "x"]])
    [row] = read_table(io.BytesIO(target.getvalue().encode()), encoding="utf-8", form="csv").rows()
    assert row.cells[0] == cell
