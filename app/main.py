"""The command line: `postdog`."""

from __future__ import annotations

import sys

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from app.command.doctor import doctor
from app.command.explore import explore
from app.command.flows import flows
from app.command.keys import keys
from app.command.migrate import migrate
from app.command.replay import replay
from app.command.scenarios import scenarios
from app.command.serve import serve
from app.command.simulate import simulate
from app.command.translations import translations
from app.command.users import users
from app.command.validate import validate
from engine.runtime.protocol import StoreUnavailable
from schemas.error import PostDogError

app = typer.Typer(
    help="PostDog runs conversation flows on WhatsApp and web chat. Start with: postdog serve",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(serve)
app.command()(migrate)
app.command()(validate)
app.command()(simulate)
app.command()(explore)
app.command("test")(scenarios)
app.command()(replay)
app.command()(doctor)
app.add_typer(flows, name="flows")
app.add_typer(translations, name="translations")
app.add_typer(keys, name="keys")
app.add_typer(users, name="users")

TROUBLE = 2
"""Exit code where something around the command is wrong; 1 says that what was looked at is."""


def main() -> None:
    """Run a command; trouble is said in one line, never as a traceback."""
    try:
        app()
    except ValidationError as error:
        for found in error.errors():
            name = "POSTDOG_" + "_".join(str(part) for part in found["loc"]).upper()
            _say(f"The setting {name} is wrong: {found['msg'].removeprefix('Value error, ')}.")
        sys.exit(TROUBLE)
    except (PostDogError, StoreUnavailable) as error:
        _say(str(error))
        sys.exit(TROUBLE)
    except OSError as error:  # a folder that is a file, a file that may not be read
        place = f"{error.filename} can't be used" if error.filename else "The system refuses this"
        _say(f"{place}: {error.strerror or error}. Check the path and its permissions.")
        sys.exit(TROUBLE)


def _say(words: str) -> None:
    Console(stderr=True).print(f"[red]{escape(words)}[/red]")


if __name__ == "__main__":
    main()
