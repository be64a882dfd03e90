"""`python -m benchmarks [SUITE...]`: measure, print, keep; 1 if a goal is missed."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator

from benchmarks import api, bulk, commands, duplicates, feed, jobs, large, sales, timetravel, tour
from benchmarks.measure import Figure, head, keep

SUITES: dict[str, Callable[[], Iterator[Figure]]] = {
    "api": api.run,
    "bulk": bulk.run,
    "cli": commands.start_of_the_cli,
    "duplicates": duplicates.run,
    "feed": feed.run,
    "jobs": jobs.run,
    "large": large.run,
    "sales": sales.run,
    "timetravel": timetravel.run,
    "tour": tour.run,
    "up": commands.start_of_everything,
}


def main() -> int:
    """Run the suites that were named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="suite", help=" ".join(SUITES))
    named = parser.parse_args().suites or list(SUITES)
    if unknown := set(named) - set(SUITES):
        parser.error(f"no such suite: {', '.join(sorted(unknown))}; there are {', '.join(SUITES)}")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # imports without .pyc take four times as long
    figures: list[Figure] = []
    print(head(), flush=True)
    for name in named:
        for figure in SUITES[name]():
            figures.append(figure)
            print(figure.line(), flush=True)
    print(f"kept in {keep('-'.join(named), figures)}")
    return 0 if all(figure.reached for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
