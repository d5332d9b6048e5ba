"""`postdog users`: who works with this server, and links by which they sign in."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlmodel import Session, col, select

from api.cookie import fresh_secret
from api.route.users import link_address
from app.command.keys import with_tenant
from app.settings import Settings
from crm.sign_in import make_link, make_welcome, nobody_signs_in
from crm.users import create_user, list_users
from engine.runtime.clock import SystemClock
from schemas.error import NotFound
from storage.table import UserRow

users = typer.Typer(help="List people, and make links by which they sign in.", no_args_is_help=True)


@users.command("list")
def show() -> None:
    """Everybody who works here."""
    table = Table("email", "name", "role", "signs in")
    for row in with_tenant(list_users):
        table.add_row(row.email, row.name, row.role, "yes" if row.password_hash else "not yet")
    Console().print(table)


@users.command()
def link(
    email: Annotated[str, typer.Argument(help="Whose; nobody's: of the first owner, as long as there is none.")] = "",
) -> None:
    """Make a one-time link: to set a password for the first time, or a new one. It is shown this once."""
    now, token = SystemClock().now(), fresh_secret(secrets.token_bytes)

    def work(session: Session, tenant: int) -> None:
        if email:
            make_link(session, tenant, _named(session, tenant, email), token, now)
        elif nobody_signs_in(session, tenant):
            make_welcome(session, tenant, token, now)
        else:
            raise NotFound("There is an owner already. Say whose link you want: postdog users link name@example.com")

    with_tenant(work)
    _tell(token)


@users.command()
def add(
    email: Annotated[str, typer.Argument(help="The e-mail address.")],
    name: Annotated[str, typer.Option(help="What colleagues see.")] = "",
    role: Annotated[str, typer.Option(help="owner, editor or agent.")] = "agent",
) -> None:
    """Add somebody, and make the link by which they set their password."""
    if role not in ("owner", "editor", "agent"):
        raise typer.BadParameter("A role is owner, editor or agent.")
    now, token = SystemClock().now(), fresh_secret(secrets.token_bytes)

    def work(session: Session, tenant: int) -> None:
        user = create_user(session, tenant, email, name or email.partition("@")[0], role, now)
        make_link(session, tenant, user.id, token, now)

    with_tenant(work)
    _tell(token)


def _named(session: Session, tenant: int, email: str) -> int:
    wanted = select(UserRow.id).where(
        UserRow.tenant == tenant, UserRow.email == email.strip().lower(), col(UserRow.removed_at).is_(None)
    )
    found = session.exec(wanted).first()
    if found is None:
        raise NotFound(f"Nobody here has the address {email}. See: postdog users list")
    return found


def _tell(token: str) -> None:
    settings = Settings()
    typer.echo(link_address(settings.reached_at(settings.port), token))
