"""`/docs`: the API's reference, from files on this machine; nothing is fetched from elsewhere."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Cerebro API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head>
<body><div id="reference"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>
</body></html>
"""
_START = """SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#reference", deepLinking: true, docExpansion: "none",
  defaultModelsExpandDepth: 0, persistAuthorization: false, validatorUrl: null,
});
"""
_POLICY = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
}


def install(app: FastAPI) -> None:
    """Serve the reference, and lead `/` to it."""
    # the package that brings Swagger UI's files; it is found, not imported
    spec = find_spec("fastapi_offline")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("fastapi_offline")
    static = Path(spec.origin).parent / "static"

    async def page() -> Response:
        return HTMLResponse(_PAGE, headers=_POLICY)

    async def start() -> Response:
        return Response(_START, media_type="text/javascript")

    async def root() -> Response:
        return RedirectResponse("/docs")

    app.add_api_route("/", root, include_in_schema=False)
    app.add_api_route("/docs", page, include_in_schema=False)
    app.add_api_route("/docs/start.js", start, include_in_schema=False)
    app.mount("/docs/assets", StaticFiles(directory=static), name="assets")
