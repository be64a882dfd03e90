"""Parquet: typed columns that say the same as JSON, in groups of rows, of one noun or a folder."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.records.exporting import parquet
from cerebro_server.kernel.records.exporting.columns import Column
from tests.server.query.custom import DEFINITIONS, POOLS

from .doing import content, made, ready

TYPES = {
    "integer": pa.int64(),
    "rating": pa.int64(),
    "decimal": pa.decimal128(38, 12),
    "percent": pa.decimal128(38, 12),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us", tz="UTC"),
    "multi_select": pa.list_(pa.string()),
    "checklist": pa.list_(pa.string()),
}
COMPANY = {
    "name": 'É "quoted", =cmd',
    "employees": 42,
    "annual_revenue": "999999999999999.99",
    "tags": ["a,b", "ü"],
    "external_ids": {"crm": "7"},
    "source_created_at": "1999-12-31T23:59:59.123456Z",
}


def read(data: bytes) -> pa.Table:
    return pq.read_table(io.BytesIO(data))


async def exported(api: httpx.AsyncClient, noun: str, **params: Any) -> httpx.Response:
    reply = await api.get(f"/v1/{noun}/export", params={"format": "parquet", **params})
    assert reply.status_code == 200, reply.text
    return reply


async def test_amounts_keep_all_of_their_decimals(api: httpx.AsyncClient) -> None:
    rate = {"currency": "USD", "day": "2025-01-01", "rate": "0.8765432109"}
    assert (await api.post("/v1/exchange_rates", json=rate)).status_code == 201
    deal = {"name": "x", "amount": "0.13", "probability": 33, "currency": "USD"}
    deal = (await api.post("/v1/deals", json=deal)).json()
    [row] = read((await exported(api, "deals")).content).to_pylist()
    for name in ("amount", "weighted_amount", "rate", "base_amount", "weighted_base_amount"):
        assert row[name] == Decimal(deal[name]) > 0, name


async def test_columns_have_types_and_say_the_same_as_json(api: httpx.AsyncClient) -> None:
    for key, each in DEFINITIONS.items():
        field = {"record_type": "contacts", "key": key, "type": each.type}
        if each.options:
            field["options"] = [{"key": k, "label": label} for k, label in each.options]
        assert (await api.post("/v1/fields", json=field)).status_code == 201
    people = [s for s in POOLS if s not in ("user", "team")]
    for place in (0, 1):
        custom = {f"x_{kind}": POOLS[kind][place] for kind in people}
        body = {"last_name": f"N{place}", "birthday": "1815-12-10", "custom": custom}
        reply = await api.post("/v1/contacts", json=body)
        assert reply.status_code == 201, reply.text
    assert (await api.post("/v1/contacts", json={"last_name": "N2"})).status_code == 201
    table = read((await exported(api, "contacts", sort="last_name")).content)
    lines = (await exported(api, "contacts", sort="last_name", format="jsonl")).text.splitlines()
    for kind in POOLS:
        column = table.column(f"x_{kind}")
        assert column.type == TYPES.get(kind, pa.string()), kind
        for value, line in zip(column.to_pylist(), lines, strict=True):
            _same(value, json.loads(line)["custom"].get(f"x_{kind}"))
    assert table.column("birthday").to_pylist()[0] == date(1815, 12, 10)
    assert table.column("x_boolean").null_count == 1


def _same(value: Any, said: Any) -> None:
    if isinstance(value, Decimal):
        assert value == Decimal(said)
    elif isinstance(value, datetime):
        assert value == datetime.fromisoformat(said)
    elif isinstance(value, date):
        assert value.isoformat() == said
    elif isinstance(value, list):
        assert [_read(item) for item in value] == said
    else:
        assert value == said or _read(value) == said


def _read(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text


async def test_of_a_folder_and_with_related_columns_and_since(api: httpx.AsyncClient) -> None:
    empty = await ready(api, format="parquet")
    assert read(await content(api, empty, "companies.parquet")).num_rows == 0
    parent = (await api.post("/v1/companies", json=COMPANY)).json()
    child = {"name": "Child", "parent_id": parent["id"]}
    assert (await api.post("/v1/companies", json=child)).status_code == 201
    export = await ready(api, format="parquet", since=empty["cursor"])
    table = read(await content(api, export, "companies.parquet"))
    row, _ = table.to_pylist()
    assert row["annual_revenue"] == Decimal(COMPANY["annual_revenue"])  # type: ignore[arg-type]
    assert (row["name"], row["employees"], row["tags"]) == (COMPANY["name"], 42, COMPANY["tags"])
    assert row["source_created_at"] == datetime(1999, 12, 31, 23, 59, 59, 123456, UTC)
    assert (row["external_ids.crm"], row["version"]) == ("7", 1)
    params = {"columns": "name,parent.annual_revenue,parent.tags", "sort": "-name"}
    table = read((await exported(api, "companies", **params)).content)
    assert table.schema.field("parent.annual_revenue").type == pa.decimal128(38, 2)
    assert table.to_pylist()[1]["parent.tags"] == COMPANY["tags"]


def test_is_written_group_by_group() -> None:
    table = parquet.Table([Column("n", "", kind=Kind.INTEGER), Column("name", "")])
    lines = [b'{"n": %d, "name": "Company %d"}' % (n, n) for n in range(45_000)]
    pieces = [table.write(lines[start : start + 7_000]) for start in range(0, 45_000, 7_000)]
    assert [bool(piece) for piece in pieces].count(True) >= 2, "all of it was held back"
    file = pq.ParquetFile(io.BytesIO(b"".join([*pieces, table.close()])))
    groups = [file.metadata.row_group(n).num_rows for n in range(file.metadata.num_row_groups)]
    assert groups == [20_000, 20_000, 5_000]
    assert file.read().column("n").to_pylist() == list(range(45_000))


async def test_without_the_extra_it_says_which(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    reply = await api.get("/v1/companies/export", params={"format": "parquet"})
    assert (reply.status_code, f"[{parquet.EXTRA}]" in reply.json()["detail"]) == (422, True)
    assert "[parquet]" in (await made(api, 422, format="parquet"))["detail"]
