"""vCards 2.1, 3.0 and 4.0 as contacts: what programs and phones write, and what is none."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerebro_server.kernel.errors import InvalidFile
from cerebro_server.kernel.records.importing import vcard
from cerebro_server.kernel.records.importing.reading import read_table
from cerebro_server.kernel.records.importing.refusals import errors_file
from cerebro_server.kernel.records.importing.table import Table

from .files import CONTACTS, contacts, counts, imported, refused, send


def card(*lines: str, version: str = "4.0", end: str = "\r\n") -> str:
    """Write a card."""
    return end.join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


def read(content: str | bytes) -> Table:
    return read_table(io.BytesIO(content.encode() if isinstance(content, str) else content))


def said(content: str | bytes) -> list[dict[str, Any]]:
    """Return what each card says by column."""
    found = read(content)
    rows = (dict(zip(found.header, row.cells, strict=True)) for row in found.rows())
    return [{name: cell for name, cell in row.items() if cell} for row in rows]


def one(*lines: str, version: str = "4.0", end: str = "\r\n") -> dict[str, Any]:
    [found] = said(card(*lines, version=version, end=end))
    return found


def wrong(content: str) -> InvalidFile:
    with pytest.raises(InvalidFile) as caught:
        read(content)
    return caught.value


class TestReading:
    @pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\r\r\n"])
    @pytest.mark.parametrize("blank", [" ", "\t"])
    def test_folded_lines_go_on(self, end: str, blank: str) -> None:
        found = one("N:Love", f"{blank}lace;A", f"{blank}da;;;", "NOTE:x", f"{blank} y", end=end)
        assert found == {"N family": "Lovelace", "N given": "Ada", "NOTE": "x y"}

    def test_a_card_begins_on_its_line(self) -> None:
        found = read("\r\n" + card("FN:Ada", "NOTE:x", " y") + "\r\n" + card("FN:Bob"))
        assert [row.line for row in found.rows()] == [2, 9]
        assert (found.format, found.header) == ("vcard", ["FN", "NOTE"])

    def test_escapes_are_taken_off(self) -> None:
        found = one(r"N:King\, Earl;A\;B;;;", r"NOTE:a\nb\Nc\, d\; e\\n f\:g", r"CATEGORIES:a\,b,c")
        assert (found["N family"], found["N given"]) == ("King, Earl", "A;B")
        assert found["NOTE"] == "a\nb\nc, d; e\\n f:g"
        assert found["CATEGORIES"] == ["a,b", "c"]

    def test_2_1_has_quoted_printable_charsets_and_bare_types(self) -> None:
        found = one(
            "N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg;;;",
            "NOTE;QUOTED-PRINTABLE;CHARSET=UTF-8:eins=0D=0Azw=",
            "ei =C3=",
            "=BC",
            "TEL;WORK;VOICE:+49 30 1",
            "TEL;CELL;PREF:+49 30 2",
            "TEL;HOME;FAX:+49 30 3",
            r"URL:C:\new\;x",
            version="2.1",
        )
        assert (found["N family"], found["N given"]) == ("Müller", "Jörg")
        assert found["NOTE"] == "eins\nzwei ü"
        assert found["TEL"] == [
            {"number": "+49 30 2", "type": "mobile"},
            {"number": "+49 30 1", "type": "work"},
            {"number": "+49 30 3", "type": "home fax"},
        ]
        assert found["URL"] == r"C:\new;x"

    def test_2_1_folds_where_blanks_are(self) -> None:
        assert one("FN:Ada", "NOTE:one", " two", version="2.1")["NOTE"] == "one two"

    def test_pictures_are_left_out_folded_or_not(self) -> None:
        found = one(
            "FN:Ada",
            "PHOTO;ENCODING=BASE64;JPEG:" + "A" * 2_000_000,
            "BBBB",
            " CCCC",
            "",
            "item1.LOGO:data:image/png;base64,AA",
            "X-THING;ENCODING=b:AAAA",
            "NOTE:kept",
            version="2.1",
        )
        assert found == {"FN": "Ada", "NOTE": "kept"}

    def test_groups_have_labels(self) -> None:
        found = one(
            "FN:Ada",
            "item1.EMAIL;type=INTERNET:a@x.example",
            "item1.X-ABLabel:_$!<Home>!$_",
            "item2.TEL:+49301",
            "item2.X-ABLabel:Labor\\, nachts",
            "item3.X-ABDATE:1999-01-01",
            "item3.X-ABLabel:_$!<Anniversary>!$_",
            version="3.0",
        )
        assert found["EMAIL"] == [{"address": "a@x.example", "type": "home"}]
        assert found["TEL"] == [{"number": "+49301", "type": "Labor, nachts"}]
        assert found["X-ABDATE anniversary"] == "1999-01-01"

    def test_preference_orders_lists(self) -> None:
        emails = ["EMAIL:c@x.example", "EMAIL;PREF=2:b@x.example", "EMAIL;PREF=1:a@x.example"]
        found = one("FN:A", *emails)["EMAIL"]
        assert [part["address"][0] for part in found] == ["a", "b", "c"]
        found = one("FN:A", emails[0], "EMAIL;TYPE=INTERNET,PREF:b@x.example", version="3.0")
        assert [part["address"][0] for part in found["EMAIL"]] == ["b", "c"]

    def test_uris_of_4_0_are_numbers_and_addresses(self) -> None:
        found = one(
            "FN:A",
            'TEL;VALUE=uri;TYPE="work,voice":tel:+1-418-656-9254;ext=102',
            "TEL;VALUE=uri:tel:7042;phone-context=+1-914-555",
            "EMAIL:mailto:a@x.example",
        )
        assert found["TEL"] == [
            {"number": "+1-418-656-9254", "extension": "102", "type": "work"},
            {"number": "+1-914-5557042"},
        ]
        assert found["EMAIL"] == [{"address": "a@x.example"}]

    def test_addresses_have_lines(self) -> None:
        found = one(
            'ADR;TYPE=work;LABEL="x: ^n y":PO 1;Flat 2;Main St\\n3;Rome;RM;00100;Italy', "FN:A"
        )
        assert found["ADR"] == [
            {
                "type": "work",
                "street": "PO 1, Flat 2, Main St\n3",
                "city": "Rome",
                "state": "RM",
                "postal_code": "00100",
                "country": "Italy",
            }
        ]

    @pytest.mark.parametrize(
        ("lines", "expected"),
        [
            (["N:;;;;", "FN:Ada King"], {"FN": "Ada King"}),
            (["N:;Ada;Maria;Dr.;", "FN:"], {"FN": "Dr. Ada Maria"}),
            (["N:King;Ada", "FN:Ada"], {"N family": "King", "N given": "Ada"}),
            (["NICKNAME:Countess"], {"N family": "Countess", "NICKNAME": "Countess"}),
            (["ORG:Acme;Dept"], {"N family": "Acme", "ORG": "Acme", "ORG unit": "Dept"}),
            (["TEL:1"], {"N family": "1", "TEL": [{"number": "1"}]}),
        ],
    )
    def test_a_card_has_some_name(self, lines: list[str], expected: dict[str, Any]) -> None:
        assert one(*lines) == expected

    @pytest.mark.parametrize(
        ("line", "column", "value"),
        [
            ("BDAY:19960415", "BDAY", "1996-04-15"),
            ("BDAY:1996-04-15T10:00:00Z", "BDAY", "1996-04-15"),
            ("BDAY:--0412", "BDAY without a year", "--0412"),
            ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12", "BDAY without a year", "1604-04-12"),
            ("BDAY;VALUE=text:circa 1800", "BDAY without a year", "circa 1800"),
            ("REV:20210314T092838Z", "REV", "2021-03-14T09:28:38+00:00"),
        ],
    )
    def test_days_and_times(self, line: str, column: str, value: str) -> None:
        assert one("FN:A", line)[column] == value

    def test_what_a_contact_has_once_has_columns_for_the_others(self) -> None:
        found = one("FN:A", "URL:one", "URL;PREF=1:two", "ORG:x;y", "ORG:z", *["TITLE:t"] * 20)
        assert (found["URL"], found["URL 2"]) == ("two", "one")
        assert (found["ORG"], found["ORG unit"], found["ORG 2"]) == ("x", "y", "z")
        assert [name for name in found if name.startswith("TITLE")][-1] == "TITLE 9"

    def test_cards_inside_of_cards_are_passed_over(self) -> None:
        found = one("FN:A", "AGENT:", "BEGIN:VCARD", "FN:B", "END:VCARD", "NOTE:x", version="2.1")
        assert found == {"FN": "A", "NOTE": "x"}

    @pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32-be", "cp1252"])
    def test_in_any_encoding(self, codec: str) -> None:
        assert said(card("FN:Zoë", "NOTE:“ü”").encode(codec)) == [{"FN": "Zoë", "NOTE": "“ü”"}]

    @pytest.mark.parametrize(
        ("content", "line", "what"),
        [
            (card("FN:A") + "BEGIN:VCARD\nFN:B\n", 5, "no END:VCARD"),
            (card("FN:A") + "FN:B\n", 5, "outside of a card"),
            (card("FN:A", "nothing"), 4, "no property"),
            (card("FN:A", "NOTE:", *[" " + "x" * 60_000] * 20), 4, "more than 1,000,000"),
            (card("FN:A", *["TEL:1"] * 5_001), 5_003, "more than 5,000 properties"),
            (card("FN:A", *[f"X-{n}:" + "x" * 60_000 for n in range(140)]), 137, "8,000,000"),
            (card("X" * 300 + ":1"), 1, "longer than"),
        ],
    )
    def test_what_is_broken_is_named_with_its_line(
        self, content: str, line: int, what: str
    ) -> None:
        error = wrong(content)
        assert (error.errors[0]["line"], error.errors[0]["code"]) == (line, "malformed")
        assert what in error.detail

    def test_a_file_of_empty_cards_is_empty(self) -> None:
        assert "empty" in wrong(card()).detail

    @given(st.text(st.sampled_from('ab:;,=\\"^\n\r \t.BEGINDVCARD4é\0')))
    def test_nothing_breaks_the_reader(self, text: str) -> None:
        try:
            read_table(io.BytesIO(card(text).encode()), form="vcard")
        except InvalidFile as error:
            assert error.errors or "empty" in error.detail

    def test_memory_does_not_grow_with_the_file(self, tmp_path: Path) -> None:
        def held(cards: int) -> int:
            file = tmp_path / f"{cards}.vcf"
            with file.open("w") as target:
                for number in range(cards):
                    target.write(card(f"FN:Person {number}", "PHOTO:" + "A" * 5_000))
            tracemalloc.start()
            try:
                with file.open("rb") as source:
                    assert sum(1 for _ in read_table(source).rows()) == cards
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

        assert held(2_000) < 1.5 * held(200)


class TestRealFiles:
    def test_keep_names_e_mails_and_phones(self, data_folder: Path) -> None:
        files = sorted((data_folder / "vcard").rglob("*.vcf"))
        assert len(files) > 15
        for path in files:
            content = path.read_bytes()
            cards = said(content)
            assert len(cards) == content.upper().count(b"BEGIN:VCARD"), path.name
            assert all(found.get("N family") or found.get("FN") for found in cards), path.name
            for name, column in ((b"EMAIL", "EMAIL"), (b"TEL", "TEL")):
                lines = [line.rpartition(b".")[2] for line in _heads(content)]
                there = sum(line == name for line in lines)
                assert sum(len(found.get(column, ())) for found in cards) == there, path.name

    async def test_are_imported(self, api: httpx.AsyncClient, data_folder: Path) -> None:
        for path in sorted((data_folder / "vcard").rglob("*.vcf")):
            reply = await send(api, path.read_bytes(), url=CONTACTS, dry_run="true")
            assert reply.status_code == 200, (path.name, reply.text)
            report = reply.json()
            # one card has an address without a domain, in letters of its own
            allowed = 1 if path.name == "John_Doe_ANDROID.vcf" else 0
            assert report["refused"] <= allowed, (path.name, report["errors"])


def _heads(content: bytes) -> list[bytes]:
    """Return the names before `:` and parameters, of lines that are not folded."""
    return [
        line.split(b":")[0].split(b";")[0].upper()
        for line in content.replace(b"\r", b"\n").split(b"\n")
        if b":" in line and line[:1] not in b" \t"
    ]


ADA = card(
    "UID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1",
    "N:Lovelace;Ada;King;Lady;",
    "FN:Lady Ada King Lovelace",
    "EMAIL;TYPE=home:ada@home.example",
    "EMAIL;TYPE=work;PREF=1:ada@engine.example",
    "TEL;TYPE=cell;VALUE=uri:tel:+49-30-12345678",
    "ADR;TYPE=work:;;St James Square 12;London;;SW1Y;UK",
    "ORG:Analytical Engines;Programs",
    "TITLE:Programmer",
    "URL:https://engine.example",
    "BDAY:18151210",
    "CATEGORIES:vip,math",
    "NOTE:first\\nsecond",
    "NICKNAME:Countess",
    "REV:20210314T092838Z",
)


class TestImport:
    async def test_makes_contacts_and_a_second_time_nothing(self, api: httpx.AsyncClient) -> None:
        report = await imported(api, ADA, url=CONTACTS)
        assert (report["format"], counts(report)) == ("vcard", {"rows": 1, "created": 1})
        assert report["key"] == "external_ids.vcard"
        [ada] = await contacts(api)
        expected = {
            "first_name": "Ada King",
            "last_name": "Lovelace",
            "email": "ada@engine.example",
            "phones": [{"number": "+493012345678", "type": "mobile", "is_valid": True}],
            "job_title": "Programmer",
            "department": "Programs",
            "city": "London",
            "street": "St James Square 12",
            "birthday": "1815-12-10",
            "tags": ["vip", "math"],
            "description": "first\nsecond",
            "external_ids": {"vcard": "urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1"},
        }
        shown = {name: ada[name] for name in expected}
        shown["phones"] = [{k: v for k, v in p.items() if v is not None} for p in ada["phones"]]
        assert shown == expected
        assert [part["type"] for part in ada["emails"]] == ["work", "home"]
        companies = (await api.get("/v1/companies")).json()["items"]
        assert [company["name"] for company in companies] == ["Analytical Engines"]
        again = await imported(api, ADA, url=CONTACTS)
        assert counts(again) == {"rows": 1, "unchanged": 1}

    async def test_offers_what_fits_nothing(self, api: httpx.AsyncClient) -> None:
        content = ADA.replace("BDAY:1815", "BDAY:--")
        report = await imported(api, content, url=CONTACTS, dry_run="true")
        assert report["ignored"] == ["N prefix", "BDAY without a year", "NICKNAME", "REV"]
        offered = {each["column"]: each["type"] for each in report["unknown"]}
        assert offered["REV"] == "datetime"

    async def test_takes_names_apart_where_a_card_has_but_the_whole(
        self, api: httpx.AsyncClient
    ) -> None:
        content = card("FN:Ludwig van Beethoven") + card("N:Kepler;Johannes;;;", "FN:x")
        await imported(api, content, url=CONTACTS)
        names = [(each["first_name"], each["last_name"]) for each in await contacts(api)]
        assert names == [("Johannes", "Kepler"), ("Ludwig", "van Beethoven")]

    async def test_maps_as_it_is_told(self, api: httpx.AsyncClient) -> None:
        content = card("FN:Ada King", "X-TOWN:Rome", "NOTE:x") + card("N:Kepler;J;;;")
        told = '{"X-TOWN": "city", "NOTE": null}'
        report = await imported(api, content, url=CONTACTS, map=told)
        assert report["created"] == 2
        kepler, king = await contacts(api)
        assert (kepler["last_name"], king["last_name"], king["city"]) == ("Kepler", "King", "Rome")
        assert king["description"] is None

    async def test_refuses_a_card_with_its_line(self, api: httpx.AsyncClient) -> None:
        content = card("FN:Ada") + card("FN:Bob", "EMAIL:nowhere")
        report = await imported(api, content, url=CONTACTS)
        assert counts(report) == {"rows": 2, "created": 1, "refused": 1}
        [error] = report["errors"]
        assert (error["line"], error["column"], error["field"]) == (5, "EMAIL", "emails.0.address")
        problem = await refused(api, card("FN:Ada", "nothing"), url=CONTACTS)
        assert problem["errors"][0]["line"] == 4

    async def test_of_companies_needs_a_map(self, api: httpx.AsyncClient) -> None:
        content = card("FN:Acme Ltd", "ORG:Acme")
        assert (await refused(api, content))["code"] == "invalid_file"
        assert counts(await imported(api, content, map='{"ORG": "name"}')) == {
            "rows": 1,
            "created": 1,
        }


class TestErrorsFile:
    def test_has_the_cards_as_they_are_with_the_reason(self) -> None:
        first, second = card("FN:A", "NOTE:x", " y"), card("FN:B", "PHOTO:AA", " BB", end="\n")
        found = read(first + second + card("FN:C"))
        content = errors_file(found, {7: ["It is; wrong.", "Twice"]}).decode()
        lines = second.replace("\n", "\r\n").replace(
            "END:", f"{vcard.ERROR}:It is\\; wrong.\r\n{vcard.ERROR}:Twice\r\nEND:"
        )
        assert content == lines
        assert said(content) == [{"FN": "B"}]
        again = errors_file(read(content), {1: ["Still"]}).decode()
        assert again.count(vcard.ERROR) == 1

    async def test_comes_as_cards(self, api: httpx.AsyncClient) -> None:
        content = card("FN:Ada") + card("FN:Bob", "EMAIL:nowhere")
        report = await imported(api, content, url=CONTACTS)
        reply = await api.get(f"/v1/operations/{report['operation_id']}/errors-file")
        assert reply.headers["content-type"] == "text/vcard; charset=utf-8"
        assert reply.headers["content-disposition"].endswith('"errors.vcf"')
        mended = reply.text.replace("nowhere", "bob@x.example")
        assert counts(await imported(api, mended, url=CONTACTS)) == {"rows": 1, "created": 1}
