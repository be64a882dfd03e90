"""What it takes to start: the command line, and everything with `cerebro up`."""

from __future__ import annotations

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.api import fill
from benchmarks.measure import Figure, at_most, at_most_more, seconds, turns
from benchmarks.stand import await_answer, free_port, stand
from cerebro_server.embedded import account as accounts
from cerebro_server.embedded import places

CEREBRO = [str(Path(sys.executable).with_name("cerebro"))]
CLI_TURNS = 15
START_TURNS = 5
LIMIT_MB = 220


def start_of_the_cli() -> Iterator[Figure]:
    """`--help` against importing Typer, and a list against bare Python, both with warm caches."""
    with stand() as here, tempfile.TemporaryDirectory() as home:
        fill(here, range(200))
        env = plain_environment(Path(home))
        env |= {"CEREBRO_URL": f"http://127.0.0.1:{here.port}", "CEREBRO_API_KEY": here.api_key}

        def took(command: list[str]) -> float:
            return 1000 * seconds(
                lambda: subprocess.run(command, env=env, check=True, capture_output=True)
            )

        for each in ([*CEREBRO, "--help"], [*CEREBRO, "companies", "list"]):
            took(each)  # writes what is remembered and compiled
        a, b = turns(
            lambda: took([*CEREBRO, "--help"]),
            lambda: took([sys.executable, "-c", "import typer"]),
            count=CLI_TURNS,
        )
        yield at_most("cerebro --help", a, b, unit="ms", ratio=1.3)
        a, b = turns(
            lambda: took([*CEREBRO, "companies", "list"]),
            lambda: took([sys.executable, "-c", "pass"]),
            count=CLI_TURNS,
        )
        yield at_most("cerebro companies list", a, b, unit="ms", ratio=10)


def start_of_everything() -> Iterator[Figure]:
    """`cerebro up` until ready, first and later, against the bare stores; then memory, idle."""
    first, later, bare_first, bare_later, memory = [], [], [], [], []
    for _ in range(START_TURNS):
        with folder() as data:
            with running(data) as (took, pid):
                first.append(took)
                time.sleep(2)  # idle means after the start
                memory.append(pss_of_tree(pid))
            with running(data) as (took, _):
                later.append(took)
        with folder() as data:
            bare_first.append(bare(data))
            bare_later.append(bare(data))
    middle = statistics.median
    yield at_most_more("up, first", middle(first), middle(bare_first), unit="s", more=6)
    yield at_most_more("up, later", middle(later), middle(bare_later), unit="s", more=2.5)
    yield at_most("idle memory (PSS), of the limit", middle(memory), LIMIT_MB, unit="MB", ratio=1)


def plain_environment(home: Path) -> dict[str, str]:
    """Return an environment with nothing of the user's, and with compiled files allowed."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {**kept, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_CACHE_HOME": str(home)}


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that the stores' user can enter."""
    path = places.make_temporary(accounts.choose(Path(os.devnull)))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def running(data: Path) -> Iterator[tuple[float, int]]:
    """Run `cerebro up` until the block ends; yield the seconds until ready, and its process id."""
    port = free_port()
    env: Mapping[str, str] = plain_environment(data)
    command = [*CEREBRO, "up", "--data-dir", str(data / "data"), "--port", str(port)]
    start = time.perf_counter()
    child = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await_answer(port, child)
        yield time.perf_counter() - start, child.pid
    finally:
        child.send_signal(signal.SIGINT)
        child.wait(30)


def bare(data: Path) -> float:
    """Start PostgreSQL and Redis (with initdb the first time) and return the seconds it took."""
    command = [sys.executable, "-m", "benchmarks.baselines.bare_stores", str(data)]
    start = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    if child.stdout.readline() != b"ready\n":
        raise RuntimeError("the bare stores did not start")
    took = time.perf_counter() - start
    child.communicate(b"")
    return took


def pss_of_tree(pid: int) -> float:
    """Return the memory of our own Python processes below one, in MB; the stores are left out."""
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    ours = [p for p in family if "python" in p.name() or "cerebro" in p.name()]
    return float(sum(p.memory_full_info().pss for p in ours) / 1e6)
