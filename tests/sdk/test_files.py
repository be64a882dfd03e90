"""Imports stream a file up, exports stream one down; a failure leaves nothing half-written."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path

import pytest

from cerebro_sdk import Cerebro, ConnectionFailedError, InvalidError, TimedOutError
from cerebro_sdk.schemas.workspace.imports import ImportReport
from tests.sdk.fake import Answer, Fake, ok, problem
from tests.sdk.records import report

ROWS = b"name,domain\n" + b"Acme,acme.example\n" * 20_000


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


class TestImport:
    def test_sends_the_file_as_it_is(self, crm: Cerebro, fake: Fake, tmp_path: Path) -> None:
        path = tmp_path / "accounts & co.csv"
        path.write_bytes(ROWS)
        fake.says(ok(report(dry_run=True, created=7)))
        answer = crm.companies.import_(
            path, preset="salesforce", dry_run=True, encoding="cp1252", delimiter=";"
        )
        assert isinstance(answer, ImportReport)
        assert answer.created == 7
        seen = fake.seen[0]
        assert (seen.method, seen.path, seen.body) == ("POST", "/v1/companies/import", ROWS)
        assert seen.headers["content-length"] == str(len(ROWS))
        assert seen.headers["content-type"] == "text/csv"
        assert seen.params == {
            "preset": "salesforce",
            "dry_run": "true",
            "encoding": "cp1252",
            "delimiter": ";",
        }

    def test_sends_the_format_and_what_to_do_with_lists(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(report(format="vcard")))
        answer = crm.contacts.import_(b"BEGIN:VCARD", format="vcard", lists="append")
        assert answer.format == "vcard"
        assert fake.seen[0].params == {"format": "vcard", "lists": "append"}

    def test_takes_bytes(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(report()))
        assert crm.companies.raw.import_(ROWS) == report()
        assert fake.seen[0].body == ROWS
        assert fake.seen[0].params == {}

    def test_takes_an_open_file_from_where_it_stands(
        self, crm: Cerebro, fake: Fake, tmp_path: Path
    ) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(b"junk" + ROWS)
        fake.says(ok(report()))
        with path.open("rb") as file:
            file.seek(4)
            crm.companies.import_(file)
            assert not file.closed
        assert fake.seen[0].body == ROWS
        assert fake.seen[0].params == {}

    def test_takes_a_pipe_without_knowing_its_length(self, crm: Cerebro, fake: Fake) -> None:
        reading, writing = os.pipe()

        def write() -> None:
            with os.fdopen(writing, "wb") as file:
                file.write(ROWS)

        thread = threading.Thread(target=write)
        thread.start()
        fake.says(ok(report()))
        with os.fdopen(reading, "rb") as file:
            crm.companies.import_(file)
        thread.join()
        assert fake.seen[0].headers["transfer-encoding"] == "chunked"
        assert fake.seen[0].body == ROWS

    def test_an_empty_file_is_sent_for_the_server_to_judge(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(problem(422, "invalid_file", "The file is empty."))
        with pytest.raises(InvalidError, match="empty"):
            crm.companies.import_(b"")
        assert fake.seen[0].headers["content-length"] == "0"

    def test_a_text_file_is_a_mistake(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(report()))
        with pytest.raises(TypeError, match="rb"):
            crm.companies.import_(io.StringIO("name\nAcme\n"))  # type: ignore[arg-type]

    def test_a_missing_file_is_said_by_python(self, crm: Cerebro, fake: Fake) -> None:
        with pytest.raises(FileNotFoundError):
            crm.companies.import_("/nowhere/at/all.csv")
        assert not fake.seen

    def test_is_never_sent_twice(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(Answer(drop=True))
        with pytest.raises(ConnectionFailedError):
            crm.companies.import_(ROWS)
        assert len(fake.seen) == 1

    def test_hears_a_refusal_that_comes_before_the_end(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(problem(413, "payload_too_large", "At most 1 MB.")._replace(early=True))
        try:
            crm.companies.import_(ROWS * 40)
        except InvalidError as error:
            assert error.code == "payload_too_large"
        except ConnectionFailedError:
            pass  # the reset may overtake the reply: nobody can read it then
        else:
            pytest.fail("no error")

    def test_waits_longer_than_for_other_calls(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(report())._replace(wait=0.5))
        crm.with_options(timeout=0.2).companies.import_(b"name\n")
        with pytest.raises(TimedOutError):
            crm.with_options(timeout=0.2, deadline=0.3).companies.import_(b"name\n")


class TestExport:
    def test_into_a_path(self, crm: Cerebro, fake: Fake, tmp_path: Path) -> None:
        fake.says(Answer(200, chunks=[b"name\n", b"Acme\n" * 50_000]))
        target = tmp_path / "out.csv"
        written = crm.companies.export(
            target, where="state in (CO, PA)", sort="name", columns=["name", "domain"]
        )
        assert written == target.stat().st_size == 250_005
        assert fake.seen[0].path == "/v1/companies/export"
        assert fake.seen[0].params == {
            "where": "state in (CO, PA)",
            "sort": "name",
            "format": "csv",
            "columns": "name,domain",
        }
        assert names(tmp_path) == ["out.csv"]

    def test_into_an_open_file(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(Answer(200, b'{"a":1}\n'))
        file = io.BytesIO()
        assert crm.companies.raw.export(file, format="jsonl") == 8
        assert (file.getvalue(), file.closed) == (b'{"a":1}\n', False)

    def test_as_cards(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(Answer(200, b"BEGIN:VCARD"))
        assert b"".join(crm.contacts.export(format="vcard")) == b"BEGIN:VCARD"
        assert fake.seen[0].params == {"format": "vcard"}

    def test_as_pieces(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(Answer(200, chunks=[b"a\n", b"b\n"], pause=0.05))
        pieces = crm.companies.export()
        assert not fake.seen
        assert next(pieces) == b"a\n"
        assert b"".join(pieces) == b"b\n"

    def test_can_be_left_early(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(Answer(200, chunks=[b"a\n"] * 100))
        with crm.companies.export() as pieces:
            next(pieces)
        with pytest.raises(StopIteration):
            next(pieces)
        fake.says(ok(report()))
        assert crm.companies.raw.import_(b"") == report()

    def test_a_refusal_leaves_the_old_file(self, crm: Cerebro, fake: Fake, tmp_path: Path) -> None:
        target = tmp_path / "out.csv"
        target.write_bytes(b"old")
        fake.says(problem(422, "invalid_query", "No field stat.", errors=[{"parameter": "where"}]))
        with pytest.raises(InvalidError):
            crm.companies.export(target)
        assert (target.read_bytes(), names(tmp_path)) == (b"old", ["out.csv"])

    @pytest.mark.parametrize(
        "answer",
        [Answer(200, chunks=[b"a\n"] * 3, short=True), Answer(200, b"a\n", short=True)],
        ids=["chunked", "sized"],
    )
    def test_a_break_leaves_the_old_file(
        self, crm: Cerebro, fake: Fake, tmp_path: Path, answer: Answer
    ) -> None:
        target = tmp_path / "out.csv"
        target.write_bytes(b"old")
        fake.says(answer)
        with pytest.raises(ConnectionFailedError, match="broke"):
            crm.companies.export(target)
        assert (target.read_bytes(), names(tmp_path)) == (b"old", ["out.csv"])
        assert len(fake.seen) == 1

    def test_replaces_what_a_link_means_and_keeps_its_mode(
        self, crm: Cerebro, fake: Fake, tmp_path: Path
    ) -> None:
        fake.says(Answer(200, b"new"))
        (tmp_path / "real.csv").write_bytes(b"old")
        (tmp_path / "real.csv").chmod(0o640)
        (tmp_path / "link.csv").symlink_to("real.csv")
        crm.companies.export(str(tmp_path / "link.csv"))
        assert (tmp_path / "link.csv").is_symlink()
        assert (tmp_path / "real.csv").read_bytes() == b"new"
        assert (tmp_path / "real.csv").stat().st_mode & 0o777 == 0o640

    def test_writes_through_to_what_is_no_plain_file(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(Answer(200, b"new"))
        assert crm.companies.export("/dev/null") == 3
        assert not Path("/dev/null").is_file()
