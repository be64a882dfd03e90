"""A whole workspace as a folder, bytes included: out of one workspace, into another one."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cerebro_sdk import AsyncCerebro, Cerebro, InvalidError
from tests.fixtures.server import free_port, running
from tests.fixtures.stores import Installation

LARGE = bytes(range(256)) * 70_000  # 17 MiB: sent as an upload
SMALL = b"Ten engines, 900 EUR\n"


class Sides(NamedTuple):
    """Two workspaces of one server."""

    one: Cerebro
    other: Cerebro


@pytest.fixture
def sides(installation: Installation) -> Iterator[Sides]:
    key = installation.add_workspace("second")
    with running(installation, free_port()) as server:
        url = server.reached_by["CEREBRO_URL"]
        with Cerebro(url, installation.api_key) as one, Cerebro(url, key) as other:
            yield Sides(one, other)


def told(crm: Cerebro) -> list[dict[str, Any]]:
    """Return all files but for what a workspace gives them by itself."""
    own = {"version", "created_at", "updated_at", "owner_id"}
    rows = (each.model_dump(mode="json") for each in crm.files.list(sort="name"))
    return [{name: value for name, value in row.items() if name not in own} for row in rows]


def filled(crm: Cerebro, folder: Path) -> None:
    crm.companies.create(name="Acme", domain="acme.example")
    deal = crm.deals.create(name="Engines", company_id="acme.example")
    lead = crm.leads.create(last_name="Hopper", email="grace@navy.example")
    quote = crm.quotes.create(deal_id=str(deal.id))
    (folder / "large.bin").write_bytes(LARGE)
    crm.files.add(folder / "large.bin", deal=deal.number, company="acme.example")
    crm.files.add(SMALL, "offer.txt", description="As sent", lead=lead.id, quote=quote.number)
    crm.files.add(SMALL, "copy.txt", company="acme.example")


def test_a_folder_brings_files_and_bytes_into_another_workspace(
    sides: Sides, tmp_path: Path
) -> None:
    filled(sides.one, tmp_path)
    first = tmp_path / "first"
    sides.one.export(first)
    digests = {hashlib.sha256(content).hexdigest() for content in (LARGE, SMALL)}
    assert {path.name for path in (first / "files").iterdir()} == digests
    assert {*sides.one.files.missing([*digests])} == set()
    assert {*sides.other.files.missing([*digests])} == digests  # of another workspace
    op = sides.other.import_dump(first)
    assert {*sides.other.files.missing([*digests])} == set()
    assert (op.raw["plan"]["error"], op.raw["plan"]["skip"]) == (0, 0), list(op.errors())
    op.apply()
    assert told(sides.other) == told(sides.one)
    [large] = sides.other.files.list("deal.name = Engines")
    sides.other.files.download(large.id, tmp_path / "back.bin")
    assert (tmp_path / "back.bin").read_bytes() == LARGE
    again = sides.other.import_dump(first)
    assert {again.raw["plan"][name] for name in ("create", "update", "error")} == {0}

    damaged = first / "files" / hashlib.sha256(SMALL).hexdigest()
    damaged.write_bytes(b"something else")
    with pytest.raises(InvalidError, match="cut off"):
        sides.other.import_dump(first)
    sides.one.export(first, replace=True)
    assert damaged.read_bytes() == SMALL

    op.undo()
    assert told(sides.other) == []
    bare = tmp_path / "bare"
    sides.one.export(bare, attachments=False)
    assert not (bare / "files").exists()
    found = sides.other.import_dump(bare)
    assert found.raw["plan"]["error"] == 0
    left = {
        each["file"]: each["why"] for each in found.raw["report"]["reconciliation"]["not_imported"]
    }
    assert "without the bytes" in left["files.jsonl"]
    fresh = sides.one.files.add(b"new", "new.txt")
    since = json.loads((bare / "manifest.json").read_text("utf-8"))["cursor"]
    sides.one.export(tmp_path / "later", since=since)
    assert [path.name for path in (tmp_path / "later" / "files").iterdir()] == [fresh.sha256]


async def test_the_asynchronous_client_streams_both_ways(
    sides: Sides, installation: Installation, tmp_path: Path
) -> None:
    url = sides.one._transport.address
    async with AsyncCerebro(str(url), installation.api_key) as crm:
        with (tmp_path / "a.bin").open("wb") as out:
            out.write(LARGE)
        file = await crm.files.add(tmp_path / "a.bin")
        pieces = [len(piece) async for piece in crm.files.download(file.id)]
        assert sum(pieces) == len(LARGE)
        assert max(pieces) <= 1 << 20
        rest = b"".join([p async for p in crm.files.download(file.id, offset=len(LARGE) - 5)])
        assert rest == LARGE[-5:]
        link = await crm.files.link(file.id)
        both = (crm.files.shared(link.url, tmp_path / "b.bin"), crm.files.store(b"more"))
        size, stored = await asyncio.gather(*both)
        assert (size, stored.size) == (len(LARGE), 4)
        made = await crm.files.create(name="more.txt", sha256=stored.sha256)
        assert made.content_type == "text/plain"
