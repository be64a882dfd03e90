"""Modules say what they hold, and nothing is called after being unsorted."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import Module, everything, source

UNSORTED = {"util", "utils", "helper", "helpers", "common", "misc", "stuff", "tools_common"}


def unsorted_names(files: list[Module]) -> list[str]:
    return [
        module.name
        for module in files
        if UNSORTED & {part.strip("_") for part in Path(module.name).with_suffix("").parts}
    ]


def without_docstring(files: list[Module]) -> list[str]:
    return [m.name for m in files if m.text.strip() and not ast.get_docstring(m.tree)]


def undocumented(module: Module) -> Iterator[str]:
    """Yield public functions, methods and classes at the surface of a module without a sentence."""
    for owner, node in _surface(module.tree):
        if node.name.startswith("_") or ast.get_docstring(node):
            continue
        if {"overload", "override", "setter"} & set(_decorators(node)):
            continue
        yield f"{module.name}:{node.lineno} {owner}{node.name}"


def _surface(
    tree: ast.Module,
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield "", node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield f"{node.name}.", inner


def _decorators(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[str]:
    for decorator in node.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(target, ast.Attribute):
            yield target.attr
        elif isinstance(target, ast.Name):
            yield target.id


def test_no_module_is_named_after_being_unsorted() -> None:
    assert not unsorted_names(everything())


def test_every_module_says_what_lives_in_it() -> None:
    assert not without_docstring(everything())


def test_every_public_function_has_a_sentence() -> None:
    # Migrations have upgrade and downgrade, whose sentence is the module's.
    shipped = [module for module in source() if not module.is_migration]
    assert not [place for module in shipped for place in undocumented(module)]


def test_finds_planted_names_and_silence(tmp_path: Path) -> None:
    path = tmp_path / "cerebro_server" / "_utils.py"
    path.parent.mkdir()
    path.write_text(
        "def win(): ...\n\nclass Deal:\n    def lose(self): ...\n    def _x(self): ...\n"
    )
    module = Module(root=tmp_path, path=path)
    assert unsorted_names([module])
    assert without_docstring([module])
    assert len(list(undocumented(module))) == 3
