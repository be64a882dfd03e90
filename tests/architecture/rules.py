"""The rules that read syntax trees: each takes a file and yields where it is broken."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from tests.architecture.source import Module, strings

SERVER = "cerebro_server"
KERNEL = "cerebro_server/kernel"
MIGRATIONS = "cerebro_server/migrations"
COMPONENTS = re.compile(r"cerebro_server/components/[^/]+/(service|rules)(\.py|/)")
HTTP_CLIENTS = ("httpx", "requests", "urllib.request", "urllib3", "http.client", "aiohttp")
_VERBS = (
    r"select\s.*?(\bfrom\b|\()|with\s+\w+\s+as\b|insert\s+into\b|update\s+\S+\s+set\b"
    r"|delete\s+from\b|merge\s+into\b|(create|alter|drop)\s+(or\s+replace\s+)?(unique\s+)?"
    r"(table|index|schema|role|user|database|function|trigger|view|type)\b|grant\s+\S+\s+(on|to)\b"
    r"|revoke\s|truncate\s|copy\s|set\s+(local|role)\b"
)
# A sentence such as "Select one of …" is no SQL: its verb is neither all small nor all capitals.
SQL = re.compile(rf"(?s:\s*(?:(?=[a-z]+\b)|(?=[A-Z]+\b))(?i:{_VERBS}))")
CLOCKS = {"perf_counter", "perf_counter_ns", "monotonic", "monotonic_ns", "time_ns", "process_time"}

Rule = Callable[[Module], Iterator[int]]
"""Yields the line of each place that breaks it."""


@dataclass(frozen=True)
class Exempt:
    """A place where a rule does not hold, and why."""

    place: str
    reason: str


def sql_stays_in_kernel(module: Module) -> Iterator[int]:
    """`select(`, `insert(`, `.execute(` only in the kernel and in components' service and rules."""
    if module.within(KERNEL, MIGRATIONS) or COMPONENTS.match(module.name):
        return
    libraries = _aliases(module, ("sqlalchemy", "sqlmodel"))
    for call in _calls(module):
        if isinstance(call.func, ast.Attribute):
            owner = call.func.value
            built = call.func.attr in {"select", "insert"} and (
                isinstance(owner, ast.Name) and owner.id in libraries
            )
            if built or call.func.attr in {"execute", "executemany"}:
                yield call.lineno
        elif isinstance(call.func, ast.Name) and call.func.id in {"select", "insert"}:
            yield call.lineno


def commits_stay_in_kernel(module: Module) -> Iterator[int]:
    """`.commit(` only in the kernel: a service never commits."""
    if module.within(KERNEL, MIGRATIONS):
        return
    yield from _methods(module, {"commit"})


def problems_not_http_exceptions(module: Module) -> Iterator[int]:
    """`HTTPException` only in kernel/http: everybody else raises a Problem."""
    if module.within(f"{KERNEL}/http"):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name | ast.Attribute | ast.alias):
            name = getattr(node, "id", None) or getattr(node, "attr", None)
            # http.client's exception of that name is what a client may meet
            if (
                "HTTPException" in (name, getattr(node, "name", None))
                and ast.unparse(node) != "http.client.HTTPException"
            ):
                yield node.lineno


def egress_only(module: Module) -> Iterator[int]:
    """Outbound HTTP only in kernel/egress, where it is guarded."""
    if module.within(f"{KERNEL}/egress"):
        return
    for line, name in _imports(module):
        if any(name == client or name.startswith(f"{client}.") for client in HTTP_CLIENTS):
            yield line


def no_select_star(module: Module) -> Iterator[int]:
    """No `select *`: a column added later would change what is read."""
    for node, text in strings(module):
        if re.search(r"\bselect\s+(\w+\.)?\*", text, re.IGNORECASE):
            yield node.lineno


def no_listen(module: Module) -> Iterator[int]:
    """No LISTEN on a pooled connection; the connection of its own lives in kernel/journal."""
    if module.within(f"{KERNEL}/journal"):
        return
    for node, text in strings(module):
        if re.match(r"\s*(listen|LISTEN)\s+[\w\"{]", text):
            yield node.lineno


def no_transaction_in_pipeline(module: Module) -> Iterator[int]:
    """No `conn.transaction()` inside a pipeline: it synchronises each time."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.With | ast.AsyncWith):
            continue
        openers = [item.context_expr for item in node.items]
        if not any(_method(expression) == "pipeline" for expression in openers):
            continue
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call) and _method(inner) == "transaction":
                yield inner.lineno


def no_sleep(module: Module) -> Iterator[int]:
    """No `time.sleep` in the server: it stops the event loop. The supervisor waits as it must."""
    if module.within("cerebro_server/embedded"):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            if any(alias.name == "sleep" for alias in node.names):
                yield node.lineno
        elif (
            isinstance(node, ast.Attribute)
            and node.attr == "sleep"
            and isinstance(node.value, ast.Name)
            and node.value.id == "time"
        ):
            yield node.lineno


def sql_is_composed_in_kernel(module: Module) -> Iterator[int]:
    """SQL is put together in the kernel and in migrations only.

    In a component's service and rules an f-string may hold `ident(…)`, `literal(…)`, constants and
    the text of a Sql, which are safe by themselves.
    """
    if module.within(KERNEL, MIGRATIONS):
        return
    for node, text in strings(module):
        if isinstance(node, ast.JoinedStr) and SQL.match(text):
            fields = [part for part in node.values if isinstance(part, ast.FormattedValue)]
            safe = COMPONENTS.match(module.name) and all(_is_safe(part.value) for part in fields)
            if not safe:
                yield node.lineno
    for node in (each for each in ast.walk(module.tree) if isinstance(each, ast.expr)):
        formatted: ast.expr | None = None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            formatted = node.left
        elif isinstance(node, ast.Call) and _method(node) == "format":
            formatted = cast("ast.Attribute", node.func).value
        template = formatted.value if isinstance(formatted, ast.Constant) else None
        if isinstance(template, str) and SQL.match(template):
            yield node.lineno


def _is_safe(piece: ast.expr) -> bool:
    if isinstance(piece, ast.Call):
        name = piece.func.attr if isinstance(piece.func, ast.Attribute) else ""
        name = piece.func.id if isinstance(piece.func, ast.Name) else name
        return name in {"ident", "literal"}
    if isinstance(piece, ast.Attribute):
        return piece.attr == "text"
    return isinstance(piece, ast.Name) and piece.id.isupper()


def no_asserted_timings(module: Module) -> Iterator[int]:
    """No test asserts that something was quick: a timing belongs to benchmarks/.

    That something waited at least so long may be asserted: a slow machine cannot break it.
    """
    for function in ast.walk(module.tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        elapsed: set[str] = set()
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and _is_elapsed(node.value, elapsed):
                elapsed |= {name.id for name in node.targets if isinstance(name, ast.Name)}
        for node in ast.walk(function):
            if isinstance(node, ast.Assert) and any(
                isinstance(part, ast.Compare)
                and _is_elapsed(part, elapsed)
                and not isinstance(part.ops[0], ast.Gt | ast.GtE)
                for part in ast.walk(node.test)
            ):
                yield node.lineno


def _is_elapsed(expression: ast.expr, elapsed: set[str]) -> bool:
    for part in ast.walk(expression):
        if isinstance(part, ast.Name) and part.id in elapsed:
            return True
        if (
            isinstance(part, ast.BinOp)
            and isinstance(part.op, ast.Sub)
            and any(_is_clock(side) for side in ast.walk(part))
        ):
            return True
    return False


def _is_clock(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute):
        if node.func.attr in CLOCKS:
            return True
        owner = node.func.value
        return node.func.attr == "time" and isinstance(owner, ast.Name) and owner.id == "time"
    return isinstance(node.func, ast.Name) and node.func.id in CLOCKS


def _calls(module: Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))


def _methods(module: Module, names: set[str]) -> Iterator[int]:
    for call in _calls(module):
        if _method(call) in names:
            yield call.lineno


def _method(node: ast.AST) -> str:
    """Return the name of the method that an expression calls, or nothing."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr
    return ""


def _imports(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def _aliases(module: Module, libraries: Sequence[str]) -> set[str]:
    return {
        alias.asname or alias.name.partition(".")[0]
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name.partition(".")[0] in libraries
    }
