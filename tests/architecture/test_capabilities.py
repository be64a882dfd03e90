"""The capabilities that are said to be shown are shown: every test that is named exists."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    (f"{part}: {row}", test)
    for part, rows in tomllib.loads((ROOT / "tests/capabilities.toml").read_text()).items()
    for row, tests in rows.items()
    for test in tests
]


def exists(reference: str) -> bool:
    """Say whether a test file, or a class or test in it, exists."""
    path, *names = reference.split("::")
    if not (ROOT / path).is_file():
        return False
    body: list[ast.stmt] = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
    for name in names:
        found = [
            node
            for node in body
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name == name
        ]
        if not found:
            return False
        body = found[0].body
    return True


@pytest.mark.parametrize(("row", "test"), ROWS)
def test_is_shown(row: str, test: str) -> None:
    assert exists(test), f"{row} names {test}, which does not exist"


def test_bites() -> None:
    assert not exists("tests/capabilities_nowhere.py")
    assert not exists("tests/architecture/test_capabilities.py::test_nothing")
    assert exists("tests/architecture/test_capabilities.py::test_bites")
