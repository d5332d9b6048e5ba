"""The builder's pages: files that were built from `web/`, and its one page for every address that nothing else answers."""

from __future__ import annotations

import re
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

ELSEWHERE = ("v1", "api", "hooks", "chat", "docs", "assets", "metrics", "healthz", "readyz", "openapi.json")
"""First parts of addresses that are no pages: what is unknown below them is an error in JSON."""
FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}", re.ASCII)
"""Names that the build gives; anything with a slash or a leading dot is none of ours."""
HOST = re.compile(r"[A-Za-z0-9.\[\]:_-]{1,255}", re.ASCII)
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
"""A file under /assets has a hash of its content in its name."""
FRESH = {"Cache-Control": "no-cache"}
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""Some machines know other words for these; with nosniff a browser runs no script of a type that it doesn't expect."""
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: https:; "
    "media-src 'self' data: blob: https:; font-src 'self' data:; connect-src 'self'{sockets}; worker-src 'self' blob:; "
    "frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
UNBUILT = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>PostDog</title>
  <style>
    body { font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem; color: #1a1d21 }
    code { background: #f0f2f4; padding: 0.1rem 0.3rem; border-radius: 4px }
    @media (prefers-color-scheme: dark) {
      body { background: #14171a; color: #e6e8ea } code { background: #262a2e } a { color: #8ab4ff }
    }
  </style>
</head>
<body>
  <h1>PostDog is running</h1>
  <p>The visual builder isn't part of this installation: its pages were not built. In the project's folder, run</p>
  <p><code>make web</code></p>
  <p>and load this page again. Packages from the package index bring the pages with them.</p>
  <p>Everything else works meanwhile: see the <a href="/docs">API's documentation</a>.</p>
</body>
</html>
"""


class Builder:
    """Serves a folder with `index.html` and `assets/`. It is looked at anew for each request, so a rebuild shows at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def mount(self, app: web.Application) -> None:
        """Add the routes; before the application starts."""
        app.router.add_get("/", self.page)
        app.router.add_get("/assets/{file}", self.asset)

    def middleware(self) -> Middleware:
        """Answers with the page where no route is found: the browser knows its own addresses."""

        @web.middleware
        async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                return await handler(request)
            except web.HTTPNotFound as error:
                if request.match_info.http_exception is not error or not is_page(request):
                    raise
            return await self.page(request)

        return middleware

    async def page(self, request: web.Request) -> web.StreamResponse:
        """A file beside the page, such as its icon, or the page itself; plain words where it was not built."""
        name = request.path.removeprefix("/")
        if "." in name:
            return self._file(self._folder, name, FRESH)
        index = self._folder / "index.html"
        headers = {"Content-Security-Policy": policy(request), "Referrer-Policy": "same-origin", **FRESH}
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if not index.is_file():
            return web.Response(text=UNBUILT, content_type="text/html", headers=headers)
        return web.FileResponse(index, headers={**headers, "Content-Type": TYPES[".html"]})

    async def asset(self, request: web.Request) -> web.StreamResponse:
        """A file that the build named by its content; its compressed neighbours are sent to who takes them."""
        return self._file(self._folder / "assets", request.match_info["file"], FOREVER)

    def _file(self, folder: Path, name: str, caching: dict[str, str]) -> web.FileResponse:
        kind = TYPES.get(Path(name).suffix)
        path = folder / name
        if kind is None or not FILE.fullmatch(name) or not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Content-Type": kind, **caching})


def is_page(request: web.Request) -> bool:
    """Whether an address that no route knows may be one of the builder's own: a browser goes there, which asks for HTML, or for
    a file beside the page, such as its icon.

    A program that mistook an address gets the error in JSON.
    """
    name = request.path.removeprefix("/")
    if request.method not in ("GET", "HEAD") or name.split("/")[0] in ELSEWHERE:
        return False
    return "text/html" in request.headers.get("Accept", "") or (FILE.fullmatch(name) is not None and Path(name).suffix in TYPES)


def policy(request: web.Request) -> str:
    """The page's Content-Security-Policy; sockets are named by host, because not every browser counts them to 'self'."""
    host = request.host if HOST.fullmatch(request.host) else ""
    return POLICY.format(sockets=f" ws://{host} wss://{host}" if host else "")
