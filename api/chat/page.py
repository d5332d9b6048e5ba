"""The chat's page, its files, and what stands there when there is no chat."""

from __future__ import annotations

from html import escape

from aiohttp import web

from channels.webchat.asset import PAGE, WIDGET, assets
from channels.webchat.config import WebchatConfig
from channels.webchat.origin import frame_ancestors

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' https: data: blob:; "
    "media-src 'self' https: blob:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {}"
)
MISSING = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="robots" content="noindex">
  <title>No chat here</title>
  <link rel="icon" href="assets/chat.svg" type="image/svg+xml">
  <link rel="stylesheet" href="assets/chat.css">
</head>
<body>
  <main id="chat" class="chat"><div class="failure" role="alert"><p>{}</p></div></main>
</body>
</html>
"""
FRESH = {"Cache-Control": "no-cache"}
"""Asked for each time, answered with 304 while unchanged: the scripts import one another and must be of one release."""

TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
"""Some machines know other words for these; with nosniff a browser runs no script of a type that it doesn't expect."""


class Pages:
    """What is the same for every visitor."""

    def __init__(self) -> None:
        self._assets = assets()

    def page(self, config: WebchatConfig) -> web.FileResponse:
        """The chat, in frames of allowed sites only."""
        policy = POLICY.format(frame_ancestors(config.allowed_origins))
        headers = {"Content-Security-Policy": policy, "Referrer-Policy": "same-origin", **FRESH}
        return web.FileResponse(PAGE, headers=headers)

    def missing(self, sentence: str) -> web.Response:
        """There is no chat here, in plain words."""
        headers = {"Content-Security-Policy": POLICY.format("*"), "Cache-Control": "no-store"}
        return web.Response(status=404, text=MISSING.format(escape(sentence)), content_type="text/html", headers=headers)

    def asset(self, name: str) -> web.FileResponse:
        """A file of the page. Raises HTTPNotFound."""
        path = self._assets.get(name)
        if path is None:
            raise web.HTTPNotFound
        kind = TYPES.get(path.suffix)
        return web.FileResponse(path, headers=FRESH | ({"Content-Type": kind} if kind else {}))

    def widget(self) -> web.FileResponse:
        """The launcher, which pages of every origin may load."""
        headers = {"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}
        caching = {"Cache-Control": "public, max-age=300", "Content-Type": TYPES[WIDGET.suffix]}
        return web.FileResponse(WIDGET, headers=headers | caching)
