"""The documentation: the OpenAPI document of each profile, and a page of our own that shows them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler

from api.http.openapi import document
from api.http.profile import COMPAT
from api.http.route import Route

OPENAPI = web.AppKey("openapi", bytes)
"""The document of /openapi.json."""
STATIC = Path(__file__).parent.parent / "static"
FILES = {
    "/docs": ("docs.html", "text/html"),
    "/docs/docs.js": ("docs.js", "text/javascript"),
    "/docs/docs.css": ("docs.css", "text/css"),
    "/docs/docs.svg": ("docs.svg", "image/svg+xml"),
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def mount_docs(app: web.Application, routes: Sequence[Route], *, title: str, version: str) -> None:
    """Serve /openapi.json (and /v1/openapi.json), /api/v1/openapi.json and /docs, without a key."""
    native = orjson.dumps(document(routes, None, title=title, version=version))
    compat = orjson.dumps(document(routes, COMPAT, title=title, version=version))
    app[OPENAPI] = native
    app.router.add_get("/openapi.json", constant(native, "application/json"))
    app.router.add_get("/v1/openapi.json", constant(native, "application/json"))
    app.router.add_get("/api/v1/openapi.json", constant(compat, "application/json"))
    for path, (name, kind) in FILES.items():
        app.router.add_get(path, constant((STATIC / name).read_bytes(), kind))


def constant(data: bytes, kind: str) -> Handler:
    """A handler that always answers these bytes."""

    async def answer(_: web.Request) -> web.StreamResponse:
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
        charset = "utf-8" if kind.startswith("text/") else None
        return web.Response(body=data, content_type=kind, charset=charset, headers=headers)

    return answer
