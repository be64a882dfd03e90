"""The docs name every setting, permission, event, error code and command; links lead somewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from cerebro_cli import lazy
from cerebro_server import registry
from cerebro_server.kernel.config import Settings
from tests.architecture.source import ROOT, modules, source, strings

# Codes are for programs and never change: this list only grows.
RELEASED_CODES = {
    "ambiguous_reference",
    "bad_request",
    "conflict",
    "duplicate_key",
    "forbidden",
    "internal_error",
    "invalid",
    "invalid_cursor",
    "invalid_file",
    "invalid_query",
    "malformed_json",
    "method_not_allowed",
    "not_authenticated",
    "not_found",
    "payload_too_large",
    "possible_duplicate",
    "query_too_large",
    "record_deleted",
    "timeout",
    "unavailable",
    "unsupported_media_type",
    "validation_failed",
    "version_mismatch",
}
PAGES = sorted(
    path
    for folder in (ROOT, ROOT / "docs", ROOT / "docs" / "decisions", ROOT / "benchmarks")
    for path in folder.glob("*.md")
)


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def rows(name: str) -> set[str]:
    """Return what stands in the first column of a page's tables."""
    return set(re.findall(r"^\| `([^`]+)` \|", page(name), re.MULTILINE))


def error_codes() -> Iterator[str]:
    """Yield each `code = "…"` that a class of the server declares."""
    for module in modules("cerebro_server"):
        for owner in ast.walk(module.tree):
            for node in owner.body if isinstance(owner, ast.ClassDef) else ():
                target = node.targets[0] if isinstance(node, ast.Assign) else None
                if isinstance(node, ast.AnnAssign):
                    target = node.target
                if isinstance(target, ast.Name) and target.id == "code":
                    value = getattr(node, "value", None)
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        yield value.value


def commands() -> Iterator[str]:
    """Yield every command as typed: `cerebro companies list`."""
    for name, command in lazy.built_in().items():
        loaded = lazy.load(command)
        yield from _below(f"cerebro {name}", typer.main.get_command(loaded))


def _below(path: str, command: Any) -> Iterator[str]:
    children = getattr(command, "commands", {})
    if not children:
        yield path
    for name, child in children.items():
        if not child.hidden:
            yield from _below(f"{path} {name}", child)


def test_name_every_setting() -> None:
    assert {f"CEREBRO_{name.upper()}" for name in Settings.model_fields} <= rows("settings.md")


def test_name_every_variable_that_the_source_reads() -> None:
    read = {
        name
        for module in source()
        for _, text in strings(module)
        for name in re.findall(r"\bCEREBRO_[A-Z0-9_]+\b", text)
    }
    assert read <= rows("settings.md")


def test_name_every_permission() -> None:
    assert set(registry.permissions()) == rows("permissions.md")


def test_name_every_event() -> None:
    assert set(registry.events()) == rows("events.md")


def test_name_every_error_code() -> None:
    assert set(error_codes()) == rows("errors.md")


def test_no_released_code_is_gone() -> None:
    assert set(error_codes()) >= RELEASED_CODES


def test_name_every_command() -> None:
    text = page("cli.md")
    assert not [command for command in commands() if command not in text]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:|#", target):
            assert (path.parent / target.partition("#")[0]).exists(), f"{path.name}: {target}"
