"""Import-linter contract types that only Cerebro needs."""

from __future__ import annotations

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class ComponentDoors(Contract):
    """A component may be entered from another component only through its doors."""

    components = fields.StringField()
    doors = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Collect every import that enters a component by anything but a door."""
        prefix = f"{self.components}."
        doors: set[Any] = set(self.doors)  # type: ignore[call-overload]
        broken = []
        for importer in graph.modules:
            if not importer.startswith(prefix):
                continue
            home = importer.removeprefix(prefix).split(".")[0]
            for imported in graph.find_modules_directly_imported_by(importer):
                if not imported.startswith(prefix):
                    continue
                owner, _, rest = imported.removeprefix(prefix).partition(".")
                if owner != home and rest.split(".")[0] not in doors:
                    broken.append((importer, imported))
        return ContractCheck(kept=not broken, metadata={"broken": sorted(broken)})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line for each forbidden entry."""
        for importer, imported in check.metadata["broken"]:
            output.print_error(f"{importer} reaches into {imported}", bold=False)
