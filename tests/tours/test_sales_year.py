"""A sales year comes in, is worked, reported on and goes out again: by commands alone, and by the
SDK alone."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from cerebro_sdk import Cerebro
from cerebro_server import demo
from tests.fixtures.stores import Installation
from tests.tours.test_operations import CLI, cerebro

__all__ = ["cerebro"]
REPORTS = (
    *("pipeline", "forecast", "time-in-stage", "funnel", "velocity", "slipped", "win-rate"),
    *("cycle", "reasons", "cohort", "quota"),
)


def written(folder: Path) -> Path:
    """Write the year as a folder of files."""
    folder.mkdir()
    for file in demo.files():
        (folder / f"{file.noun}.csv").write_bytes(file.content)
    return folder


def won(rows: Iterable[Mapping[str, Any]]) -> Decimal:
    """Return what was won, in the base currency."""
    found = [Decimal(row["base_amount"]) for row in rows if row["status"] == "won"]
    return sum(found, Decimal())


def year() -> Decimal:
    """Return what the year's files say was won, at the rates of the days."""
    files = {file.noun: file.content.decode() for file in demo.files()}
    deals, rates = (
        list(csv.DictReader(io.StringIO(files[n]))) for n in ("deals", "exchange_rates")
    )
    found = Decimal()
    for deal in deals:
        if deal["stage"] != "won":
            continue
        day = deal["closed_at"][:10]
        known = [r for r in rates if r["currency"] == deal["currency"] and r["day"] <= day]
        rate = Decimal(max(known, key=lambda r: r["day"])["rate"]) if known else Decimal(1)
        found += (Decimal(deal["amount"]) * rate).quantize(Decimal("0.01"), "ROUND_HALF_UP")
    return found


def test_by_commands_alone(cerebro: CLI, tmp_path: Path) -> None:
    def read(line: str) -> Any:
        return json.loads(cerebro(line).stdout)

    written(tmp_path / "year")
    assert "deal_stages" in cerebro("import year --dry-run").stdout
    cerebro("import year --yes")
    assert won(read("reports pipeline --json")) == year()
    before = read("changes list --limit 1 --json")[0]["seq"]
    # worked
    ran = cerebro("leads convert-many --where 'status.name = new' --deal source=leads --yes")
    assert "converted" in ran.stderr
    opened = read("deals list --where 'status = open' --sort -amount --all --json")
    first, second, third = (deal["number"] for deal in opened[:3])
    cerebro(f"deals move {first} --stage negotiation")
    cerebro(f"deals win {first}")
    cerebro(f"deals lose {second} --reason Price")
    cerebro(f"deals update {third} expected_close=2027-12-31")
    cerebro("quotas create user_id=me period=year period_start=2026-01-01 amount=100000")
    # reported on, now and as it was
    for name in REPORTS:
        assert cerebro(f"reports {name} --csv").stdout.count("\n") > 1, name
        cerebro(f"reports {name} --as-of seq:{before} --json")
    assert won(read(f"reports pipeline --as-of seq:{before} --json")) == year()
    assert won(read("reports pipeline --json")) > year()
    changed = cerebro(f"forecast --compare seq:{before} --csv").stdout
    causes = {row["cause"] for row in csv.DictReader(io.StringIO(changed))}
    assert {"new", "won", "lost", "pushed_out"} <= causes
    assert "Negotiation" in cerebro("deals board").stdout
    # and out again
    cerebro("export out --yes")
    told = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["files"]
    rows = {file["noun"]: file["rows"] for file in told if file.get("noun")}
    for noun in ("deals", "deal_stages", "leads", "contacts", "companies", "exchange_rates"):
        assert rows[noun] == len(read(f"{noun} list --all --json")), noun


def test_by_the_sdk_alone(
    running_server: Mapping[str, str],
    running_worker: None,
    installation: Installation,
    tmp_path: Path,
) -> None:
    with Cerebro(running_server["CEREBRO_URL"], running_server["CEREBRO_API_KEY"]) as crm:
        done = crm.import_dump(written(tmp_path / "year")).apply()
        assert not done.data.plan.error
        assert won(crm.reports.raw.pipeline()) == year()
        [last] = [change.seq for change in crm.changes.list(limit=1)]
        plan = crm.leads.convert_plan("status.name = new", deal={"source": "leads"})
        assert plan.raw["report"]["converts"] == plan.apply().data.done.updated > 0
        first, second = list(crm.deals.list("status = open", sort="-amount", limit=2))
        crm.deals.win(first.id)
        crm.deals.lose(second.id, lost_reason_id="Price")
        then = f"seq:{last}"
        assert won(crm.reports.raw.pipeline(as_of=then)) == year()
        assert won(crm.reports.raw.pipeline()) > year()
        [end] = [row for row in crm.reports.funnel(as_of=then) if row.status == "won"]
        assert end.reached < next(r for r in crm.reports.funnel() if r.status == "won").reached
        changed = crm.reports.forecast_changes(then)
        assert {"won", "lost", "new"} <= {cause.cause for row in changed for cause in row.causes}
        for row in changed:
            steps = sum((cause.weighted for cause in row.causes), Decimal())
            assert row.weighted_then + steps == row.weighted_now
        plan.undo()
        assert not crm.deals.list("source = leads").first()
