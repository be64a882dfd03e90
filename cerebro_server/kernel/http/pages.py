"""Small pages for browsers that sent a form by themselves: no script, no style, nothing fetched."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from html import escape
from typing import Any, Final

from fastapi import Request, Response

from cerebro_server.kernel.errors import Problem
from cerebro_server.kernel.http.auth import PublicRoute
from cerebro_server.kernel.http.forms import is_form

MEDIA_TYPE: Final = "text/html"
_PAGE: Final = """<!doctype html>
<html><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><meta name="color-scheme" content="light dark"></head>
<body><main>
{body}
</main></body></html>
"""
_POLICY: Final = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
}
_BACK: Final = "Go back to the form; what you wrote is still there in most browsers."
_TITLE: Final = "This could not be sent"


def page(
    title: str,
    lines: Sequence[str],
    *,
    status: int,
    listed: Sequence[tuple[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a page of plain texts; `listed` are pairs of what and why. All of it is escaped."""
    body = [f"<h1>{escape(title)}</h1>", *(f"<p>{escape(line)}</p>" for line in lines)]
    if listed:
        items = [f"<li><b>{escape(what)}</b>: {escape(why)}</li>" for what, why in listed]
        body.append("<ul>\n" + "\n".join(items) + "\n</ul>")
    text = _PAGE.format(title=escape(title), body="\n".join(body))
    # a lone surrogate that came in is no reason to show nothing
    content = text.encode("utf-8", "replace")
    return Response(content, status, {**(headers or {}), **_POLICY}, MEDIA_TYPE)


def refusal(problem: Problem, labels: Mapping[str, str]) -> Response:
    """Return the page that says what is wrong; `labels` are what fields are called, by name."""
    listed = []
    for error in problem.errors:
        path = str(error.get("pointer", "")).removeprefix("/").replace("/", ".")
        name = path.replace("~1", "/").replace("~0", "~")
        listed.append((labels.get(name) or name[:100] or "The form", str(error["detail"])))
    lines = [_BACK] if listed else [problem.detail, _BACK]
    return page(_TITLE, lines, status=problem.status, listed=listed, headers=problem.headers)


def shown(labels: Mapping[str, str]) -> type[PublicRoute]:
    """Return a route for everybody that answers forms with pages, also where it refuses them."""

    class PageRoute(PublicRoute):
        """A route that shows problems of forms as pages."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            """Return what answers a request."""
            answer: Callable[[Request], Awaitable[Response]] = super().get_route_handler()

            async def answered(request: Request) -> Response:
                try:
                    return await answer(request)
                except Problem as problem:
                    if not is_form(request):
                        raise
                    return refusal(problem, labels)

            return answered

    return PageRoute
