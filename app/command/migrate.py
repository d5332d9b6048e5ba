"""`postdog migrate`: bring the database up to date."""

from __future__ import annotations

import typer

from app.settings import Settings
from storage.migrate import current, upgrade


def migrate() -> None:
    """Create the database, or bring it up to date. `postdog serve` does the same when it starts."""
    settings = Settings()
    before = current(settings.database)
    after = upgrade(settings.database)
    if before == after:
        typer.echo(f"The database is up to date ({after}).")
    else:
        typer.echo(f"Migrated from {before or 'nothing'} to {after}.")
