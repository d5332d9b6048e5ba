"""`postdog doctor`: is everything well, and what to do where it isn't."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from app.graph import Graph, open_graph, secret_box
from app.settings import Settings
from channels.protocol import Checkable
from crm.channels import list_channels, secrets_of
from crm.tenants import first_tenant
from engine.runtime.clock import SystemClock
from schemas.error import PostDogError
from schemas.public_id import public_id, read_id
from storage.dead import DeadEvent, dead_events, replay
from storage.migrate import current, head
from storage.url import sqlite_file

LOW_DISK_BYTES = 500_000_000
SHOWN = 20
"""Dead events that are listed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    well: bool
    words: str


def doctor(
    replay_event: Annotated[
        str, typer.Option("--replay", metavar="EVENT", help="Let a dead event be decided once more.")
    ] = "",
) -> None:
    """Look at the database, disk, secrets, channels and events that failed. Exits with 1 if something is wrong."""
    settings = Settings()
    findings = list(_outside(settings))
    if all(each.well for each in findings):
        findings += asyncio.run(_inside(settings, read_id("ev", replay_event) if replay_event else 0))
    console = Console()
    for each in findings:
        console.print(f"{'[green]✓[/]' if each.well else '[red]✗[/]'} {escape(each.words)}", soft_wrap=True)
    if not all(each.well for each in findings):
        raise typer.Exit(1)


def _outside(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    if not folder.exists():
        yield Finding(False, f"The data directory {folder} does not exist. Run `postdog serve` once.")
        return
    yield Finding(os.access(folder, os.W_OK), f"The data directory {folder.absolute()} can be written.")
    free = shutil.disk_usage(folder).free
    yield Finding(free > LOW_DISK_BYTES, f"{free / 1e9:.1f} GB of disk are free.")
    stands = current(settings.database)
    wanted = head()
    words = "The database is up to date." if stands == wanted else f"The database stands at {stands}. Run: postdog migrate"
    yield Finding(stands == wanted, words)
    path = sqlite_file(settings.database)
    if stands == wanted:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            sound = connection.execute("PRAGMA quick_check").fetchone()[0]
        yield Finding(sound == "ok", "The database file is sound." if sound == "ok" else f"The database is damaged: {sound}")


async def _inside(settings: Settings, again: int) -> list[Finding]:
    async with open_graph(settings, SystemClock(), public_url="") as graph:
        tenant = await graph.tables.read(first_tenant)
        if tenant is None:
            return [Finding(False, "There is no workspace yet. Run `postdog serve` once.")]
        found = [each async for each in _channels(graph, settings, tenant.id)]
        if again:
            done = await graph.store.write(lambda connection: replay(connection, tenant.id, again))
            words = f"Event {public_id('ev', again)} will be decided once more."
            found.append(Finding(done, words if done else f"There is no dead event {public_id('ev', again)}."))
        dead = await graph.store.write(lambda connection: dead_events(connection, tenant.id, SHOWN))
        found.append(Finding(not dead, f"{len(dead)} events could not be decided." if dead else "No event failed."))
        found.extend(_dead(each) for each in dead)
        return found


async def _channels(graph: Graph, settings: Settings, tenant: int) -> AsyncIterator[Finding]:
    box = secret_box(settings)
    for row in await graph.tables.read(lambda session: list_channels(session, tenant)):
        name = f"Channel {row.name} ({row.kind})"
        try:
            secrets_of(row, box)
        except PostDogError as error:
            yield Finding(False, f"{name}: {error}")
            continue
        if row.status == "needs_attention":
            yield Finding(False, f"{name} needs attention: {row.attention}")
            continue
        channel = await graph.channels.get(row.id)
        if isinstance(channel, Checkable):
            health = await channel.check()
            yield Finding(not health.problem, f"{name}: {health.problem or 'connected as ' + (health.name or health.address)}")
        else:
            yield Finding(True, f"{name} is {row.status}.")


def _dead(each: DeadEvent) -> Finding:
    last = each.error.strip().splitlines()[-1] if each.error.strip() else "unknown error"
    return Finding(False, f"  {public_id('ev', each.id)} {each.kind}: {last} (again: --replay {public_id('ev', each.id)})")
