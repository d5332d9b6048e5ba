"""`postdog migrate`: bring the database up to date."""

from __future__ import annotations

import typer

from app.settings import Settings
from storage.lock import sole_server
from storage.migrate import current, head, upgrade


def migrate() -> None:
    """Create the database, or bring it up to date while no server works on it. `postdog serve` does the same at its start."""
    settings = Settings()
    before = current(settings.database)
    if before == head():
        typer.echo(f"The database is up to date ({before}).")
        return
    with sole_server(settings.database):
        after = upgrade(settings.database)
    typer.echo(f"Migrated from {before or 'nothing'} to {after}.")
