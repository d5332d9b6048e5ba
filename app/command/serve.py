"""`postdog serve`: run the server."""

from __future__ import annotations

import os
from typing import Annotated

import structlog
import typer

from app.event_loop import run_async
from app.log import set_up_logging
from app.server import run_server
from app.settings import Settings, unknown_settings

log: structlog.stdlib.BoundLogger = structlog.get_logger("postdog")


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (POSTDOG_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on, 0 for a free one (POSTDOG_PORT).")] = None,
) -> None:
    """Run PostDog: the API, web chat, WhatsApp webhooks and the engine.

    The first start makes the database, a workspace, a web chat with demo flows, and prints an API key once. Settings come
    from POSTDOG_… variables or a .env file; docs/settings.md lists them.
    """
    given = {"host": host, "port": port}
    settings = Settings().model_copy(update={name: value for name, value in given.items() if value is not None})
    set_up_logging(settings.log_level, settings.log_format)
    for words in unknown_settings(os.environ):
        log.warning("unknown_setting", detail=words)
    code = run_async(run_server(settings))
    if code:
        raise typer.Exit(code)
