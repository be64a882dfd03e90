"""Files that are no CSV: JSON lines, arrays, workbooks; found by content, read as the same rows."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import httpx
import pytest
import xlsxwriter

from cerebro_server.kernel.errors import InvalidFile
from cerebro_server.kernel.records.importing import workbook as workbooks
from cerebro_server.kernel.records.importing.reading import Format, Table, read_table

from .files import URL, companies, counts, imported, refused


def read(content: bytes | str, *, form: Format | None = None, sheet: str | None = None) -> Table:
    data = content.encode() if isinstance(content, str) else content
    return read_table(io.BytesIO(data), form=form, sheet=sheet)


def rows(found: Table) -> list[tuple[int, list[Any]]]:
    return [(row.line, row.cells) for row in found.rows()]


def wrong(content: bytes | str, **options: Any) -> InvalidFile:
    with pytest.raises(InvalidFile) as caught:
        read(content, **options)
    return caught.value


def workbook(**sheets: list[list[Any]]) -> bytes:
    """Write a workbook with typed cells."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    clock = book.add_format({"num_format": "hh:mm:ss"})
    for name, lines in sheets.items():
        sheet = book.add_worksheet(name)
        for line, cells in enumerate(lines):
            for column, cell in enumerate(cells):
                form = {datetime: moment, date: day, time: clock}.get(type(cell))
                sheet.write(line, column, cell, *([form] if form else []))
    book.close()
    return target.getvalue()


class TestObjects:
    def test_are_found_by_their_first_character(self) -> None:
        assert read('\n {"a": 1}\n').format == "jsonl"
        assert read('[{"a": 1}]').format == "jsonl"
        assert read("a,b\n1,2\n").format == "csv"
        assert read("[a],b\n1,2\n", form="csv").header == ["[a]", "b"]

    def test_have_the_union_of_keys_and_the_lines_they_begin_on(self) -> None:
        found = read('{"a": 1}\n\n{"b": true, "a": null}\n{"c": "x"}')
        assert found.header == ["a", "b", "c"]
        assert rows(found) == [(1, ["1", "", ""]), (3, ["", "true", ""]), (4, ["", "", "x"])]

    def test_of_an_array_have_lines_too(self) -> None:
        assert rows(read('[\n{"a": 1},\n\n{"a": 2}\n]\n')) == [(2, ["1"]), (4, ["2"])]

    def test_hand_on_lists_and_spread_what_a_table_has_as_columns(self) -> None:
        found = read('{"custom": {"x": [1], "y": 2.50}, "addresses": [{"city": "Rome"}]}')
        assert found.header == ["custom.x", "custom.y", "addresses"]
        assert rows(found) == [(1, [[1], "2.50", [{"city": "Rome"}]])]

    def test_larger_than_a_piece_of_reading(self) -> None:
        big = "x" * 900_000
        found = read("".join(f'{{"a": "{big}", "b": {n}}}\n' for n in range(3)))
        assert [row.cells[1] for row in found.rows()] == ["0", "1", "2"]

    @pytest.mark.parametrize(
        ("content", "line", "said"),
        [
            ('{"a": 1}\n{"a": }\n', 2, "not JSON"),
            ('{"a": 1}\n[1]\n', 2, "must be an object"),
            ('{"a": 1} {"a": 2}\n', 1, "something else"),
            ('[{"a": 1},]', 1, "comma"),
            ('[{"a": 1}', 1, "end is missing"),
            ('[{"a": 1}]\nx', 2, "After the array"),
            ('{"a": "\\ud800"}', 1, "surrogate"),
            ('{"a": ' + "[" * 100_000, 1, "deep"),
            ('{"a": NaN}', 1, "NaN"),
            ('{"a": ' + "1" * 5_000 + "}", 1, "digits"),
            ('{"' + "k" * 300 + '": 1}', 1, "longer than"),
            ('{"a\\u0000": 1}', 1, "NUL"),
        ],
    )
    def test_that_are_broken_are_named_with_their_line(
        self, content: str, line: int, said: str
    ) -> None:
        error = wrong(content)
        assert error.errors[0]["line"] == line
        assert said in error.detail

    @pytest.mark.parametrize("content", ["{}", "[]", "[{}]"])
    def test_without_keys_are_an_empty_file(self, content: str) -> None:
        assert "empty" in wrong(content).detail

    def test_of_the_json_test_suite_never_break_the_reader(self, data_folder: Path) -> None:
        files = sorted((data_folder / "json-parsing" / "test_parsing").glob("*.json"))
        assert len(files) > 300
        for path in files:
            try:
                found = read(path.read_bytes(), form="jsonl")
            except InvalidFile:
                assert not path.name.startswith("y_object_basic"), path.name
            else:
                assert found.header

    async def test_are_imported_and_an_export_of_them_changes_nothing(
        self, api: httpx.AsyncClient
    ) -> None:
        content = (
            '{"name": "Acme", "domain": "acme.example", "employees": 12, "tags": ["a", "b"],'
            ' "annual_revenue": 1250.50, "phones": [{"number": "+493012345678", "type": "work"}],'
            ' "external_ids": {"crm": "7"}, "description": "=1+1"}\n{"name": "Bolt"}\n'
        )
        report = await imported(api, content)
        assert (counts(report), report["format"]) == ({"rows": 2, "created": 2}, "jsonl")
        assert report["mapping"]["external_ids.crm"] == "external_ids.crm"
        exported = (await api.get(f"{URL}/export", params={"format": "jsonl"})).content
        again = await imported(api, exported)
        assert counts(again) == {"rows": 2, "unchanged": 2}
        acme = (await companies(api))[0]
        assert (acme["annual_revenue"], acme["description"]) == ("1250.50", "=1+1")
        assert acme["phones"][0]["type"] == "work"


class TestWorkbooks:
    def test_have_the_texts_that_a_csv_would_have(self) -> None:
        cells = [
            42, 0.1 + 0.2, True, "=1+1", 1e20, date(2020, 1, 31), datetime(2020, 1, 2, 3, 4, 5),
            time(3, 4), None, "ü",
        ]  # fmt: skip
        found = read(workbook(One=[list("abcdefghij"), [], cells]))
        assert (found.format, found.sheet, found.header) == ("xlsx", "One", list("abcdefghij"))
        said = "42 0.3 true =1+1 100000000000000000000 2020-01-31 2020-01-02T03:04:05Z 03:04:00"
        assert rows(found) == [(3, [*said.split(), "", "ü"])]

    def test_are_read_from_the_sheet_that_is_named(self) -> None:
        content = workbook(One=[["a"], [1]], Two=[["b"], [2]])
        assert read(content, sheet="two").header == ["b"]
        error = wrong(content, sheet="Twoo")
        assert (error.errors[0]["parameter"], error.members["suggestion"]) == ("sheet", "Two")
        assert "'One', 'Two'" in error.detail
        assert wrong("a\n1\n", sheet="One").errors[0]["parameter"] == "sheet"

    @pytest.mark.parametrize(
        "content",
        [
            b"PK\x03\x04 no zip",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 encrypted",
            workbook(One=[["a"], [1]])[:-100],
            workbook(One=[]),
        ],
    )
    def test_that_cannot_be_read_are_refused(self, content: bytes) -> None:
        assert "Traceback" not in wrong(content).detail

    def test_with_another_zip_inside_are_refused(self) -> None:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as container:
            container.writestr("a.txt", "no workbook")
        assert "xl/workbook.xml" in wrong(target.getvalue()).detail

    def test_of_two_cells_in_opposite_corners_are_refused_before_they_are_opened(self) -> None:
        target = io.BytesIO()
        book = xlsxwriter.Workbook(target, {"in_memory": True})
        sheet = book.add_worksheet()
        sheet.write(0, 0, "a")
        sheet.write(1_048_575, 16_383, "x")
        book.close()
        assert wrong(target.getvalue()).errors[0]["code"] == "too_large"

    def test_that_unpack_to_too_much_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        content = workbook(One=[["a"], *[["x" * 30_000] for _ in range(100)]])
        assert len(rows(read(content))) == 100  # one text, by its number
        monkeypatch.setattr(workbooks, "MAX_UNPACKED", 1_000_000)
        assert "of text" in wrong(content).detail
        monkeypatch.setattr(workbooks, "MAX_UNPACKED", 10_000)
        assert "unpacked" in wrong(content).detail

    def test_that_lie_about_a_size_are_refused(self) -> None:
        content = workbook(One=[["a"], ["b"]])
        with zipfile.ZipFile(io.BytesIO(content)) as container:
            size = container.getinfo("xl/worksheets/sheet1.xml").file_size
        lie = content.replace(size.to_bytes(4, "little"), (size - 9).to_bytes(4, "little"))
        assert lie != content
        assert "cannot be read" in wrong(lie).detail

    def test_that_would_end_the_reader_end_a_process_of_its_own(self) -> None:
        content, target = workbook(One=[["a"], ["b"]]), io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(target, "w") as after:
            for name in before.namelist():
                part = before.read(name)
                if name == "xl/sharedStrings.xml":
                    assert b'uniqueCount="2"' in part
                    part = part.replace(b'uniqueCount="2"', b'uniqueCount="9999999999999"')
                after.writestr(name, part)
        assert "damaged" in wrong(target.getvalue()).detail

    @pytest.mark.parametrize("name", ["a\0b", "-", "\ud800", "ü"])
    def test_with_a_name_that_no_sheet_has_are_refused(self, name: str) -> None:
        error = wrong(workbook(One=[["a"], [1]]), sheet=name)
        assert error.errors[0]["code"] == "unknown_sheet"

    async def test_are_imported(self, api: httpx.AsyncClient) -> None:
        content = workbook(One=[["x"]], Firms=[["Name", "Employees"], ["Acme", 12]])
        report = await imported(api, content, sheet="Firms")
        assert (counts(report), report["sheet"]) == ({"rows": 1, "created": 1}, "Firms")
        assert (await companies(api))[0]["employees"] == 12
        problem = await refused(api, b"PK\x03\x04 no zip")
        assert problem["code"] == "invalid_file"
