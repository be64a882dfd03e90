"""The commands in the README and the guides run as printed, in their order, on a real server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.docs.tour import ROOT, Step, pages, steps


def run(step: Step, *, env: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a block as a reader would, but stop at the first command that fails."""
    shells = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}
    return subprocess.run(
        [*shells[step.language], step.text],
        env=dict(env),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_page_does_what_it_says(
    page: Path, running_server: Mapping[str, str], tmp_path: Path
) -> None:
    env = {
        **os.environ,
        **running_server,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "CEREBRO_CONFIG_DIR": str(tmp_path / "config"),
        "CEREBRO_CACHE_DIR": str(tmp_path / "cache"),
    }
    for step in steps(page):
        result = run(step, env=env, folder=tmp_path)
        said = f"$ {step.text}\n{result.stdout}\n{result.stderr}"
        assert result.returncode == step.exits, said
        assert step.prints in result.stdout, said
        assert "Traceback" not in result.stderr, said


def test_the_readme_has_a_tour() -> None:
    assert ROOT / "README.md" in pages()


def test_every_mark_is_read() -> None:
    for page in pages():
        text = page.read_text(encoding="utf-8")
        assert text.count("<!-- tour") == len(steps(page)), page


def test_finds_a_block_that_fails(tmp_path: Path) -> None:
    step = Step(language="sh", text="false\ntrue\n", prints="", exits=0)
    assert run(step, env=os.environ, folder=tmp_path).returncode == 1
