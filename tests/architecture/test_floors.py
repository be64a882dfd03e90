"""The floors hold (import-linter), and each contract bites when something is planted under it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOT

CONTRACT = "importlinter:contract:"
SERVER = "cerebro_server"
COMPONENT = f"{SERVER}/components"
COMMANDS = "cerebro_cli/commands"
CONTACTS = f"{SERVER}.components.contacts"

PLANTED: tuple[tuple[str, str, str], ...] = (
    # contract, file that gets one more line, module that the line imports
    ("surfaces", f"{SERVER}/kernel/db/planted_surfaces.py", "cerebro_cli"),
    ("sdk-light", "cerebro_sdk/schemas/planted_sdk_light.py", "rich"),
    ("cli-light", "cerebro_cli/planted_cli_light.py", "sqlalchemy"),
    ("wire-only", f"{SERVER}/kernel/db/planted_wire_only.py", "cerebro_sdk.errors"),
    ("sdk-floors", "cerebro_sdk/schemas/planted_sdk_floors.py", "cerebro_sdk.policy"),
    ("sdk-inside", "cerebro_sdk/_async/transport.py", "cerebro_sdk._async.client"),
    ("server-floors", f"{SERVER}/kernel/db/planted_server_floors.py", "cerebro_server.registry"),
    ("kernel-floors", f"{SERVER}/kernel/db/planted_kernel.py", "cerebro_server.kernel.crud"),
    ("kernel-floors", f"{SERVER}/kernel/floorless.py", ""),
    ("server-floors", f"{SERVER}/floorless.py", ""),
    ("component-order", f"{COMPONENT}/contacts/rules.py", f"{SERVER}.components.sales.service"),
    (
        "component-floors",
        f"{COMPONENT}/contacts/tables.py",
        f"{CONTACTS}.records",
    ),
    ("component-floors", f"{COMPONENT}/contacts/attic.py", ""),
    ("component-doors", f"{COMPONENT}/sales/service.py", f"{CONTACTS}.tables"),
    ("acyclic", "cerebro_cli/planted_left.py", "cerebro_cli.planted_right"),
    ("acyclic", "cerebro_cli/planted_right.py", "cerebro_cli.planted_left"),
    ("nouns-apart", f"{COMMANDS}/planted_left.py", "cerebro_cli.commands.planted_right"),
    ("nouns-apart", f"{COMMANDS}/planted_right.py", ""),
    ("nouns-apart-inside", f"{COMMANDS}/sales/deals.py", "cerebro_cli.commands.sales.leads"),
    ("nouns-apart-inside", f"{COMMANDS}/sales/leads.py", ""),
)


def contracts() -> dict[str, str]:
    """Return the contracts' names by their ids."""
    config = ConfigParser()
    config.read(ROOT / ".importlinter")
    sections = [section for section in config.sections() if section.startswith(CONTRACT)]
    return {section.removeprefix(CONTRACT): config[section]["name"] for section in sections}


def lint(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter in a checkout; wide output, so that no line is folded."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as f; f()"]
    options = ["--no-logo", "--no-cache", *(f"--contract={each}" for each in contracts)]
    return subprocess.run(
        [*command, *options],
        cwd=folder,
        env={"PATH": "", "PYTHONPATH": str(folder), "COLUMNS": "400", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the source, break every contract in the copy and return it."""
    folder = tmp_path_factory.mktemp("planted")
    for package in PACKAGES:
        if (ROOT / package).is_dir():
            nothing = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / package, folder / package, ignore=nothing)
    shutil.copy(ROOT / ".importlinter", folder)
    doors = folder / "tests" / "architecture" / "contracts.py"
    doors.parent.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "architecture" / "contracts.py", doors)
    for place in (f"{COMPONENT}/sales/component.py", f"{COMPONENT}/sales/__init__.py"):
        append(folder / place, '"""Planted."""')
    append(folder / COMMANDS / "sales" / "__init__.py", '"""Planted."""')
    for _, place, imported in PLANTED:
        append(folder / place, f"import {imported}" if imported else '"""Planted."""')
    return folder


def append(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text() if path.exists() else ""
    path.write_text(f"{before}\n{line}\n")


def test_the_floors_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("contract", contracts())
def test_every_contract_bites(contract: str, planted: Path) -> None:
    plants = [(place, imported) for each, place, imported in PLANTED if each == contract]
    assert plants, f"plant a violation of {contract}"
    result = lint(planted, contract)
    assert result.returncode == 1, result.stdout + result.stderr
    for place, _ in plants:
        assert Path(place).stem in result.stdout, result.stdout + result.stderr
