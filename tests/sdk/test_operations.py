"""Operations from Python: planned, looked at, applied, taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cerebro_sdk import (
    AsyncCerebro,
    Cerebro,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
)
from cerebro_sdk.schemas.contacts.contacts import ContactUpdate
from cerebro_sdk.schemas.workspace.operations import Operation, OperationRow
from cerebro_sdk.schemas.workspace.uploads import Upload
from tests.cli.operations import ID, URL, operation, row
from tests.sdk.conftest import KEY
from tests.sdk.fake import Answer, Fake, ok, page, problem

PATH = "/v1/operations"
LEFT = {"code": "changed", "message": "The record has changed since."}


def upload(size: int = 5) -> dict[str, Any]:
    """An upload as the server writes it."""
    return {
        "id": "01900000-0000-7000-8000-000000000001",
        "name": "people.csv",
        "size": size,
        "created_at": "2026-05-01T09:30:00Z",
        "expires_at": "2026-05-08T09:30:00Z",
    }


def calls(fake: Fake) -> list[str]:
    """Return what was asked, in order."""
    return [f"{seen.method} {seen.path}" for seen in fake.seen]


class TestPlanning:
    def test_a_change_of_many_writes_nothing(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(operation("planned", update=2, unchanged=1)))
        op = crm.contacts.update_plan("company.name = Acme", job_title="Boss")
        assert calls(fake) == [f"POST {PATH}"]
        assert fake.seen[0].json == {
            "kind": "contacts.update",
            "input": {"where": "company.name = Acme", "values": {"job_title": "Boss"}},
            "options": {},
        }
        assert (op.id, op.kind, op.state) == (ID, "contacts.update", "planned")
        assert op.summary == "2 to update, 1 unchanged"
        assert isinstance(op.data, Operation)
        assert op.data.plan.update == 2
        assert op.raw["plan"]["update"] == 2
        assert "planned" in repr(op)

    def test_a_change_takes_a_payload(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(operation("planned")))
        crm.contacts.update_plan(None, ContactUpdate(job_title=None, tags=["a"]))
        values = {"job_title": None, "tags": ["a"]}
        assert fake.seen[0].json["input"] == {"where": None, "values": values}

    def test_an_unknown_field_is_refused_before_it_is_sent(self, crm: Cerebro, fake: Fake) -> None:
        with pytest.raises((InvalidError, TypeError), match="nope"):
            crm.contacts.update_plan("x = 1", nope=1)
        assert fake.seen == []

    def test_a_deletion(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(operation("planned", delete=2)))
        assert crm.contacts.delete_plan("tags has old").summary == "2 to delete"
        assert fake.seen[0].json["kind"] == "contacts.delete"

    def test_an_import_sends_the_file_first(self, crm: Cerebro, fake: Fake, tmp_path: Path) -> None:
        file = tmp_path / "people.csv"
        file.write_bytes(b"email\nx\n")
        fake.says(ok(upload()), ok(operation("planned", create=1)))
        crm.contacts.import_plan(file, key="email", map={"Town": None}, lists="append", silent=True)
        assert calls(fake) == ["PUT /v1/uploads", f"POST {PATH}"]
        assert (fake.seen[0].body, fake.seen[0].params) == (b"email\nx\n", {"name": "people.csv"})
        assert fake.seen[1].json["options"] == {"silent": True}
        asked = fake.seen[1].json["input"]
        assert asked == {
            "upload_id": upload()["id"],
            "key": "email",
            "map": {"Town": None},
            "lists": "append",
        }

    def test_waits_until_it_is_planned(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(operation("planning")), ok(operation("planning")), ok(operation("planned")))
        assert crm.operations.create("contacts.delete", {"where": "x = 1"}).state == "planned"
        assert calls(fake) == [f"POST {PATH}", f"GET {URL}", f"GET {URL}"]

    def test_options_are_sent(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(operation(delete=1, deleted=1)))
        op = crm.operations.create("contacts.delete", {"where": "x = 1"}, yes=True, silent=True)
        assert fake.seen[0].json["options"] == {"yes": True, "silent": True}
        assert op.summary == "1 deleted"

    def test_a_refusal_names_what_is_wrong(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(problem(422, "invalid", "There is no operation 'x'.", suggestion="contacts.x"))
        with pytest.raises(InvalidError, match="no operation"):
            crm.operations.create("x")
        assert len(fake.seen) == 1


class TestMerging:
    def test_plans_it_with_what_is_chosen(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(operation("planned", kind="contacts.merge", update=1, delete=1)))
        take = {"city": "eve@x.example"}
        op = crm.contacts.merge_plan("ada@x.example", ["eve@x.example"], take=take, job_title="CTO")
        assert op.summary == "1 to update, 1 to delete"
        assert fake.seen[0].json["kind"] == "contacts.merge"
        assert fake.seen[0].json["input"] == {
            "into": "ada@x.example",
            "records": ["eve@x.example"],
            "take": take,
            "values": {"job_title": "CTO"},
        }

    def test_splits_by_taking_back_the_last_merge(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(page([operation(kind="contacts.merge")]), ok(operation(kind="undo")))
        assert crm.contacts.split("eve@x.example").kind == "undo"
        assert calls(fake) == [f"GET {PATH}", f"POST {URL}/undo"]
        assert fake.seen[0].params["record"] == "contacts/eve@x.example"
        assert fake.seen[1].json["force_fields"] is True

    def test_says_where_there_is_no_merge(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(page([]))
        with pytest.raises(NotFoundError, match="no merge"):
            crm.contacts.split("eve@x.example")


class TestOnePlan:
    @pytest.fixture
    def op(self, crm: Cerebro, fake: Fake) -> Any:
        fake.says(ok(operation("planned", update=2)))
        found = crm.operations.get(ID)
        fake.seen.clear()
        return found

    def test_is_applied_and_waited_for(self, op: Any, fake: Fake) -> None:
        steps = (operation("applying", update=2, updated=1), operation(update=2, updated=2))
        fake.says(*(ok(step) for step in steps))
        assert op.apply() is op
        assert (op.state, op.summary) == ("applied", "2 updated")
        assert calls(fake) == [f"POST {URL}/apply", f"GET {URL}"]
        assert fake.seen[0].json == {"on_drift": "refuse"}

    def test_that_drifted_raises(self, op: Any, fake: Fake) -> None:
        fake.says(problem(409, "plan_drifted", "1 record changed.", count=1))
        with pytest.raises(ConflictError) as caught:
            op.apply(on_drift="refuse")
        assert (caught.value.code, caught.value.problem["count"]) == ("plan_drifted", 1)

    def test_that_fails_raises_what_it_failed_with(self, op: Any, fake: Fake) -> None:
        entry = {"pointer": "/values/x", "code": "x", "detail": "wrong"}
        told = {"status": 403, "code": "forbidden", "detail": "You may not.", "errors": [entry]}
        fake.says(ok(operation("applying")), ok(operation("failed", problem=told)))
        with pytest.raises(ForbiddenError, match="You may not") as caught:
            op.apply()
        assert caught.value.errors == [entry]
        assert op.state == "failed"

    def test_is_taken_back_by_an_operation_of_its_own(self, op: Any, fake: Fake) -> None:
        undo = operation(update=2, updated=2, kind="undo", undoes=ID)
        fake.says(ok(undo), ok(operation("undone", undone_by=ID)))
        made = op.undo("country = DE", force_fields=True)
        assert (made.kind, str(made.data.undoes)) == ("undo", ID)
        assert op.state == "undone"
        asked = {"where": "country = DE", "force_fields": True, "yes": True}
        assert fake.seen[0].json == asked
        fake.says(ok(operation(update=2, updated=2, kind="undo")), ok(operation()))
        assert op.redo().state == "applied"
        assert fake.seen[-2].path == f"{URL}/redo"

    def test_is_stopped_and_gone_on_with(self, op: Any, fake: Fake) -> None:
        fake.says(ok(operation("cancelled", update=2, updated=1)))
        assert op.cancel().state == "cancelled"
        fake.says(ok(operation("applying", update=2, updated=1)), ok(operation()))
        assert op.resume().state == "applied"
        assert calls(fake) == [f"POST {URL}/cancel", f"POST {URL}/resume", f"GET {URL}"]

    def test_lists_its_rows(self, op: Any, fake: Fake) -> None:
        fake.says(page([row(1)], "c"), page([row(2, "error", problem=LEFT)]))
        rows = list(op.plan())
        assert [found.action for found in rows] == ["update", "error"]
        assert all(isinstance(found, OperationRow) for found in rows)
        fake.says(page([row(2, "error", problem=LEFT)]))
        [wrong] = op.errors(limit=5)
        assert wrong.problem.code == "changed"
        assert fake.seen[-1].path == f"{URL}/errors"


class TestOperations:
    def test_are_listed_by_state_and_kind(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(page([operation(), operation("planned")]))
        found = list(crm.operations.list("applied", "contacts.import", limit=5))
        assert [op.state for op in found] == ["applied", "planned"]
        params = {"state": "applied", "kind": "contacts.import", "limit": "5"}
        assert fake.seen[0].params == params
        assert crm.operations.raw.list().to_records()[0]["id"] == ID

    def test_refused_rows_come_as_a_file(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(Answer(200, b"email,_error\nx,no\n", {"Content-Type": "text/csv"}))
        assert b"".join(crm.operations.errors_file(ID)) == b"email,_error\nx,no\n"
        assert fake.seen[0].path == f"{URL}/errors-file"

    def test_an_undo_can_be_planned_only(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(operation("planned", update=2, kind="undo")))
        assert crm.operations.undo(ID, yes=False).state == "planned"
        assert fake.seen[0].json["yes"] is False

    def test_a_reference_cannot_leave_its_place(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(operation()))
        crm.operations.raw.get("../keys")
        assert fake.seen[0].target.startswith(f"{PATH}/..%2F")

    def test_are_never_applied_twice_by_a_lost_reply(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(Answer(drop=True), ok(operation()))
        crm.operations.apply(ID)
        one, two = fake.seen
        assert one.headers["idempotency-key"] == two.headers["idempotency-key"]


class TestUndo:
    def test_of_the_last_thing_or_of_something_named(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(operation("applying", kind="undo")), ok(operation(updated=1, kind="undo")))
        assert crm.undo().summary == "1 updated"
        assert calls(fake) == ["POST /v1/undo", f"GET {URL}"]
        asked = {"what": None, "where": None, "force_fields": False, "yes": True}
        assert fake.seen[0].json == asked
        fake.says(ok(operation("planned", update=1, kind="undo")))
        crm.undo("contacts/ada@x.org", where="city = Rom", force_fields=True, yes=False)
        asked = {"what": "contacts/ada@x.org", "where": "city = Rom"}
        assert fake.seen[2].json == {**asked, "force_fields": True, "yes": False}
        fake.says(ok(operation("planned", kind="undo")))
        assert crm.operations.raw.take_back("seq:812")["kind"] == "undo"


class TestUploads:
    def test_go_on_where_they_stopped(self, crm: Cerebro, fake: Fake, tmp_path: Path) -> None:
        file = tmp_path / "people.csv"
        file.write_bytes(b"0123456789")
        fake.says(ok(upload(4)))
        begun = crm.uploads.put(b"0123")
        assert isinstance(begun, Upload)
        size = crm.uploads.get(begun.id).size
        with file.open("rb") as rest:
            rest.seek(size)
            fake.says(ok(upload(10)))
            assert crm.uploads.put(rest, upload_id=begun.id, offset=size).size == 10
        seen = fake.seen[-1]
        assert seen.body == b"456789"
        assert seen.params == {"name": "people.csv", "upload_id": str(begun.id), "offset": "4"}

    def test_at_a_wrong_offset_are_a_conflict(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(problem(409, "conflict", "4 bytes have arrived."))
        with pytest.raises(ConflictError, match="4 bytes"):
            crm.uploads.raw.put(b"x", upload_id="u", offset=7)


class TestAsync:
    @pytest.fixture
    async def crm(self, fake: Fake, brisk: None) -> AsyncIterator[AsyncCerebro]:
        async with AsyncCerebro(fake.url, KEY, timeout=5) as client:
            yield client

    async def test_from_the_file_to_the_way_back(self, crm: AsyncCerebro, fake: Fake) -> None:
        undo = operation(delete=1, deleted=1, kind="undo")
        fake.says(
            *(ok(upload()), ok(operation("planning")), ok(operation("planned", create=1))),
            *(ok(operation("applying")), ok(operation(create=1, created=1))),
            *(ok(undo), ok(operation("undone"))),
        )
        op = await crm.contacts.import_plan(b"email\nx\n")
        assert op.summary == "1 to create"
        await op.apply()
        assert (await op.undo()).summary == "1 deleted"
        assert op.state == "undone"
        assert calls(fake) == [
            *("PUT /v1/uploads", f"POST {PATH}", f"GET {URL}"),
            *(f"POST {URL}/apply", f"GET {URL}", f"POST {URL}/undo", f"GET {URL}"),
        ]

    async def test_lists_and_files(self, crm: AsyncCerebro, fake: Fake) -> None:
        fake.says(page([operation()]))
        assert [op.kind async for op in crm.operations.list()] == ["contacts.update"]
        fake.says(page([row(1, "error", problem=LEFT)]))
        assert [wrong.action async for wrong in crm.operations.errors(ID)] == ["error"]
        fake.says(Answer(200, b"x", {"Content-Type": "text/csv"}))
        pieces = [piece async for piece in crm.operations.errors_file(ID)]
        assert b"".join(pieces) == b"x"

    async def test_waiting_can_be_given_up(self, crm: AsyncCerebro, fake: Fake) -> None:
        fake.says(ok(operation("applying")))
        op = await crm.operations.get(ID)
        waiting = asyncio.create_task(op.wait())
        while len(fake.seen) < 2:
            await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        fake.says(ok(operation()))
        assert (await op.wait()).state == "applied"

    async def test_anything_is_taken_back(self, crm: AsyncCerebro, fake: Fake) -> None:
        fake.says(ok(operation(updated=1, kind="undo")))
        assert (await crm.undo("seq:812")).state == "applied"
        assert fake.seen[0].json["what"] == "seq:812"


class TestWritingMany:
    def test_goes_in_batches_and_numbers_the_results(self, crm: Cerebro, fake: Fake) -> None:
        def report(count: int) -> Answer:
            items = [
                {"index": n, "result": "created", "id": ID, "errors": []} for n in range(count)
            ]
            return ok({"operation_id": ID, "items": items})

        fake.says(report(5_000), report(1))
        people = ({"last_name": f"P{n}"} for n in range(5_001))
        results = list(crm.contacts.write_many(people, mode="create"))
        assert [result.index for result in results] == list(range(5_001))
        assert calls(fake) == ["POST /v1/contacts/batch"] * 2
        assert len({seen.headers["idempotency-key"] for seen in fake.seen}) == 2
        assert fake.seen[1].json["items"] == [{"last_name": "P5000"}]

    def test_is_one_request_where_it_is_all_or_nothing(self, crm: Cerebro, fake: Fake) -> None:
        wrong = {"pointer": "/contacts", "code": "email", "detail": "no address", "line": 2}
        fake.says(problem(409, code="not_whole", errors=[wrong]))
        people = [ContactUpdate(last_name="Ada"), ContactUpdate(last_name="Bob")]
        with pytest.raises(ConflictError, match="no address"):
            list(crm.contacts.write_many(people * 3_000, all_or_nothing=True))
        assert len(fake.seen) == 1

    def test_warns_of_keys_that_are_no_fields(self, crm: Cerebro, fake: Fake) -> None:
        item = {"index": 0, "result": "created", "id": ID, "errors": []}
        fake.says(ok({"operation_id": ID, "items": [item], "ignored": ["emial"]}))
        with pytest.warns(UserWarning, match="no fields were left out: emial"):
            list(crm.contacts.write_many([{"last_name": "Ada", "emial": "ada@x.example"}]))

    def test_refuses_what_is_no_record(self, crm: Cerebro, fake: Fake) -> None:
        with pytest.raises(TypeError, match="got str"):
            list(crm.contacts.write_many(["x"]))  # type: ignore[list-item]
        assert fake.seen == []
