"""Raw routes: FastAPI and psycopg, JSON built by SQL, no auth, no journal, no validation."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, LiteralString
from uuid import uuid4

import uvicorn
from fastapi import FastAPI, Request, Response
from psycopg_pool import AsyncConnectionPool

GET = "select row_to_json(c)::text from companies c where id = %s"
LIST = (
    "select json_build_object('items', json_agg(row_to_json(p)), 'next_cursor', null)::text from ("
    "select c.* from companies c "
    "where fold(industry) = fold(%s) and employees > %s and deleted_at is null "
    "order by employees desc nulls first, id limit %s) p"
)
CREATE = (
    "insert into raw_companies as c (id, name, domain, industry, employees) "
    "values (%s, %s, %s, %s, %s) returning row_to_json(c)::text"
)


async def _configure(connection: Any) -> None:
    connection.prepare_threshold = 2
    await connection.execute(f"set search_path = {os.environ['RAW_SCHEMA']}")


pool = AsyncConnectionPool(
    os.environ.get("RAW_DATABASE_URL", ""),
    min_size=1,
    max_size=8,
    open=False,
    configure=_configure,
    kwargs={"autocommit": True},
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the pool, and make the table that is created into: as companies, without triggers."""
    async with pool:
        async with pool.connection() as connection:
            await connection.execute(
                "create table if not exists raw_companies (like companies including all)"
            )
        yield


app = FastAPI(lifespan=lifespan)


async def _one(statement: LiteralString, *params: object) -> Response:
    async with pool.connection() as connection:
        cursor = await connection.execute(statement, params)
        row = await cursor.fetchone()
    return Response(row[0] if row else "null", media_type="application/json")


@app.get("/readyz")
async def ready() -> dict[str, str]:
    """Say that the pool is open."""
    return {"status": "ok"}


@app.get("/companies/{company_id}")
async def get(company_id: str) -> Response:
    """Read one."""
    return await _one(GET, company_id)


@app.get("/companies")
async def page(industry: str, employees: int, limit: int = 50) -> Response:
    """List the first page, filtered and sorted."""
    return await _one(LIST, industry, employees, limit)


@app.post("/companies")
async def create(request: Request) -> Response:
    """Insert one row."""
    body = await request.json()
    names = ("name", "domain", "industry", "employees")
    reply = await _one(CREATE, uuid4(), *(body.get(name) for name in names))
    reply.status_code = 201
    return reply


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["RAW_PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
