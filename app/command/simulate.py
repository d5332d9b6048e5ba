"""`postdog simulate`: chat with a flow in the terminal, on a virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, timedelta
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.markup import escape

from app.flow_file import capabilities, read_flow_file
from app.installed import installed_node_types
from engine.core.check_text import problem_line
from engine.runtime.clock import SystemClock
from schemas.content import text_of
from schemas.duration import parse_duration
from schemas.flow import FlowDocument
from schemas.problem import has_errors
from simulator.chat import told_words
from simulator.simulation import CannotHappen, Simulation
from simulator.transcript import Said, choices

HELP = """[dim]Write as the contact. Or:
  /press TITLE     tap a button          /skip           go to the next thing that time brings
  /wait PT10M      let time pass         /vars           show the run's variables
  /path            nodes passed, and why /fail CODE      the next message is not delivered
  /agent claims | resolves | returns | online | busy | offline  /agentsays TEXT
  /start {"k": 1}  start as the API does /event NAME {}  a named event
  /quit[/dim]"""


def simulate(
    flow: Annotated[Path, typer.Argument(help="The flow file.")],
    channel: Annotated[str, typer.Option(help="whatsapp or webchat.")] = "webchat",
) -> None:
    """Chat with a flow here. Nothing is sent anywhere; waits are skipped with /skip."""
    console = Console()
    file = read_flow_file(flow)
    checked = file.checked
    if checked.document is None or has_errors(checked.problems):
        for problem in checked.problems:
            console.print(escape(problem_line(problem)), soft_wrap=True)
        raise typer.Exit(1)
    known = capabilities()
    if channel not in known:
        console.print(f"There is no channel kind {channel!r}. Known: {', '.join(sorted(known))}.")
        raise typer.Exit(2)
    asyncio.run(_talk(console, checked.document, channel, file.beside))


async def _talk(console: Console, document: FlowDocument, channel: str, beside: Mapping[str, FlowDocument]) -> None:
    now = SystemClock().now().astimezone(UTC)
    simulation = Simulation(
        document, installed_node_types(), channel=channel, capabilities=capabilities()[channel], at=now, beside=beside
    )
    await simulation.prepare()
    console.print(f"[bold]{escape(document.name)}[/bold] on {channel}. /help for more, /quit to end.")
    shown: set[int] = set()
    while True:
        for said in simulation.transcript():
            if said.id not in shown:
                shown.add(said.id)
                if said.voice != "contact":
                    _show(console, said)
        for told in simulation.told():
            if told.id not in shown:
                shown.add(told.id)
                console.print(f"[dim]told: {escape(told_words(told))}[/]", soft_wrap=True)
        try:
            line = (await asyncio.to_thread(input, "> ")).strip()
        except (EOFError, KeyboardInterrupt):
            return
        if line == "/quit":
            return
        if line:
            await _do(console, simulation, line)


async def _do(console: Console, simulation: Simulation, line: str) -> None:
    word, _, rest = line.partition(" ")
    try:
        match word:
            case "/help":
                console.print(HELP)
            case "/press":
                await simulation.press(rest)
            case "/skip":
                due = await simulation.skip_wait()
                console.print(f"[dim]it is {due:%Y-%m-%d %H:%M:%S}[/]" if due else "[dim]nothing waits for time[/]")
            case "/wait":
                await simulation.advance(parse_duration(rest) if rest else timedelta(hours=1))
            case "/vars":
                run = simulation.run()
                variables = dict(run.frames[-1].variables) if run is not None else {}
                console.print_json(orjson.dumps(variables).decode())
            case "/path":
                for node, port, reason in simulation.path():
                    console.print(f"[dim]{escape(node)} → {escape(port or 'waits')} {escape(reason)}[/]")
            case "/fail":
                simulation.fail_next(rest or "131026")
            case "/agent":
                await (simulation.agents(rest) if rest in ("online", "busy", "offline") else simulation.agent(rest))
            case "/agentsays":
                await simulation.agent_says(rest)
            case "/start":
                await simulation.start(orjson.loads(rest or "{}"))
            case "/event":
                name, _, data = rest.partition(" ")
                await simulation.event(name, orjson.loads(data or "{}"))
            case _ if line.startswith("/"):
                console.print("[dim]This word is not known. /help lists them.[/]")
            case _:
                await simulation.say(line)
    except (CannotHappen, ValueError, KeyError) as error:
        console.print(f"[dim]That can't be done: {escape(str(error))}[/]")
    run = simulation.run()
    if run is not None:
        where = run.frames[-1].node if run.live else run.reason
        console.print(f"[dim]({run.status}{': ' + escape(where) if where else ''})[/]")


def _show(console: Console, said: Said) -> None:
    mark = "[red]✗[/] " if said.status == "failed" else ""
    console.print(f"{mark}[green]{said.voice}:[/] {escape(text_of(said.content) or said.content.kind)}", soft_wrap=True)
    for number, (_, title) in enumerate(choices(said.content), 1):
        console.print(f"   [cyan]{number}. {escape(title)}[/]")


