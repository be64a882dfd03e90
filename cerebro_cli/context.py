"""One run of the command line: its global options, its noun and its connection."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from cerebro_cli import facts

if TYPE_CHECKING:
    from cerebro_sdk import Cerebro


class Run:
    """What every command is given as `ctx.obj`."""

    def __init__(self) -> None:
        self.profile: str | None = None
        self.url: str | None = None
        self.debug = False
        self.query: str | None = None
        """The filter that was sent, so that an error can point into it."""
        self.noun: facts.Noun | None = None

    @cached_property
    def crm(self) -> Cerebro:
        """The client. One command is one or two requests: no pool, and no httpx (155 ms)."""
        from cerebro_sdk import Cerebro, OneShot

        return Cerebro(self.url, profile=self.profile, sender=OneShot())

    @cached_property
    def visitor(self) -> Cerebro:
        """The client for what needs no sign-in, such as a lost password."""
        from cerebro_sdk import Cerebro, OneShot

        return Cerebro.visitor(self.url, profile=self.profile, sender=OneShot())

    @property
    def records(self) -> Any:
        """The noun's resource, with plain dicts for records (pydantic costs 280 ms)."""
        return getattr(self.crm, self.facts.name).raw

    @property
    def facts(self) -> facts.Noun:
        """The noun of this command."""
        if self.noun is None:
            raise LookupError("this command is not about a noun")
        return self.noun
