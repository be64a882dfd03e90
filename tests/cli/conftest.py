"""A scripted server, and the command line run against it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cerebro_cli.main import main
from tests.cli.scripted import Script, serving

KEY = "cbr_main_k1_secretcrc"


class Ran(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


class Stream(io.TextIOWrapper):
    """A stream as Python opens it, over memory; a terminal or a pipe."""

    def __init__(self, raw: io.BytesIO, *, terminal: bool = False, encoding: str = "utf-8") -> None:
        super().__init__(raw, encoding=encoding, write_through=True)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.fixture
def server() -> Iterator[Script]:
    with serving() as script:
        yield script


@pytest.fixture
def settings(server: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(server.url, tmp_path).items():
        monkeypatch.setenv(name, value)
    for name in ("CEREBRO_PROFILE", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def cerebro(settings: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Run a command in this process, with streams of its own."""

    def run(
        *arguments: str, stdin: str = "", terminal: bool = False, encoding: str = "utf-8"
    ) -> Ran:
        out, err = io.BytesIO(), io.BytesIO()
        source = Stream(io.BytesIO(stdin.encode()), terminal=terminal)
        monkeypatch.setattr(sys, "stdin", source)
        monkeypatch.setattr(sys, "stdout", Stream(out, terminal=terminal, encoding=encoding))
        monkeypatch.setattr(sys, "stderr", Stream(err, terminal=terminal, encoding=encoding))
        code = main(arguments)
        return Ran(code, out.getvalue().decode(encoding), err.getvalue().decode(encoding))

    return run


def environment(url: str, folder: Path) -> dict[str, str]:
    return {
        "CEREBRO_URL": url,
        "CEREBRO_API_KEY": KEY,
        "CEREBRO_CONFIG_DIR": str(folder / "config"),
        "CEREBRO_CACHE_DIR": str(folder / "cache"),
        "TERM": "xterm-256color",
        "COLUMNS": "200",
        "LINES": "50",
    }


@pytest.fixture
def process(server: Script, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run a command in a process of its own."""

    def run(*arguments: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
        env = {**os.environ, **environment(server.url, tmp_path), **more.pop("env", {})}
        command = [sys.executable, "-m", "cerebro_cli", *arguments]
        return subprocess.run(
            command, env=env, capture_output=True, timeout=60, check=False, **more
        )

    return run


def company(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A company as the server writes it."""
    return {
        "id": f"01900000-0000-7000-8000-{number:012x}",
        "version": 1,
        "name": f"Company {number}",
        "domain": None,
        "employees": None,
        "created_at": "2026-05-01T09:30:00.123456Z",
        "updated_at": "2026-05-01T09:30:00.123456Z",
        "deleted_at": None,
        "external_ids": {},
        "source_created_at": None,
        **fields,
    }


def page(*items: dict[str, Any], next_cursor: str | None = None) -> dict[str, Any]:
    """A page of a list."""
    return {"items": list(items), "next_cursor": next_cursor}
