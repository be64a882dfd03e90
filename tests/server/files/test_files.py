"""Attached files: their bytes in and out, whose they are, and how long they are kept."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx

from cerebro_sdk.schemas.workspace.files import EMPTY
from cerebro_server.components.workspace import jobs
from tests.fixtures.people import People, bearer
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation
from tests.server.files.conftest import BINARY, URL, add, content
from tests.server.jobs.conftest import Desk, until

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LARGE = bytes(range(256)) * 10_000  # 2.4 MiB: three pieces


async def made(api: httpx.AsyncClient, noun: str, **fields: Any) -> dict[str, Any]:
    reply = await api.post(f"/v1/{noun}", json=fields)
    assert reply.status_code == 201, reply.text
    found: dict[str, Any] = reply.json()
    return found


class TestBytes:
    async def test_go_in_and_come_out_whole_or_in_parts(self, api: httpx.AsyncClient) -> None:
        await made(api, "companies", name="Acme", domain="acme.example")
        deal = await made(api, "deals", name="Engines", company_id="acme.example")
        said = {"deal": str(deal["number"]), "company": "acme.example", "description": "Raw"}
        file = await add(api, LARGE, "readings.bin", **said)
        digest = hashlib.sha256(LARGE).hexdigest()
        assert (file["size"], file["sha256"], file["description"]) == (len(LARGE), digest, "Raw")
        assert (file["deal_id"], file["company_id"]) == (deal["id"], deal["company_id"])
        reply = await content(api, file)
        assert (reply.status_code, reply.content) == (200, LARGE)
        assert reply.headers["etag"] == f'"{digest}"'
        part = await content(api, file, headers={"Range": "bytes=1048570-1048585"})
        assert (part.status_code, part.content) == (206, LARGE[1_048_570:1_048_586])
        assert part.headers["content-range"] == f"bytes 1048570-1048585/{len(LARGE)}"
        beyond = await content(api, file, headers={"Range": f"bytes={len(LARGE)}-"})
        assert (beyond.status_code, beyond.json()["size"]) == (416, len(LARGE))
        empty = await add(api, b"", "nothing")
        assert (empty["size"], (await content(api, empty)).content) == (0, b"")
        listed = await api.get(URL, params={"where": "deal.number = 1 and size > 1000000"})
        assert [each["id"] for each in listed.json()["items"]] == [file["id"]]

    async def test_are_never_shown_and_named_without_tricks(self, api: httpx.AsyncClient) -> None:
        for name, sent, kept, kind, served in (
            ("../../etc/a.html", b"<html><script>", "a.html", "text/html", None),
            ("C:\\x\\.evil\u202egnp.svg", b"<?xml ?><svg >", "evilgnp.svg", "image/svg+xml", None),
            ('a"b\r\nX: 1.png', PNG, 'a"bX: 1.png', "image/png", "image/png"),
            ("fake.png", b"<!doctype html>", "fake.png", "text/html", None),
            ("a.DOCX", b"PK\x03\x04" + bytes(30), "a.DOCX", WORD, WORD),
            ("Größe.csv", b"a,b\n1,2\n", "Größe.csv", "text/csv", "text/csv"),
            (f"{'ü' * 300}.pdf", b"%PDF-1.7", f"{'ü' * 125}.pdf", "application/pdf", None),
        ):
            file = await add(api, sent, name)
            assert (file["name"], file["content_type"]) == (kept, kind)
            headers = (await content(api, file)).headers
            expected = served or ("application/pdf" if kind.endswith("pdf") else BINARY_TYPE)
            assert headers["content-type"] == expected
            assert headers["content-disposition"].startswith('attachment; filename="')
            assert headers["x-content-type-options"] == "nosniff"
            assert "sandbox" in headers["content-security-policy"]
        refused = await add(api, b"x", "../..", 422)
        assert refused["errors"][0]["pointer"] == "/name"

    async def test_are_kept_once_and_swept_when_no_file_names_them(
        self, api: httpx.AsyncClient, desk: Desk
    ) -> None:
        one, two = await add(api, LARGE, "a.bin"), await add(api, LARGE, "b.bin")
        pieces = "select count(*) from blob_pieces"
        assert (one["sha256"], desk.rows(pieces)) == (two["sha256"], [(3,)])
        for file in (one, two):
            assert (await api.delete(f"{URL}/{file['id']}")).is_success
        assert (await content(api, one)).status_code == 404
        deleted = await content(api, one, params={"deleted": "include"})
        assert deleted.content == LARGE
        assert (await api.post(f"{URL}/{two['id']}/restore")).is_success
        assert (await api.post(f"{URL}/{one['id']}/destroy")).is_success
        async with desk.working({"tidy": jobs.tidy}):

            async def tidied() -> list[tuple[Any, ...]]:
                await desk.ask("tidy")
                await until(lambda: desk.states().get("pending", 0) == 0, "the job is taken")
                await until(lambda: desk.states().get("leased", 0) == 0, "the job is done")
                return desk.rows(pieces)

            desk.rows("update blobs set loose_since = now() - interval '400 days' returning 1")
            assert await tidied() == [(3,)], "a file names them still"
            assert (await content(api, two)).content == LARGE
            await api.delete(f"{URL}/{two['id']}")
            await api.post(f"{URL}/{two['id']}/destroy")
            assert await tidied() == [(3,)], "they are kept for a while"
            desk.rows("update blobs set loose_since = now() - interval '31 days' "
                      "where loose_since is not null returning 1")  # fmt: skip
            await tidied()
            assert await tidied() == [(0,)]
        again = await add(api, LARGE, "c.bin")
        assert (await content(api, again)).content == LARGE


BINARY_TYPE = BINARY["Content-Type"]


class TestSending:
    async def test_a_large_one_comes_by_an_upload(self, api: httpx.AsyncClient) -> None:
        sent = LARGE[:1_000_000]
        upload = (await api.put("/v1/uploads", content=sent, headers=BINARY)).json()
        where = {"upload_id": upload["id"], "offset": upload["size"]}
        rest = LARGE[1_000_000:]
        assert (await api.put("/v1/uploads", params=where, content=rest, headers=BINARY)).is_success
        file = await add(api, b"", "large.bin", upload_id=upload["id"])
        assert (await content(api, file)).content == LARGE
        both = await add(api, b"more", "large.bin", 422, upload_id=upload["id"])
        assert both["errors"][0]["parameter"] == "upload_id"
        missing = await add(api, b"", "large.bin", 404, upload_id=file["id"])
        assert "upload" in missing["detail"]

    async def test_what_is_wrong_is_said(self, installation: Installation) -> None:
        async with serving(installation, max_file_bytes=2_000) as api:
            large = await add(api, b"x" * 2_001, code=413)
            assert (large["limit"], large["code"]) == (2_000, "payload_too_large")
            upload = await api.put("/v1/uploads", content=b"x" * 2_001, headers=BINARY)
            large = await add(api, b"", code=413, upload_id=upload.json()["id"])
            assert "2,001" in large["detail"]
            nobody = await add(api, b"x", code=422, contact="ada@nowhere.example")
            assert nobody["errors"][0]["pointer"] == "/contact_id"
            odd = await add(api, b"x", code=422, content_type="not a type")
            assert odd["errors"][0]["pointer"] == "/content_type"
            file = await add(api, b"kept")
            for field in ({"sha256": file["sha256"]}, {"size": 1}, {"content_type": "a/b"}):
                reply = await api.patch(f"{URL}/{file['id']}", json=field)
                assert reply.status_code == 422, field
            listed = await api.get(URL)
            assert [each["id"] for each in listed.json()["items"]] == [file["id"]]

    async def test_is_undone_as_everything_is(self, api: httpx.AsyncClient) -> None:
        file = await add(api, b"mine")
        assert (await api.post("/v1/undo", json={"yes": True})).is_success
        assert (await api.get(f"{URL}/{file['id']}")).status_code == 404
        other = await add(api, b"other")
        await api.delete(f"{URL}/{other['id']}")
        assert (await api.post("/v1/undo", json={"yes": True})).is_success
        assert (await content(api, other)).content == b"other"


class TestRights:
    async def test_a_file_is_there_for_who_may_read_all_that_it_is_attached_to(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        rights = ("files:read", "files:create", "contacts:read:own", "companies:read")
        main.role("narrow", rights)
        narrow = {"headers": main.signed("narrow", "narrow")}
        await made(api, "contacts", last_name="Lovelace", email="ada@acme.example")
        await made(api, "companies", name="Acme", domain="acme.example")
        secret = await add(api, b"secret", "s.txt", contact="ada@acme.example")
        both = await add(api, b"both", company="acme.example", contact="ada@acme.example")
        open_ = await add(api, b"open", "o.txt", company="acme.example")
        for file in (secret, both):
            assert (await api.get(f"{URL}/{file['id']}", **narrow)).status_code == 404
            assert (await content(api, file, **narrow)).status_code == 404
            link = await api.post(f"{URL}/{file['id']}/link", json={}, **narrow)
            assert link.status_code == 404
        assert (await content(api, open_, **narrow)).content == b"open"
        listed = (await api.get(URL, params={"count": "exact"}, **narrow)).json()
        assert ([each["id"] for each in listed["items"]], listed["count"]) == ([open_["id"]], 1)

        # knowing a digest is no right to the bytes
        named = {"name": "mine.txt", "sha256": secret["sha256"]}
        reply = await api.post(URL, json=named, **narrow)
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "unknown_bytes")
        reply = await api.post(URL, json={**named, "sha256": open_["sha256"]}, **narrow)
        assert reply.status_code == 201
        # nor does anybody learn that they are there
        nowhere = "0" * 64
        asked = {"sha256": [secret["sha256"], open_["sha256"], EMPTY, nowhere, secret["sha256"]]}
        reply = await api.post(f"{URL}/content/missing", json=asked, **narrow)
        assert reply.json() == {"sha256": [secret["sha256"], nowhere]}
        assert (await api.post(f"{URL}/content/missing", json=asked)).json()["sha256"] == [nowhere]
        for wrong in ({"sha256": ["x"]}, {"sha256": [nowhere] * 1_001}, {}):
            assert (await api.post(f"{URL}/content/missing", json=wrong)).status_code == 422
        sent = await add(api, b"secret", "theirs.txt", headers=narrow["headers"])
        assert sent["sha256"] == secret["sha256"]
        assert (await api.post(URL, json=named, **narrow)).status_code == 201

    async def test_a_link_is_good_for_a_while_and_for_its_file(
        self, installation: Installation, main: People
    ) -> None:
        async with serving(installation, key_cache_seconds=0.0) as api:
            maker = main.user("maker", "agent")
            signed = {"headers": bearer(main.key("*", user=maker))}
            file, other = await add(api, LARGE, "a.bin"), await add(api, b"other")
            reply = await api.post(f"{URL}/{file['id']}/link", json={"seconds": 60}, **signed)
            link, nobody = httpx.URL(reply.json()["url"]), {"Authorization": ""}
            path = link.raw_path.decode()
            got = await api.get(path, headers={**nobody, "Range": "bytes=5-9"})
            assert (got.status_code, got.content) == (206, LARGE[5:10])
            assert got.headers["content-disposition"].startswith("attachment")
            expires = dict(link.params)["expires"]
            for changed in (
                path.replace(file["id"], other["id"]),
                path.replace(expires, str(int(expires) + 1)),
                path.replace("by=key", "by=user"),
                path.replace("/main/", "/other/"),
            ):
                assert changed != path
                assert (await api.get(changed, headers=nobody)).status_code == 403
            main.connection.execute("update users set roles = '{}' where id = %s", (maker,))
            assert (await api.get(path, headers=nobody)).status_code == 403
            main.connection.execute("update users set roles = '{agent}' where id = %s", (maker,))
            await api.delete(f"{URL}/{file['id']}")
            assert (await api.get(path, headers=nobody)).status_code == 404
