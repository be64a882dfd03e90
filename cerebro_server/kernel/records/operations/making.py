"""Records that an import makes since its rows name them: settings, for the most part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.records.importing.joining import Joining
from cerebro_server.kernel.records.operations.planning import Plan


@dataclass(frozen=True, slots=True)
class Made:
    """Makes records for one chunk of a file."""

    context: Context
    plan: Plan
    joining: Joining

    def may(self, noun: str) -> bool:
        """Whether records of a noun are to be made, and the caller may."""
        return self.joining.makes(self.context, noun)

    def columns(self, noun: str) -> Mapping[str, str]:
        """Return what columns of files of a noun in the same import are taken for."""
        return self.joining.columns(noun)

    async def make(self, noun: str, rows: Sequence[Mapping[str, Any]]) -> list[str | None]:
        """Plan new records; return their ids, None for one that rules refuse."""
        made, ids = await self.joining.make(self.context, noun, rows)
        await self.plan.add(self.context, made)
        return ids
