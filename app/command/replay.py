"""`postdog replay RUN`: makes a run's history again, and shows each step that comes to something else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from app.graph import open_graph
from app.settings import Settings
from crm.replay import Record, load_record
from crm.tenants import first_tenant
from engine.core.replay import Replayed
from engine.runtime.clock import SystemClock
from schemas.error import Invalid, NotFound
from schemas.public_id import public_id, read_id
from storage.migrate import current, head


class NotReady(Invalid):
    """The database is not ready."""

    code = "not_ready"


def replay(run: Annotated[str, typer.Argument(help="The run's id, such as run_8Jk3; `GET /v1/runs` lists them.")]) -> None:
    """Replay a run's history on its version. Changes and sends nothing; exits with 1 where a step comes to something else."""
    settings = Settings()
    if not settings.data_dir.exists() or current(settings.database) != head():
        raise NotReady("There is no database here, or it is not up to date. Run `postdog serve` once, or `postdog migrate`.")
    record, steps = asyncio.run(_replay(settings, read_id("run", run)))
    console = Console()
    for line in _told(record, steps):
        console.print(line, soft_wrap=True)
    if not all(step.equal for step in steps):
        raise typer.Exit(1)


async def _replay(settings: Settings, id: int) -> tuple[Record, tuple[Replayed, ...]]:
    async with open_graph(settings, SystemClock(), public_url="") as graph:
        tenant = await graph.tables.read(first_tenant)
        if tenant is None:
            raise NotFound("There is no workspace yet. Run `postdog serve` once.")
        record = await graph.tables.read(lambda session: load_record(session, tenant.id, id))
        world = await graph.services.worlds.get(tenant.id, record.versions)
        return record, record.replay(world)


def _told(record: Record, steps: tuple[Replayed, ...]) -> Iterator[str]:
    story = record.story
    yield f"{public_id('run', story.row.id)} of {escape(story.flow)}, version {story.version}: {story.run.status}"
    for step in steps:
        data = step.past.data
        way = " > ".join(f"{node}.{port}" if port else node for node, port, *_ in data["visited"])
        what = escape(f"step {step.past.number}  {data['event']['kind']}  {way or data['reason'] or data.get('how', '')}")
        yield f"{'[green]✓[/]' if step.equal else '[red]✗[/]'} {what}"
        yield from (f"    [red]{escape(words)}[/]" for words in step.differences)
    unequal = sum(not step.equal for step in steps)
    if unequal:
        yield f"{unequal} of {len(steps)} replayed steps came to something else."
    elif len(steps) < record.total:
        yield f"All of the first {len(steps):,} steps came to the same; the run has {record.total:,}."
    else:
        yield f"All {len(steps)} steps came to the same."
