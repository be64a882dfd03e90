"""Take turns, take medians, compare with a goal, print and keep."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
TURNS = 5


@dataclass(frozen=True)
class Figure:
    """One line of the report."""

    name: str
    ours: float
    baseline: float
    unit: str
    goal: str
    reached: bool
    note: str = ""

    @property
    def ratio(self) -> float:
        """Ours divided by the baseline."""
        return self.ours / self.baseline

    def line(self) -> str:
        """The figure as the terminal shows it."""
        verdict = "reached" if self.reached else "NOT REACHED"
        note = f"   {self.note}" if self.note else ""
        return (
            f"{self.name:<34} {self.ours:>10.4g} {self.baseline:>10.4g} {self.unit:<6} "
            f"{self.ratio:>7.3f}   {self.goal:<18} {verdict}{note}"
        )


def turns(
    ours: Callable[[], float], baseline: Callable[[], float], *, count: int = TURNS
) -> tuple[float, float]:
    """Measure the two in turn (A B A B …) and return the median of each."""
    pairs = [(ours(), baseline()) for _ in range(count)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def at_least(name: str, ours: float, baseline: float, *, unit: str, ratio: float) -> Figure:
    """More is better: the goal is a share of the baseline."""
    reached = ours >= baseline * ratio
    return Figure(name, ours, baseline, unit, f">= {ratio:g} x baseline", reached)


def at_most(name: str, ours: float, baseline: float, *, unit: str, ratio: float) -> Figure:
    """Less is better: the goal is a multiple of the baseline."""
    reached = ours <= baseline * ratio
    return Figure(name, ours, baseline, unit, f"<= {ratio:g} x baseline", reached)


def at_most_more(name: str, ours: float, baseline: float, *, unit: str, more: float) -> Figure:
    """Less is better: the goal is the baseline and a fixed amount on top."""
    reached = ours <= baseline + more
    return Figure(name, ours, baseline, unit, f"<= baseline + {more:g}", reached)


def seconds(call: Callable[[], object]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def head() -> str:
    """The line above the figures."""
    columns = (
        f"{'figure':<34} {'ours':>10} {'baseline':>10} {'unit':<6} {'ratio':>7}   {'goal':<18}"
    )
    return f"{columns}\n{'-' * len(columns)}"


def keep(name: str, figures: Iterable[Figure]) -> Path:
    """Write the figures as JSON, with what the machine was."""
    now = datetime.now(UTC)
    report = {
        "at": now.isoformat(timespec="seconds"),
        "machine": {
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
        },
        "figures": [{**asdict(figure), "ratio": round(figure.ratio, 4)} for figure in figures],
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now:%Y%m%dT%H%M%SZ}-{name}.json"
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return path
