"""The syntax-tree rules hold in the source, and each of them bites."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture import rules
from tests.architecture.rules import Exempt, Rule
from tests.architecture.source import Module, modules

SERVER_RULES: dict[Rule, tuple[Exempt, ...]] = {
    rules.sql_stays_in_kernel: (),
    rules.commits_stay_in_kernel: (),
    rules.problems_not_http_exceptions: (),
    rules.egress_only: (
        Exempt("cerebro_server/commands/probe", "`doctor` and `up` ask our own server"),
    ),
    rules.no_select_star: (),
    rules.no_listen: (),
    rules.no_transaction_in_pipeline: (),
    rules.no_sleep: (
        Exempt(
            "cerebro_server/kernel/db/migrate",
            "waits between tries for a lock; migrations run before the event loop, or in a thread",
        ),
    ),
    rules.sql_is_composed_in_kernel: (),
}

PLANTED: dict[Rule, tuple[str, ...]] = {
    rules.sql_stays_in_kernel: (
        "import sqlmodel as s\nrows = s.select(1)\n",
        "from sqlalchemy import insert\ninsert(table)\n",
        "async def f(conn):\n    await conn.execute('x')\n",
    ),
    rules.commits_stay_in_kernel: ("async def f(conn):\n    await conn.commit()\n",),
    rules.problems_not_http_exceptions: (
        "from fastapi import HTTPException\n",
        "import fastapi\nraise fastapi.HTTPException(404)\n",
    ),
    rules.egress_only: (
        "import httpx\n",
        "from urllib import request\n",
        "def f():\n    import http.client\n",
    ),
    rules.no_select_star: ("SQL = 'select * from companies'\n", "SQL = f'SELECT t.* from {x}'\n"),
    rules.no_listen: ("SQL = 'listen changes'\n", "SQL = f'LISTEN {x}'\n"),
    rules.no_transaction_in_pipeline: (
        "async def f(c):\n    async with c.pipeline():\n        async with c.transaction():\n"
        "            pass\n",
        "async def f(c):\n    async with c.pipeline(), c.transaction():\n        pass\n",
    ),
    rules.no_sleep: ("import time\ntime.sleep(1)\n", "from time import sleep\n"),
    rules.sql_is_composed_in_kernel: (
        "SQL = f'delete from {table}'\n",
        "SQL = 'select id from %s' % table\n",
        "SQL = 'update {} set x = 1'.format(table)\n",
        "def f(name):\n    return f'select id from {name}'\n",
    ),
    rules.no_asserted_timings: (
        "import time\ndef test_x():\n    start = time.perf_counter()\n"
        "    took = time.perf_counter() - start\n    assert took < 1\n",
        "from time import monotonic\ndef test_x():\n    start = monotonic()\n"
        "    assert monotonic() - start < 1\n",
    ),
}

INNOCENT: dict[Rule, tuple[str, ...]] = {
    rules.sql_stays_in_kernel: ("import select\nselect.select([], [], [])\n[].insert(0, 1)\n",),
    rules.no_select_star: ('"""Never select * from a table."""\n', "x = 'count(*)'\n"),
    rules.no_listen: ("x = 'Listen on this address.'\n",),
    rules.no_transaction_in_pipeline: (
        "async def f(c):\n    async with c.transaction():\n        async with c.pipeline():\n"
        "            pass\n",
    ),
    rules.sql_is_composed_in_kernel: (
        "x = f'Select a company from {names}'\n",
        "x = f'select one of {names}'\n",
        "SQL = 'select id from companies where id = %s'\n",
    ),
    rules.problems_not_http_exceptions: (
        "import http.client\ntry: ...\nexcept http.client.HTTPException: ...\n",
    ),
    rules.no_asserted_timings: (
        "import time\ndef test_x():\n    start = time.time()\n"
        "    assert time.time() - start >= 1\n",
        "import time\ndef test_x():\n    end = time.monotonic() + 5\n"
        "    while time.monotonic() < end:\n        pass\n    assert True\n",
    ),
}


def found(rule: Rule, files: list[Module], exempt: tuple[Exempt, ...] = ()) -> list[str]:
    return [
        f"{module.name}:{line}"
        for module in files
        if not module.within(*(each.place for each in exempt))
        for line in rule(module)
    ]


def plant(folder: Path, text: str, *, at: str) -> list[Module]:
    path = folder / at
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return [Module(root=folder, path=path)]


@pytest.mark.parametrize("rule", SERVER_RULES, ids=lambda rule: rule.__name__)
def test_holds_in_the_server(rule: Rule) -> None:
    assert not found(rule, modules("cerebro_server"), SERVER_RULES[rule]), rule.__doc__


@pytest.mark.parametrize("rule", SERVER_RULES, ids=lambda rule: rule.__name__)
def test_every_exemption_is_still_needed(rule: Rule) -> None:
    for exempt in SERVER_RULES[rule]:
        places = [m for m in modules("cerebro_server") if m.within(exempt.place)]
        assert found(rule, places), f"{rule.__name__} holds in {exempt.place}: drop the exemption"
        assert exempt.reason


def test_no_test_asserts_a_timing() -> None:
    assert not found(rules.no_asserted_timings, modules("tests")), "figures belong to benchmarks/"


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule, texts in PLANTED.items() for text in texts]
)
def test_finds_a_planted_violation(rule: Rule, text: str, tmp_path: Path) -> None:
    planted = plant(tmp_path, text, at="cerebro_server/components/sales/routes.py")
    assert found(rule, planted)


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule, texts in INNOCENT.items() for text in texts]
)
def test_leaves_the_innocent_alone(rule: Rule, text: str, tmp_path: Path) -> None:
    planted = plant(tmp_path, text, at="cerebro_server/components/sales/routes.py")
    assert not found(rule, planted)


def test_the_kernel_and_services_may_talk_to_the_database(tmp_path: Path) -> None:
    text = "async def f(conn):\n    await conn.execute('x')\n"
    for number, place in enumerate(
        ("kernel/db/pool.py", "components/sales/service.py", "components/sales/rules/deals.py")
    ):
        files = plant(tmp_path / str(number), text, at=f"cerebro_server/{place}")
        assert not found(rules.sql_stays_in_kernel, files)


def test_services_compose_sql_of_safe_pieces_only(tmp_path: Path) -> None:
    safe = "f'select {_WIRE} from {ident(schema)}.users where {where.text}'\n"
    for number, (text, count) in enumerate([(safe, 0), (safe.replace("_WIRE", "name"), 1)]):
        files = plant(tmp_path / str(number), text, at="cerebro_server/components/sales/service.py")
        assert len(found(rules.sql_is_composed_in_kernel, files)) == count
