"""Reports on 100 000 deals with 600 000 stage changes beside SQL by hand, moves beside creations,
and leads converted in bulk beside the import of what they become."""

from __future__ import annotations

import csv
import io
import os
import statistics
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle
from typing import Any

import psycopg

from benchmarks.bulk import done, import_, worker
from benchmarks.measure import Figure, at_most, seconds, turns
from benchmarks.search import caller
from benchmarks.stand import Stand, stand

DEALS = 100_000
MOVES = 6
LEADS = 10_000 if os.environ.get("CEREBRO_BENCH_FULL") else 2_000
ASKS = 30
_STAYS = """
insert into deal_stages (id, deal_id, pipeline_id, from_stage, from_stage_id, to_stage, to_stage_id,
    to_status, entered_at, left_at, actor, amount, currency, probability, expected_close,
    forecast_category)
select gen_random_uuid(), d.id, d.pipeline_id, p.key, p.id, s.key, s.id, s.type,
    d.opened_at + n * interval '9 days',
    case when n < least(%(moves)s, k.last) then d.opened_at + (n + 1) * interval '9 days' end,
    'system', d.amount, d.currency, d.probability, d.expected_close, d.forecast_category
from deals d cross join lateral (select %(moves)s - 1 as last) k
cross join generate_series(0, %(moves)s - 1) n
join stages s on s.pipeline_id = d.pipeline_id and s.position = 1 + (n %% 4)
left join stages p on p.pipeline_id = d.pipeline_id and n > 0 and p.position = 1 + ((n - 1) %% 4)
"""
_DEALS = """
insert into deals (id, name, pipeline_id, stage_id, stage, status, amount, currency, probability,
    forecast_category, expected_close, opened_at, closed_at, last_stage_change_at,
    position)
select gen_random_uuid(), 'Deal ' || n, s.pipeline_id, s.id, s.key, s.type,
    1000 + (n * 7919) %% 50000 + (n %% 100) / 100.0, case n %% 5 when 0 then 'USD' else 'EUR' end,
    s.default_probability, s.default_forecast_category, date '2026-01-01' + n %% 500,
    timestamptz '2025-06-01' + (n %% 400) * interval '1 day',
    case when s.type <> 'open' then timestamptz '2026-02-01' + (n %% 200) * interval '1 day' end,
    now(), lpad(to_hex(n), 8, '0') || '8'
from generate_series(1, %(deals)s) n
join stages s on s.position = 1 + n %% 6 and s.deleted_at is null
"""
BY_HAND = {
    "pipeline": "select s.id, s.label, d.currency, count(*), count(*) filter (where d.amount is "
    "null), sum(d.amount), sum(d.amount * case d.status when 'won' then 100 when 'lost' then 0 "
    "else d.probability end / 100), count(*) filter (where d.rate is null), sum(d.base_amount), "
    "sum(d.base_amount * case d.status when 'won' then 100 when 'lost' then 0 else d.probability "
    "end / 100) from deals d join stages s on s.id = d.stage_id where d.deleted_at is null "
    "group by 1, 2, 3",
    "forecast": "select to_char(case d.status when 'won' then d.closed_at::date else "
    "d.expected_close end, 'YYYY-MM'), d.forecast_category, d.currency, count(*), sum(d.amount), "
    "sum(d.amount * case d.status when 'won' then 100 else d.probability end / 100) "
    "from deals d where d.deleted_at is null and d.status <> 'lost' group by 1, 2, 3",
    "funnel": "with way as (select y.deal_id, s.pipeline_id, s.position, max(s.position) over "
    "(partition by y.deal_id, s.pipeline_id order by y.entered_at desc) as later "
    "from deal_stages y join deals d on d.id = y.deal_id and d.deleted_at is null "
    "join stages s on s.id = y.to_stage_id and s.type <> 'lost' where y.deleted_at is null), "
    "top as (select deal_id, pipeline_id, max(position) as top from way group by 1, 2), "
    "tops as (select pipeline_id, top, count(*) as count from top group by 1, 2) "
    "select w.pipeline_id, w.position, count(distinct w.deal_id), count(distinct w.deal_id) "
    "filter (where w.later > w.position), (select sum(t.count) from tops t where "
    "t.pipeline_id = w.pipeline_id and t.top >= w.position) from way w group by 1, 2",
    "time_in_stage": "select s.id, s.label, count(distinct y.deal_id), sum(y.duration_seconds), "
    "avg(y.duration_seconds), max(y.duration_seconds) from deal_stages y "
    "join deals d on d.id = y.deal_id and d.deleted_at is null "
    "join stages s on s.id = y.to_stage_id group by 1, 2",
}


def run() -> Iterator[Figure]:
    """Yield the figures."""
    with stand() as here, worker(here):
        _fill(here)
        yield from _reports(here)
        yield _moves(here)
        yield _conversions(here)


def _fill(here: Stand) -> None:
    with psycopg.connect(here.database_url, autocommit=True) as connection:
        connection.execute(f"set search_path = {here.schema}; set cerebro.actor = 'system'")
        connection.execute("set session_replication_role = replica")  # no triggers
        connection.execute(_DEALS, {"deals": DEALS})
        connection.execute(_STAYS, {"moves": MOVES})
        connection.execute("vacuum analyze")


def _reports(here: Stand) -> Iterator[Figure]:
    ask = caller(here)
    with psycopg.connect(here.database_url, autocommit=True) as connection:
        connection.execute(f"set search_path = {here.schema}")
        for name, statement in BY_HAND.items():
            ours, bare = turns(
                partial(_ms, partial(ask, "GET", f"/v1/reports/{name}")),
                partial(_ms, partial(_rows, connection, statement)),
            )
            yield at_most(f"report {name}, {DEALS:,} deals", ours, bare, unit="ms", ratio=1.5)


def _rows(connection: psycopg.Connection, statement: str) -> list[Any]:
    return connection.execute(statement).fetchall()


def _ms(call: Callable[[], object]) -> float:
    return 1_000 * seconds(call)


def _moves(here: Stand) -> Figure:
    ask = caller(here)
    page = here.call("GET", "/v1/deals?where=status%20%3D%20open&limit=100")
    deals = [deal["id"] for deal in page["items"]]
    # a deal's turn comes again after 100 moves, and finds another stage: each is a move
    stages = cycle(("proposal", "negotiation", "prospecting"))

    def move() -> float:
        times = [
            _ms(partial(ask, "POST", f"/v1/deals/{deal}/move", {"stage": next(stages)}))
            for deal in deals[:ASKS]
        ]
        deals[:] = [*deals[ASKS:], *deals[:ASKS]]
        return statistics.median(times)

    def create() -> float:
        bodies = [{"name": f"New {n}", "amount": "10.00"} for n in range(ASKS)]
        return statistics.median(_ms(partial(ask, "POST", "/v1/deals", b)) for b in bodies)

    ours, bare = turns(move, create)
    return at_most("move a deal, beside POST create", ours, bare, unit="ms", ratio=1.2)


def _conversions(here: Stand) -> Figure:
    """Convert leads; then take all of it back and import contacts, companies and deals instead."""
    import_(here, _people("company_name"), "leads")
    took = seconds(lambda: done(here, "leads.convert", where="source = bench"))
    counted = "?limit=1&count=exact&where=source%20%3D%20bench"
    created = {n: here.call("GET", f"/v1/{n}{counted}")["count"] for n in ("contacts", "deals")}
    if created != {"contacts": LEADS, "deals": LEADS}:
        raise RuntimeError(f"not all leads were converted: {created}")

    def plainly() -> None:
        import_(here, _people("company", start=LEADS), missing_parent="create")
        import_(here, _deals(), "deals")

    bare = seconds(plainly)
    return at_most(f"convert {LEADS:,} leads, beside imports", took, bare, unit="s", ratio=2.5)


def _people(company: str, *, start: int = 0) -> bytes:
    rows = [
        (f"Ada{n}", f"Bench{n}", f"b{n}@bench{n}.example", f"Bench {n}", "CTO", "bench")
        for n in range(start, start + LEADS)
    ]
    return _csv(("first_name", "last_name", "email", company, "job_title", "source"), rows)


def _deals() -> bytes:
    rows = [(f"Bench {n}", f"Bench {n}", "10.00", "bench") for n in range(LEADS, 2 * LEADS)]
    return _csv(("name", "company", "amount", "source"), rows)


def _csv(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerows([header, *rows])
    return target.getvalue().encode()
