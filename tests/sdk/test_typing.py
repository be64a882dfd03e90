"""Types as the user's checker sees them: mypy, strict, on a user's program and on the guide."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs/sdk.md"

PROGRAM = """
from typing import Any
from cerebro_sdk import AsyncCerebro, Cerebro, InvalidError
from cerebro_sdk.schemas.contacts.companies import CompanyCreate, CompanyUpdate

crm = Cerebro()
reveal_type(crm.companies.get("x"))  # Company
reveal_type(crm.companies.create(CompanyCreate(name="a")))  # Company
reveal_type(crm.companies.create(name="a"))  # Company
reveal_type(crm.companies.list().first())  # Company | None
reveal_type(crm.companies.list().page().items)  # list[Company]
reveal_type([c.name for c in crm.companies.list(limit=3)])  # list[str]
reveal_type(crm.companies.import_(b""))  # ImportReport
reveal_type(crm.companies.export("x.csv"))  # int
reveal_type(next(crm.companies.export()))  # bytes
reveal_type(crm.changes.list().first())  # Change | None
reveal_type(crm.companies.timeline("x").first())  # TimelineEntry | None
reveal_type(crm.users.diff("x", since=3).changes)  # list[NetChange]
reveal_type(crm.teams.raw.diff("x"))  # dict[str, Any]
reveal_type(crm.companies.raw.get("x"))  # dict[str, Any]
reveal_type(crm.companies.raw.import_(b""))  # dict[str, Any]
reveal_type(crm.changes.raw.list().to_records())  # list[dict[str, Any]]
reveal_type(crm.users.create(name="a", email="a@b.example"))  # User
reveal_type(crm.users.disable("x"))  # User
reveal_type(crm.users.invite("x").expires_at)  # datetime
reveal_type(crm.users.raw.invite("x"))  # dict[str, Any]
reveal_type(crm.teams.list().first())  # Team | None
reveal_type(crm.roles.raw.get("x"))  # dict[str, Any]
reveal_type(crm.keys.create(name="a").secret)  # str
reveal_type(crm.keys.revoke("x"))  # Key
reveal_type(crm.sessions.end("x"))  # Session
reveal_type(Cerebro.visitor().auth.login("a@b.example", "p"))  # Tokens
reveal_type(Cerebro(tokens=crm.auth.refresh("x")).auth.whoami())  # WhoAmI
reveal_type(crm.auth.raw.logout())  # dict[str, Any]
reveal_type(crm.access.explain("me", "companies/x"))  # Explanation
reveal_type(crm.access.matrix().rows)  # list[MatrixRow]
reveal_type(crm.contacts.import_plan(b"", key="email"))  # PlannedOperation
reveal_type(crm.companies.update_plan("x = 1", city="Bern"))  # PlannedOperation
reveal_type(crm.contacts.delete_plan().apply(on_drift="skip").undo())  # PlannedOperation
reveal_type(crm.operations.get("x").data.plan.create)  # int
reveal_type(crm.operations.list().first())  # PlannedOperation | None
reveal_type(crm.operations.errors("x").first())  # OperationRow | None
reveal_type(next(crm.operations.errors_file("x")))  # bytes
reveal_type(crm.operations.raw.undo("x"))  # dict[str, Any]
reveal_type(crm.undo("seq:812", yes=False))  # PlannedOperation
reveal_type(crm.uploads.put(b"").size)  # int
with Cerebro() as inner:
    reveal_type(inner.with_options(timeout=None))  # Cerebro

async def main() -> None:
    async with AsyncCerebro() as crm:
        reveal_type(await crm.companies.get("x"))  # Company
        reveal_type(await crm.companies.export("x.csv"))  # int
        reveal_type([c async for c in crm.companies.list()])  # list[Company]
        reveal_type([b async for b in crm.companies.export()])  # list[bytes]
        reveal_type(await crm.changes.list().first())  # Change | None
        reveal_type(await crm.users.invite("x"))  # Invitation
        reveal_type(await (await crm.contacts.delete_plan("x")).undo())  # AsyncPlannedOperation
        reveal_type([r async for r in crm.operations.plan("x")])  # list[OperationRow]
        reveal_type(AsyncCerebro.visitor())  # AsyncCerebro

crm.companies.update("x", CompanyCreate(name="a"))  # error: arg-type
crm.keys.timeline("x")  # error: attr-defined
crm.companies.list(deleted="maybe")  # error: arg-type
crm.users.import_(b"")  # error: attr-defined
crm.keys.delete_plan()  # error: attr-defined
crm.contacts.import_plan(b"", mode="merge")  # error: arg-type
crm.contacts.import_plan(b"", columns={})  # error: call-arg
crm.operations.apply("x", on_drift="force")  # error: arg-type
crm.keys.update("x", name="y")  # error: attr-defined
crm.companeis  # error: attr-defined
crm.companies.get("x").nme  # error: attr-defined
from cerebro_sdk import Cerebo  # error: attr-defined
"""


def mypy(code: str, tmp_path: Path) -> list[str]:
    """Check a program outside the project, with its own strict settings, and return the lines."""
    (tmp_path / "program.py").write_text(code)
    result = subprocess.run(
        [
            sys.executable,
            *("-m", "mypy", "--strict", "--no-error-summary", "--config-file="),
            *("--cache-dir", str(ROOT / ".mypy_cache" / "users"), str(tmp_path / "program.py")),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert not result.stderr
    found = result.stdout.splitlines()
    return [line.partition("program.py:")[2] or line for line in found]


def test_a_users_program(tmp_path: Path) -> None:
    told = {}
    for line in mypy(PROGRAM, tmp_path):
        number, _, rest = line.partition(": ")
        if "Revealed" in rest:
            told[int(number)] = re.sub(r"\b(?:\w+\.)+(\w)", r"\1", rest.split('"')[1])
        elif "error:" in rest:
            told[int(number)] = f"error: {rest.rpartition('[')[2].rstrip(']')}"
    wanted = {
        number: line.partition("  # ")[2]
        for number, line in enumerate(PROGRAM.splitlines(), 1)
        if "  # " in line
    }
    assert told == wanted


@pytest.mark.skipif(not GUIDE.exists(), reason="no guide")
def test_the_examples_of_the_guide(tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) > 8
    code = "from cerebro_sdk import *\nfrom cerebro_sdk import AsyncCerebro, Cerebro\n"
    for number, block in enumerate(blocks):
        begin = "async def" if "await " in block or "async " in block else "def"
        kind = "AsyncCerebro" if begin == "async def" else "Cerebro"
        code += (
            f"{begin} example_{number}(crm: {kind}) -> None:\n{textwrap.indent(block, '    ')}\n"
        )
    assert mypy(code, tmp_path) == []
