"""The examples that `create --help` shows, run against a server."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from cerebro_cli import facts
from cerebro_cli.main import main
from cerebro_cli.noun import examples
from cerebro_sdk import Cerebro

_NOT_THERE = ("There is no ", "unknown_reference")
_ONCE_MORE = ("duplicate", "already", "This key is taken")
_OWN = ("fields",)
"""Nouns whose `create` is a command of their own."""


def test_what_help_shows_is_taken_but_for_references_to_nothing(
    running_server: Mapping[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folders = {f"CEREBRO_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "CACHE")}
    for name, value in {**running_server, **folders}.items():
        monkeypatch.setenv(name, value)
    # what the examples call 12 and 7
    with Cerebro(running_server["CEREBRO_URL"], running_server["CEREBRO_API_KEY"]) as crm:
        (tmp_path / "deals.csv").write_text("number,name\n12,Fleet\n")
        assert main(("deals", "import", str(tmp_path / "deals.csv"), "--yes")) == 0
        crm.products.create(sku="E-100", name="Engine")
        crm.deal_lines.create(deal_id="12", product_id="E-100", unit_price=Decimal(5))
        quotes = [crm.quotes.create(deal_id="12") for _ in range(7)]
        assert quotes[-1].number == 7
    wrong, taken = [], set()
    for about in facts.nouns().values():
        if "create" not in about.verbs or about.name in _OWN:
            continue
        for rest in examples(about, "create"):
            if rest.startswith("-") or "--dry-run" in rest:
                continue
            code = main((about.name, "create", *shlex.split(rest)))
            said = capsys.readouterr().err
            if code == 0:
                taken.add(about.name)
            elif not any(word in said for word in (*_NOT_THERE, *_ONCE_MORE)):
                wrong.append(f"{about.name} create {rest}: {said.strip()}")
    assert not wrong, "\n".join(wrong)
    assert {"deals", "quotas", "exchange_rates", "lead_statuses", "lead_forms", "prices"} <= taken
