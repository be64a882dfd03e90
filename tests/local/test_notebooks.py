"""The cells of docs/notebooks.md run as printed, in a notebook's way: one after the other, in one
namespace, inside a running event loop, and they print what the page says."""

from __future__ import annotations

import ast
import inspect
import re
from typing import Any, NamedTuple

import pytest

from tests.architecture.source import ROOT

_CELL = re.compile(
    r"^```python\n(?P<code>.*?)^```\n(?:\n```text\n(?P<prints>.*?)^```\n)?",
    re.MULTILINE | re.DOTALL,
)


class Cell(NamedTuple):
    code: str
    prints: str


def cells() -> list[Cell]:
    text = (ROOT / "docs" / "notebooks.md").read_text(encoding="utf-8")
    return [Cell(found["code"], found["prints"] or "") for found in _CELL.finditer(text)]


async def run(cell: Cell, names: dict[str, Any]) -> None:
    """Run a cell as IPython does: an await at its top is awaited by the running loop."""
    code = compile(cell.code, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    found = eval(code, names)
    if inspect.isawaitable(found):
        await found


async def test_the_cells_do_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    try:
        for cell in cells():
            await run(cell, names)
            assert capsys.readouterr().out == cell.prints, cell.code
    finally:
        if "session" in names:
            names["session"].close()


def test_every_block_is_a_cell() -> None:
    text = (ROOT / "docs" / "notebooks.md").read_text(encoding="utf-8")
    assert text.count("```python") == len(cells()) > 5
    assert text.count("```text") == sum(1 for cell in cells() if cell.prints)
