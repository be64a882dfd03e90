"""Routes below one path."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope


class Router(APIRouter):
    """The routes below its prefix, none of which is tried for a request of another path.

    FastAPI tries the patterns of all routers one after the other, which for the last of some two
    hundred operations takes longer than to answer it.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether a route fits a request."""
        path: str = scope["path"]
        if not path.removeprefix(scope.get("root_path", "")).startswith(self.prefix):
            return Match.NONE, {}
        return super().matches(scope)
