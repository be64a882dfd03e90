"""What an import may be told: mode, saved mapping, deletions; and the file of what it refuses."""

from __future__ import annotations

from typing import Any

import httpx

from tests.server.operations.doing import (
    URL,
    ask,
    contact,
    errors,
    imported,
    plan,
    undone,
    uploaded,
)

FILE = "email,last_name,job_title\nada@x.example,Ada,Boss\nnew@x.example,New,Boss\n"


async def names(api: httpx.AsyncClient, where: str) -> list[str]:
    """Return the last names that a filter fits, in order."""
    reply = await api.get("/v1/contacts", params={"where": where, "sort": "last_name"})
    return [record["last_name"] for record in reply.json()["items"]]


def counted(op: dict[str, Any]) -> tuple[dict[str, int], dict[str, int]]:
    """Return what was done and what was planned, without zeros."""
    done, planned = ({k: n for k, n in op[name].items() if n} for name in ("done", "plan"))
    return done, planned


class TestMode:
    async def test_create_leaves_what_is_there(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada")
        op = await imported(api, "contacts", FILE, mode="create")
        assert counted(op) == ({"created": 1}, {"create": 1, "skip": 1})
        assert await names(api, "job_title = Boss") == ["New"]

    async def test_update_makes_nothing_new(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada")
        op = await imported(api, "contacts", FILE, mode="update")
        assert counted(op) == ({"updated": 1}, {"update": 1, "skip": 1})
        assert await names(api, "job_title = Boss") == ["Ada"]

    async def test_rows_need_only_what_their_records_lack(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada")
        partial = "email,job_title\nada@x.example,Boss\nnew@x.example,Boss\n"
        op = await imported(api, "contacts", partial)
        assert counted(op) == ({"updated": 1}, {"update": 1, "error": 1})
        [row] = await errors(api, op)
        assert (row["line"], row["problem"]["field"], row["problem"]["code"]) == (
            *(3, "last_name"),
            "missing",
        )
        op = await imported(api, "contacts", partial.replace("Boss", "Chief"), mode="update")
        assert counted(op) == ({"updated": 1}, {"update": 1, "skip": 1})
        assert await names(api, "job_title = Chief") == ["Ada"]

    async def test_rows_that_are_left_out_link_nothing(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada")
        await api.post("/v1/companies", json={"name": "Acme"})
        file = "email,last_name,company\nada@x.example,Ada,Acme\nnew@x.example,New,Acme\n"
        op = await imported(api, "contacts", file, mode="update")
        assert counted(op)[1] == {"create": 1, "unchanged": 1, "skip": 1}
        op = await imported(api, "contacts", file, mode="create")
        assert counted(op)[1] == {"create": 2, "unchanged": 1}

    async def test_another_is_refused(self, api: httpx.AsyncClient) -> None:
        asked = {"upload_id": await uploaded(api, FILE), "mode": "merge"}
        body = {"kind": "contacts.import", "input": asked}
        assert (await ask(api, URL, body, 422))["code"] == "validation_failed"


class TestOneRecord:
    async def test_of_two_rows_far_apart_has_the_first(self, api: httpx.AsyncClient) -> None:
        ada = await contact(api, "Ada")
        others = [f",n{number}@x.example,N,\n" for number in range(2_600)]
        rows = [f"{ada},,Ada,Boss\n", *others, ",ada@x.example,Ada,Clerk\n"]
        content = "id,email,last_name,job_title\n" + "".join(rows)
        asked = {"upload_id": await uploaded(api, content), "key": "email"}
        op = await plan(api, "contacts.import", **asked)
        assert (op["plan"]["update"], op["plan"]["create"]) == (1, 2_600)
        [row] = await errors(api, op)
        assert (row["line"], row["problem"]["code"]) == (2_603, "duplicate_key")


class TestSavedMapping:
    async def test_is_used_for_the_next_file(self, api: httpx.AsyncClient) -> None:
        await imported(
            *(api, "contacts", "Who,Where,Fax\nAda,ada@x.example,1\n"),
            map={"Who": "last_name", "Where": "email", "Fax": None},
            key="email",
            save_mapping="old",
        )
        second = "Who,Where,Fax\nAda,ada@x.example,1\nBob,bob@x.example,2\n"
        op = await imported(api, "contacts", second, mapping="old")
        assert op["report"]["mapping"] == {"Who": "last_name", "Where": "email"}
        assert (op["done"]["created"], op["plan"]["unchanged"]) == (1, 1)

    async def test_takes_a_file_with_other_columns(self, api: httpx.AsyncClient) -> None:
        await imported(
            *(api, "contacts", "Name,a,b,Town\nAda,ada@x.example,1234567,Rome\n"),
            map={"a": "emails[1]", "b": "phones[2:work]", "Town": None},
            save_mapping="old",
        )
        second = "b,Name,Department,E-mail\n1234567,Bob,Board,bob@x.example\n"
        op = await imported(api, "contacts", second, mapping="old")
        assert op["report"]["mapping"] == {
            "b": "phones[2:work].number",
            "Name": "full_name",
            "Department": "department",
            "E-mail": "email",
        }

    async def test_that_is_not_there_is_named(self, api: httpx.AsyncClient) -> None:
        asked = {"upload_id": await uploaded(api, FILE), "mapping": "none"}
        refused = await ask(api, URL, {"kind": "contacts.import", "input": asked}, 422)
        assert "none yet" in refused["detail"]


class TestDeletes:
    FILE = (
        "Action,Name,E-mail Address\n"
        "delete,Ada,ada@x.example\ndelete,Nobody,no@x.example\nadd,Cy Fox,cy@x.example\n"
    )

    async def test_are_left_out_unless_asked_for(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada")
        op = await imported(api, "contacts", self.FILE, preset="outlook")
        assert counted(op) == ({"created": 1}, {"create": 1, "skip": 2})
        assert await names(api, "email = ada@x.example") == ["Ada"]

    async def test_delete_what_there_is_and_come_back(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada")
        op = await imported(api, "contacts", self.FILE, preset="outlook", deletes=True)
        assert (op["done"]["deleted"], op["done"]["created"], op["plan"]["skip"]) == (1, 1, 1)
        assert await names(api, "email = ada@x.example") == []
        await undone(api, op)
        assert await names(api, "last_name is not empty") == ["Ada"]


class TestErrorsFile:
    async def test_has_the_shape_of_the_input_and_can_be_imported(
        self, api: httpx.AsyncClient
    ) -> None:
        content = "email;last_name;Shoe size\nada@x.example;Ada;38\nnone;Bad;39\n"
        op = await imported(api, "contacts", content)
        assert (op["done"]["created"], op["plan"]["error"]) == (1, 1)
        [row] = await errors(api, op)
        assert (row["line"], row["problem"]["column"]) == (3, "email")
        reply = await api.get(f"{URL}/{op['id']}/errors-file")
        header, wrong = reply.content.decode("utf-8-sig").splitlines()
        assert header.startswith("email;last_name;Shoe size;_error")
        assert wrong.startswith("none;Bad;39;")
        again = await imported(api, "contacts", reply.content.replace(b"none", b"bad@x.example"))
        assert counted(again) == ({"created": 1}, {"create": 1})

    async def test_of_json_lines_is_json_lines(self, api: httpx.AsyncClient) -> None:
        content = '{"email": "none", "last_name": "Bad"}\n'
        op = await imported(api, "contacts", content)
        reply = await api.get(f"{URL}/{op['id']}/errors-file")
        assert reply.headers["content-type"].startswith("application/jsonl")
        assert reply.json()["last_name"] == "Bad"
        assert "_error" in reply.json()

    async def test_is_of_imports_alone(self, api: httpx.AsyncClient) -> None:
        op = await plan(api, "contacts.delete")
        refused = await api.get(f"{URL}/{op['id']}/errors-file")
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
