"""The repository stands by itself: no path of somebody's machine, no address of a mirror."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

# Each pattern holds a bracket, so that this file does not match itself.
FOREIGN = {
    "a path of one machine": re.compile(r"(?<![\w.])/wor[k]/|/tmp/[c]/|/hom[e]/(?!cerebro)[a-z]+/"),
    "a tool of one workplace": re.compile(r"\bissue[s] (show|list|close|comment|note)\b"),
    "a private registry": re.compile(
        r"(registry|index[-_]url|\{ url) ?= ?\"?https?:/[/](?!(pypi|files\.pythonhosted)\.org)"
    ),
}


def files(root: Path = ROOT) -> list[Path]:
    """Return what is, or soon will be, in the repository; ignored files are not."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [root / name for name in listed.stdout.split("\0") if name and (root / name).is_file()]


def foreign(text: str) -> list[str]:
    return [what for what, pattern in FOREIGN.items() if pattern.search(text)]


def test_names_nothing_of_one_machine() -> None:
    found = {}
    for path in files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if what := foreign(text):
            found[path.relative_to(ROOT).as_posix()] = what
    assert not found


@pytest.mark.parametrize(
    "text",
    ["see /wor" + "k/main/x", "run issue" + "s show 2", 'registry = "https' + '://mirror.local/"'],
)
def test_finds_a_planted_path(text: str) -> None:
    assert foreign(text)


def test_holds_no_secret_and_no_data() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in files()}
    assert not [name for name in names if re.search(r"(^|/)\.env$|\.(pem|key|sqlite3?)$", name)]
