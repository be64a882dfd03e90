"""Files on their way in, piece by piece."""

from __future__ import annotations

import httpx
import pytest

from tests.fixtures.server import serving
from tests.fixtures.stores import Installation

URL = "/v1/uploads"
BINARY = {"Content-Type": "application/octet-stream"}


async def put(api: httpx.AsyncClient, content: bytes, **where: str | int) -> httpx.Response:
    return await api.put(URL, params=where, content=content, headers=BINARY)


async def test_the_limit_is_that_of_the_whole_file(installation: Installation) -> None:
    async with serving(installation, max_import_bytes=1_000) as api:
        upload = (await put(api, b"x" * 600)).json()
        reply = await put(api, b"x" * 600, upload_id=upload["id"], offset=600)
        assert (reply.status_code, reply.json()["limit"]) == (413, 400)
        reply = await put(api, b"x" * 400, upload_id=upload["id"], offset=600)
        assert (reply.status_code, reply.json()["size"]) == (200, 1_000)
        reply = await put(api, b"x", upload_id=upload["id"], offset=1_000)
        assert (reply.status_code, reply.json()["limit"]) == (413, 0)


async def test_another_offset_than_what_is_there_is_refused(installation: Installation) -> None:
    async with serving(installation, max_import_bytes=1_000) as api:
        upload = (await put(api, b"x" * 600)).json()
        for offset in (0, 599, 5_000):
            reply = await put(api, b"x", upload_id=upload["id"], offset=offset)
            assert (reply.status_code, reply.json()["size"]) == (409, 600)


@pytest.mark.parametrize("parameter", ["state", "kind", "record"])
async def test_a_nul_in_a_parameter_is_refused(api: httpx.AsyncClient, parameter: str) -> None:
    reply = await api.get("/v1/operations", params={parameter: "contacts\0"})
    assert reply.status_code == 422
