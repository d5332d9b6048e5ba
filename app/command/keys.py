"""`postdog keys`: the API keys of this server."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from sqlmodel import Session

from app.settings import Settings
from crm.keys import create_key, list_keys, revoke_key
from crm.tenants import first_tenant
from engine.runtime.clock import SystemClock
from schemas.api_key import RANDOM_BYTES
from schemas.error import NotFound
from schemas.public_id import public_id, read_id
from storage.store import Store

T = TypeVar("T")
keys = typer.Typer(help="List, create and revoke API keys.", no_args_is_help=True)


@keys.command("list")
def show() -> None:
    """The keys that work."""
    table = Table("id", "begins with", "name", "last used")
    for row in with_tenant(list_keys):
        used = row.last_used_at.isoformat(timespec="minutes") if row.last_used_at else "never"
        table.add_row(public_id("key", row.id), f"pd_live_{row.public_id}", row.name, used)
    Console().print(table)


@keys.command()
def create(name: Annotated[str, typer.Argument(help="What the key is for.")] = "command line") -> None:
    """Make a key. It is shown this once; keep it in a safe place."""
    now = SystemClock().now()
    random = secrets.token_bytes(RANDOM_BYTES)
    _, text = with_tenant(lambda session, tenant: create_key(session, tenant, random, now, name=name))
    typer.echo(text)


@keys.command()
def revoke(key: Annotated[str, typer.Argument(help="The key's id, as `postdog keys list` shows it.")]) -> None:
    """Make a key stop working at once."""
    now = SystemClock().now()
    with_tenant(lambda session, tenant: revoke_key(session, tenant, read_id("key", key), now))
    typer.echo(f"{key} is revoked.")


def with_tenant(work: Callable[[Session, int], T]) -> T:
    """What the work gives, done in the first workspace in one transaction. Raises NotFound where there is none."""

    def job(session: Session) -> T:
        tenant = first_tenant(session)
        if tenant is None:
            raise NotFound("There is no workspace yet. Run `postdog serve` once.")
        return work(session, tenant.id)

    async def run() -> T:
        store = await Store.open(Settings().database, SystemClock())
        try:
            return await store.change(job)
        finally:
            await store.close()

    return asyncio.run(run())
