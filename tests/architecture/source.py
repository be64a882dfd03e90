"""The source as the rules read it: every Python file with its syntax tree."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("cerebro_sdk", "cerebro_cli", "cerebro_server", "cerebro_tui")
PROGRAMS = ("tools", "benchmarks")

_GENERATED = re.compile(r"generated (from .* )?by|made by tools[./]", re.IGNORECASE)


@dataclass(frozen=True)
class Module:
    """One Python file, known by its path from the root of the checkout."""

    root: Path
    path: Path

    @property
    def name(self) -> str:
        """The path with `/`, as findings print it: `cerebro_server/kernel/db/pool.py`."""
        return self.path.relative_to(self.root).as_posix()

    @cached_property
    def text(self) -> str:
        """The file's text."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """The file's syntax tree."""
        return ast.parse(self.text, filename=self.name)

    @property
    def is_generated(self) -> bool:
        """Whether the first line names a generator."""
        return bool(_GENERATED.search(self.text.partition("\n")[0]))

    @property
    def is_migration(self) -> bool:
        """Whether Alembic runs it."""
        return self.name.startswith("cerebro_server/migrations/")

    def within(self, *places: str) -> bool:
        """Whether the file is one of these, or lies in one of these folders."""
        return any(
            self.name in (place, f"{place}.py") or self.name.startswith(f"{place}/")
            for place in places
        )

    @cached_property
    def docstrings(self) -> frozenset[int]:
        """The identities of the nodes that are docstrings or bare strings beside an attribute."""
        return frozenset(
            id(node.value)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        )


def modules(*folders: str, root: Path = ROOT) -> list[Module]:
    """Return the Python files below these folders of the checkout; missing folders hold none."""
    return [
        Module(root=root, path=path)
        for folder in folders
        for path in sorted((root / folder).rglob("*.py"))
        if "__pycache__" not in path.parts
    ]


def source(root: Path = ROOT) -> list[Module]:
    """Return the files that are shipped."""
    return modules(*PACKAGES, root=root)


def everything(root: Path = ROOT) -> list[Module]:
    """Return the files that are shipped, the programs beside them and the tests."""
    return modules(*PACKAGES, *PROGRAMS, "tests", root=root)


def strings(module: Module) -> Iterator[tuple[ast.expr, str]]:
    """Yield each string that is not a docstring; of an f-string what stands between its fields."""
    inside = {
        id(part)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    for node in ast.walk(module.tree):
        if id(node) in inside:
            continue
        if isinstance(node, ast.JoinedStr):
            yield node, "{}".join(_constants(node))
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in module.docstrings
        ):
            yield node, node.value


def _constants(node: ast.JoinedStr) -> list[str]:
    parts = [""]
    for value in node.values:
        if isinstance(value, ast.Constant):
            parts[-1] += str(value.value)
        else:
            parts.append("")
    return parts
