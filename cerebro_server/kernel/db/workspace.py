"""A workspace as `public.workspaces` knows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Workspace:
    """Its name, and where in the database it is."""

    slug: str
    schema: str
    role: str
    """The role that its statements run under; `none` where Cerebro may not make roles."""
