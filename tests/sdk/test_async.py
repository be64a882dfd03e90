"""The asynchronous flavour: the same calls awaited, cancelled and run side by side."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cerebro_sdk import (
    AsyncCerebro,
    ConnectionFailedError,
    InvalidError,
    TimedOutError,
    UnavailableError,
)
from cerebro_sdk.schemas.contacts.companies import Company
from tests.sdk.conftest import KEY
from tests.sdk.fake import Answer, Fake, ok, page, problem
from tests.sdk.records import change, company, report

BUSY = problem(503, "unavailable")


@pytest.fixture
async def crm(fake: Fake, brisk: None) -> AsyncIterator[AsyncCerebro]:
    async with AsyncCerebro(fake.url, KEY, timeout=5) as client:
        yield client


async def test_reads_and_writes(crm: AsyncCerebro, fake: Fake) -> None:
    fake.says(ok(company()))
    assert isinstance(await crm.companies.get("x"), Company)
    await crm.companies.create(name="Acme")
    await crm.companies.update("x", city="Bern", version=1)
    await crm.companies.delete("x")
    await crm.companies.restore("x")
    methods = [seen.method for seen in fake.seen]
    assert methods == ["GET", "POST", "PATCH", "DELETE", "POST"]
    assert await crm.companies.raw.get("x") == company()
    assert fake.connections == 1


async def test_lists(crm: AsyncCerebro, fake: Fake) -> None:
    fake.says(page([company(1)], "c"), page([company(2)]))
    assert [record.name async for record in crm.companies.list()] == ["Company 1", "Company 2"]
    first = await crm.changes.raw.list().page()
    assert first.items == [company(2)]
    fake.says(page([change()]))
    assert len(await crm.changes.list().to_records()) == 1


async def test_tries_again(crm: AsyncCerebro, fake: Fake) -> None:
    fake.says(BUSY, Answer(drop=True), ok(company()))
    assert (await crm.companies.create(name="a")).version == 1
    assert len({seen.headers["idempotency-key"] for seen in fake.seen}) == 1
    fake.says(BUSY)
    with pytest.raises(UnavailableError):
        await crm.companies.update("x", name="b")
    assert len(fake.seen) == 4


async def test_says_what_is_wrong(crm: AsyncCerebro) -> None:
    with pytest.raises(InvalidError, match="employees"):
        await crm.companies.create(name="a", employees="many")
    crm._transport.address = crm._transport.address._replace(port=1)
    with pytest.raises(ConnectionFailedError, match="Cannot reach"):
        await crm.companies.get("x")


@pytest.mark.parametrize(
    "answer", [Answer(wait=2), Answer(200, chunks=[b" "] * 30, pause=0.1)], ids=["mute", "trickle"]
)
async def test_the_deadline_holds(crm: AsyncCerebro, fake: Fake, answer: Answer) -> None:
    fake.says(answer)
    began = asyncio.get_running_loop().time()
    with pytest.raises(TimedOutError):
        await crm.with_options(deadline=0.3).companies.get("x")
    assert asyncio.get_running_loop().time() - began < 1.5


async def test_imports_and_exports(crm: AsyncCerebro, fake: Fake, tmp_path: Path) -> None:
    rows = b"name\nAcme\n" * 30_000
    (tmp_path / "in.csv").write_bytes(rows)
    fake.says(ok(report(created=1)))
    assert (await crm.companies.import_(tmp_path / "in.csv")).created == 1
    assert fake.seen[0].body == rows
    fake.says(Answer(200, chunks=[b"a", b"b"]))
    assert await crm.companies.export(tmp_path / "out.csv") == 2
    assert await crm.companies.export(io.BytesIO()) == 2
    async with crm.companies.export(format="jsonl") as pieces:
        assert [piece async for piece in pieces] == [b"a", b"b"]
    fake.says(Answer(200, chunks=[b"a"], short=True))
    with pytest.raises(ConnectionFailedError, match="broke"):
        await crm.companies.export(tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == b"ab"


async def test_many_at_once(crm: AsyncCerebro, fake: Fake) -> None:
    fake.says(ok(company())._replace(wait=0.02))
    found = await asyncio.gather(*(crm.companies.get(n) for n in range(30)))
    assert len(found) == 30


async def test_a_cancelled_call_gives_its_connection_up(crm: AsyncCerebro, fake: Fake) -> None:
    for answer in (Answer(wait=1), Answer(200, chunks=[b" "] * 30, pause=0.05), BUSY):
        fake.says(answer)
        task = asyncio.create_task(crm.with_options(max_retries=9).companies.get("x"))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        fake.says(ok(company()))
        assert (await crm.companies.get("x")).version == 1


async def test_a_cancelled_export_leaves_no_file(
    crm: AsyncCerebro, fake: Fake, tmp_path: Path
) -> None:
    fake.says(Answer(200, chunks=[b"a\n"] * 50, pause=0.05))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await crm.companies.export(tmp_path / "out.csv")
    assert not list(tmp_path.glob("*out.csv*"))


async def test_a_closed_client_says_so(fake: Fake) -> None:
    crm = AsyncCerebro(fake.url, KEY)
    await crm.close()
    with pytest.raises(RuntimeError, match="closed"):
        await crm.companies.get("x")
