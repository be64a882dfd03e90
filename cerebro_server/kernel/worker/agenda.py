"""Which workspaces a worker looks into, and when."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from typing import Final

from cerebro_server.kernel.db import Workspace

LONGEST_SECONDS: Final = 60.0
"""Every workspace is looked into so often, whatever is known of it."""
_UNTOLD_SECONDS = 1.0


class Agenda:
    """Workspaces by when to look into them next; those that wait longest come first."""

    def __init__(self) -> None:
        self.is_told = False
        """Whether commits are heard of; else every workspace is looked into once a second."""
        self._workspaces: dict[str, Workspace] = {}
        self._at: dict[str, float] = {}

    def know(self, workspaces: Iterable[Workspace]) -> None:
        """Take over the list of workspaces; new ones are looked into at once."""
        self._workspaces = {workspace.schema: workspace for workspace in workspaces}
        self._at = {schema: self._at.get(schema, 0.0) for schema in self._workspaces}

    def knows(self, schema: str) -> bool:
        """Tell whether there is such a workspace."""
        return schema in self._workspaces

    def all(self) -> list[Workspace]:
        """Return every workspace."""
        return list(self._workspaces.values())

    def at_once(self, schemas: Iterable[str]) -> None:
        """Look into these next."""
        for schema in schemas:
            if schema in self._at:
                self._at[schema] = min(self._at[schema], time.monotonic())

    def later(self, schema: str, seconds: float | None) -> None:
        """Look in after so many seconds; None stands for as late as possible."""
        if schema in self._at:
            most = LONGEST_SECONDS if self.is_told else _UNTOLD_SECONDS
            most *= random.uniform(0.8, 1.0)  # noqa: S311
            self._at[schema] = time.monotonic() + (most if seconds is None else min(seconds, most))

    def ripe(self) -> list[Workspace]:
        """Return whose time has come."""
        now = time.monotonic()
        due = sorted((at, schema) for schema, at in self._at.items() if at <= now)
        return [self._workspaces[schema] for _, schema in due]

    def pause(self) -> float:
        """Return how many seconds there are until the next one's time."""
        if not self._at:
            return 1.0
        return max(0.0, min(self._at.values()) - time.monotonic())
