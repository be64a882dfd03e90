"""`pip install .` alone is the SDK: nothing of the extras is needed, and `cerebro` says so."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement

from tests.architecture.source import ROOT, modules

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OWN = {"cerebro_sdk", "cerebro_cli"}

BLOCKER = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocker())
"""


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def base_distributions() -> set[str]:
    """Return what `[project.dependencies]` brings, with what that needs in turn."""
    found: set[str] = set()
    waiting = [Requirement(each) for each in PROJECT["dependencies"]]
    while waiting:
        requirement = waiting.pop()
        name = canonical(requirement.name)
        if name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        try:
            waiting += [Requirement(each) for each in requires(name) or ()]
        except PackageNotFoundError:
            continue
    return found


def foreign_modules() -> set[str]:
    """Return the importable names that only extras and development bring."""
    base = base_distributions()
    return {
        module
        for module, owners in packages_distributions().items()
        if module not in OWN and not base & {canonical(owner) for owner in owners}
    }


def run_without_extras(program: str) -> subprocess.CompletedProcess[str]:
    blocked = f"BLOCKED = {sorted(foreign_modules())!r}\n"
    return subprocess.run(
        [sys.executable, "-c", blocked + BLOCKER + program],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )


def test_the_sdk_imports_only_what_the_base_install_brings() -> None:
    owners = packages_distributions()
    allowed = {"cerebro_sdk", *sys.stdlib_module_names}
    allowed |= {name for name in owners if name not in foreign_modules()}
    foreign = {
        f"{module.name}: {name}"
        for module in modules("cerebro_sdk")
        for name in imported(module.tree)
        if name not in allowed
    }
    assert not foreign


def imported(tree: ast.Module) -> set[str]:
    """Return the top of every name that a file imports, wherever in it."""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.append(node.module)
    return {name.partition(".")[0] for name in names}


def test_every_module_of_the_sdk_imports_without_the_extras() -> None:
    names = [
        ".".join(Path(module.name).with_suffix("").parts).removesuffix(".__init__")
        for module in modules("cerebro_sdk")
    ]
    imports = "".join(f"import {name}\n" for name in names)
    result = run_without_extras(f"{imports}from cerebro_sdk import AsyncCerebro, Cerebro\n")
    assert result.returncode == 0, result.stderr


def test_the_blocker_blocks() -> None:
    result = run_without_extras("import typer")
    assert "No module named 'typer'" in result.stderr


def test_cerebro_without_the_cli_extra_names_it_and_ends_with_2() -> None:
    result = run_without_extras(
        "sys.argv = ['cerebro', 'companies', 'list']\n"
        "from cerebro_cli.main import main\n"
        "sys.exit(main())\n"
    )
    assert result.returncode == 2, result.stderr
    assert "cerebro-platform[cli]" in result.stderr
    assert "Traceback" not in result.stderr
    assert not result.stdout


def test_errors_and_profiles_load_neither_pydantic_nor_httpx() -> None:
    result = run_without_extras(
        "import cerebro_sdk, cerebro_sdk.errors, cerebro_sdk.profiles\n"
        "print(*{'pydantic', 'httpx'} & set(sys.modules))"
    )
    assert (result.returncode, result.stdout.strip()) == (0, ""), result.stderr
