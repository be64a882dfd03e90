"""A workspace as `public.workspaces` knows it."""

from __future__ import annotations

from dataclasses import dataclass

from cerebro_server.kernel.db.scope import Scope


@dataclass(frozen=True, slots=True)
class Workspace:
    """Its name, and where in the database it is."""

    slug: str
    schema: str
    role: str
    """The role that its statements run under; `none` where Cerebro may not make roles."""

    @property
    def scope(self) -> Scope:
        """The scope of what runs in nobody's name: it can write nothing that has a journal."""
        return Scope(self.schema, self.role)
