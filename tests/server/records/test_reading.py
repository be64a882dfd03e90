"""From bytes to rows: encodings, dialects, and what is no CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerebro_server.kernel.errors import InvalidFile
from cerebro_server.kernel.records.importing.reading import (
    DELIMITERS,
    MAX_CELL,
    Table,
    read_table,
)

from .files import real

_NAMES = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=12)
_CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")) | st.sampled_from('\r\n\t",;|')
)


def read(
    content: bytes | str, *, encoding: str | None = None, delimiter: str | None = None
) -> Table:
    data = content.encode() if isinstance(content, str) else content
    return read_table(io.BytesIO(data), encoding=encoding, delimiter=delimiter)


def cells(found: Table) -> list[list[str]]:
    return [found.header, *(row.cells for row in found.rows())]


def wrong(content: bytes | str, **options: str) -> InvalidFile:
    with pytest.raises(InvalidFile) as caught:
        read(content, **options)
    return caught.value


class TestEncodings:
    @pytest.mark.parametrize(
        ("name", "encoding", "source"),
        [
            ("csvtext.csv", "utf-8", "utf-8"),
            ("csvtext_BOM_UTF8.csv", "utf-8", "bom"),
            ("csvtext_BOM_UTF16BE.csv", "utf-16", "bom"),
            ("csvtext_BOM_UTF16LE.csv", "utf-16", "bom"),
            # these two bear UTF-16's mark before UTF-32
            ("csvtext_BOM_UTF32BE.csv", "utf-32", "bom"),
            ("csvtext_BOM_UTF32LE.csv", "utf-32", "bom"),
        ],
    )
    def test_real_files_with_marks(
        self, data_folder: Path, name: str, encoding: str, source: str
    ) -> None:
        found = read(real(data_folder, f"salesforce/{name}"))
        assert (found.encoding.name, found.encoding.source) == (encoding, source)
        assert cells(found) == [
            ["column1", "column2", "column3"],
            ["row1-1", "row1-2", "row1-3"],
            ["row2-1", "row2-2", "row2-3"],
        ]

    @pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
    def test_a_mark_decides_even_against_the_option(self, codec: str) -> None:
        found = read("a;ü\n1;€\n".encode(codec), encoding="cp1252")
        assert found.encoding.source == "bom"
        assert cells(found) == [["a", "ü"], ["1", "€"]]

    def test_what_is_not_utf_8_is_guessed_to_be_cp1252(self) -> None:
        found = read("name\nCafé “Zoë” €\n".encode("cp1252"))
        assert (found.encoding.name, found.encoding.source) == ("cp1252", "guess")
        assert cells(found)[1] == ["Café “Zoë” €"]

    @pytest.mark.parametrize("name", ["cp1251", "windows-1251", "CP1251"])
    def test_the_option_decides_where_there_is_no_mark(self, name: str) -> None:
        found = read("name\nЖук\n".encode("cp1251"), encoding=name)
        assert (found.encoding.name, found.encoding.source) == ("cp1251", "option")
        assert cells(found)[1] == ["Жук"]

    def test_utf_16_without_a_mark_by_option(self) -> None:
        assert cells(read("a,b\n1,2\n".encode("utf-16-be"), encoding="utf-16-be")) == [
            ["a", "b"],
            ["1", "2"],
        ]

    @pytest.mark.parametrize("marked", [True, False])
    @pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
    @pytest.mark.parametrize(
        "content",
        [
            "a;ü\n1;€\n",
            "имя;город\r\nАнна;Рим\r\n",
            "名前;都市\r東京;😀\r",
            '{"a": 1, "ü": "€"}',
            '[{"a": "名前"}]\n',
        ],
    )
    def test_utf_16_and_32_of_both_orders(self, content: str, codec: str, marked: bool) -> None:
        found = read((("\ufeff" if marked else "") + content).encode(codec))
        assert (found.encoding.codec, found.encoding.name) == (codec, codec[:6])
        assert found.encoding.source == ("bom" if marked else "pattern")
        assert cells(found) == cells(read(content))

    @pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
    def test_utf_16_by_option_has_the_order_of_its_nuls(self, codec: str) -> None:
        found = read("a,b\n1,ü\n".encode(codec), encoding="utf-16")
        assert (found.encoding.source, cells(found)[1]) == ("option", ["1", "ü"])

    @pytest.mark.parametrize("content", [b"na\0me\n1\n", b"\0\0\0\0", b"ab\0\0\n"])
    def test_nuls_of_a_broken_file_are_no_utf_16(self, content: bytes) -> None:
        assert "NUL" in wrong(content).detail

    @pytest.mark.parametrize(
        ("content", "option", "possible"),
        [
            ("name\nCafé\n".encode(), "ascii", "utf-8, cp1252, latin-1"),
            ("name\nCafé\n".encode("cp1252"), "utf-8", "cp1252, latin-1"),
            (b"name\nab\x81\n", "cp1252", "latin-1"),
            ("name\nCafé\n".encode("utf-16-be"), "ascii", "utf-16-be"),
        ],
    )
    def test_a_wrong_option_names_what_could_be_right(
        self, content: bytes, option: str, possible: str
    ) -> None:
        error = wrong(content, encoding=option)
        assert error.detail.endswith(f"It could be {possible}.")
        assert error.members["suggestion"] == possible.partition(",")[0]

    @pytest.mark.parametrize(
        ("content", "options", "line", "column"),
        [
            (b"name\nab\xffc\n", {"encoding": "utf-8"}, 2, 3),
            (b"name\nab\xed\xa0\x80\n", {"encoding": "utf-8"}, 2, 3),  # a lone surrogate
            (b"name\nab\x81c\n", {}, 2, 3),  # neither UTF-8 nor cp1252
            (b"name\n" + b"x\n" * 600_000 + b"abc\x81", {}, 600_002, 4),
            (b"name\n\xc3", {"encoding": "utf-8"}, 2, 1),
            (b"name\ra\rb\xc3", {"encoding": "utf-8"}, 3, 2),
            (b"name\na\xe9", {"encoding": "ascii"}, 2, 2),
            (b"\xef\xbb\xbfname\n\xe9", {}, 2, 1),
            ("\ufeffname\na".encode("utf-16-le") + b"\x00\xd8", {}, 2, 2),
            (b"\xfe\xff" + "name\na".encode("utf-16-be") + b"\xd8\x00\0a", {}, 2, 2),
            (b"name\na+2AA-", {"encoding": "utf-7"}, 2, 2),  # a lone surrogate again
        ],
    )
    def test_names_line_and_column_of_what_cannot_be_read(
        self, content: bytes, options: dict[str, str], line: int, column: int
    ) -> None:
        [error] = wrong(content, **options).errors
        assert (error["line"], error["column"]) == (line, column)
        assert error["code"] == "wrong_encoding"

    @pytest.mark.parametrize(
        "name",
        ["klingon", "", "base64", "undefined", "idna", "unicode_escape", "a\0b", "\ud800", "é"],
    )
    def test_refuses_what_is_no_encoding_of_files(self, name: str) -> None:
        error = wrong("name\na\n", encoding=name)
        assert "is no encoding" in error.detail
        assert error.errors[0]["parameter"] == "encoding"


class TestSpectrum:
    """https://github.com/max-mapper/csv-spectrum: each file with the JSON that it means."""

    @pytest.mark.parametrize(
        "name",
        [
            "comma_in_quotes",
            "empty",
            "empty_crlf",
            "escaped_quotes",
            "json",
            "newlines",
            "newlines_crlf",
            "quotes_and_newlines",
            "simple",
            "simple_crlf",
            "utf8",
        ],
    )
    def test_reads_what_the_json_says(self, data_folder: Path, name: str) -> None:
        content = real(data_folder, f"csv-spectrum/csvs/{name}.csv")
        if name.endswith("_crlf"):  # git took the CRs away
            content = re.sub(rb"\r?\n", b"\r\n", content)
        expected = json.loads(real(data_folder, f"csv-spectrum/json/{name}.json"))
        found = read(content)
        assert [dict(zip(found.header, r.cells, strict=True)) for r in found.rows()] == expected

    def test_a_quote_inside_a_cell_is_itself(self, data_folder: Path) -> None:
        [row] = read(real(data_folder, "csv-spectrum/csvs/location_coordinates.csv")).rows()
        assert row.cells[1:] == ["37\ufffd36'37.8\"N 121\ufffd2'17.9\"W", "Modesto", "Stanislaus"]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            ('a|b|1,"x, y"|2,z', [["a", "b"], ["1", "x, y"], ["2", "z"]]),
            ('a,b|1,""|,2', [["a", "b"], ["1", ""], ["", "2"]]),
            ('a,b|1,"ha ""ha"" ha"|3,""""', [["a", "b"], ["1", 'ha "ha" ha'], ["3", '"']]),
            ('k,v|1,"{""a"": [1, 2]}"', [["k", "v"], ["1", '{"a": [1, 2]}']]),
            ('a,b|"x|y",2|3,4', [["a", "b"], ["x|y", "2"], ["3", "4"]]),
            ("a,b|1,5'8\" tall", [["a", "b"], ["1", "5'8\" tall"]]),
            ("a , b| 1 ,2 ", [["a", "b"], [" 1 ", "2 "]]),
            ("a,b|1,ʤ", [["a", "b"], ["1", "ʤ"]]),
        ],
    )
    def test_cases_of_the_same_kinds(
        self, content: str, expected: list[list[str]], end: str
    ) -> None:
        text = content.replace("a|b|", "a,b|").replace("|", end)
        assert cells(read(text)) == [[cell.replace("|", end) for cell in row] for row in expected]


class TestDialects:
    @pytest.mark.parametrize("delimiter", DELIMITERS)
    def test_guesses_the_delimiter_from_the_header(self, delimiter: str) -> None:
        lines = ['name|\'"a,b;c,d\t"|x'.replace("|", delimiter), "1|2|3".replace("|", delimiter)]
        found = read("\n\r\n" + "\n".join(lines).replace("'", ""))
        assert found.delimiter == delimiter
        assert cells(found)[1] == ["1", "2", "3"]

    def test_takes_the_delimiter_that_is_given(self) -> None:
        assert cells(read("a,b;c\n1,2;3\n", delimiter=";")) == [["a,b", "c"], ["1,2", "3"]]

    @pytest.mark.parametrize("told", ["sep=;", '"sep=;"', "SEP=;"])
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_takes_the_delimiter_that_the_first_line_tells(self, told: str, end: str) -> None:
        found = read(f"\ufeff{told}{end}a,b;c{end}1,2;3{end}")
        assert (found.delimiter, cells(found)) == (";", [["a,b", "c"], ["1,2", "3"]])
        assert [row.line for row in found.rows()] == [3]
        assert cells(read(f"{told}{end}a,b;c{end}", delimiter=",")) == [["a", "b;c"]]
        assert "no header" in wrong(told).detail

    def test_reads_line_ends_of_every_kind_in_one_file(self) -> None:
        found = read('a,b\r\n1,2\n3,"4\r5"\r6,7')
        assert [(row.line, *row.cells) for row in found.rows()] == [
            (2, "1", "2"),
            (3, "3", "4\r5"),
            (5, "6", "7"),
        ]

    def test_refuses_any_other_delimiter(self) -> None:
        assert wrong("a\n1\n", delimiter="x").errors[0]["parameter"] == "delimiter"

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_a_row_is_on_the_line_where_it_begins(self, end: str) -> None:
        text = 'a,b|1,"x|y"||2,"|"|,|3,z'.replace("|", end)
        assert [(row.line, row.cells[0]) for row in read(text).rows()] == [
            (2, "1"),
            (5, "2"),
            (8, "3"),
        ]

    def test_short_rows_are_rows(self) -> None:
        assert cells(read("a,b,c\n1\n")) == [["a", "b", "c"], ["1"]]

    @given(
        header=st.lists(_NAMES, min_size=1, max_size=5, unique=True),
        body=st.data(),
        delimiter=st.sampled_from(DELIMITERS),
        end=st.sampled_from(["\r\n", "\n", "\r"]),
        quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
        codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-be"]),
    )
    def test_reads_back_whatever_was_written(
        self,
        header: list[str],
        body: st.DataObject,
        delimiter: str,
        end: str,
        quoting: Literal[0, 1, 2],
        codec: str,
    ) -> None:
        row = st.lists(_CELLS, min_size=len(header), max_size=len(header)).filter(any)
        rows = body.draw(st.lists(row, max_size=5))
        if end != "\r\n":  # csv.writer quotes the line ends that it writes, and no others
            quoting = csv.QUOTE_ALL
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
        lines = []
        for cells_of_row in [header, *rows]:
            lines.append(1 + len(re.findall("\r\n|\r|\n", text.getvalue())))
            writer.writerow(cells_of_row)
        content = text.getvalue().encode(codec)
        asked = codec if codec == "utf-16-be" else None
        found = read(content, delimiter=delimiter, encoding=asked)
        assert cells(found) == [header, *rows]
        assert [row.line for row in found.rows()] == lines[1:]


class TestNoCsv:
    @pytest.mark.parametrize(
        ("content", "line", "said"),
        [
            ('name\na\n"b\nc\n', 3, "not CSV"),
            ('name,city\na,b\n"c"d,e\n', 3, "not CSV"),
            ("name,city\na,b\n\nc,d,e\n", 4, "3 cells, the header 2"),
            ('name,city\n"a\nb",c\nd,e,f\n', 4, "3 cells"),
            ("\nname,city,name\n", 2, "'name' twice"),
            ('name\n"' + "x" * (MAX_CELL + 1) + '"\n', 2, "larger than field limit"),
            (",".join(f"c{n}" for n in range(16_385)), 1, "16,385 columns"),
            ("x" * 256 + "\n1\n", 1, "longer than 255"),
            ("na\0me\n1\n", 1, "NUL"),
        ],
    )
    def test_names_the_line(self, content: str, line: int, said: str) -> None:
        error = wrong(content)
        assert (error.errors[0]["line"], error.errors[0]["code"]) == (line, "malformed")
        assert f"Line {line}: " in error.detail
        assert said in error.detail

    @pytest.mark.parametrize("content", ["", "\n\r\n\n", "\ufeff", ",,,\n"])
    def test_an_empty_file_has_no_header(self, content: str) -> None:
        assert "no header" in wrong(content).detail

    def test_ten_thousand_columns_are_read(self) -> None:
        found = read(",".join(f"c{n}" for n in range(10_000)) + "\n" + "," * 9_999 + "x\n")
        assert [len(row.cells) for row in found.rows()] == [10_000]
