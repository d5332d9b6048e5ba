"""`postdog explore`: plays every path of a flow, and says what no customer can meet."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.markup import escape

from app.command.scenarios import ENDING
from app.flow_file import FlowFile, capabilities, read_flow_file
from app.installed import installed_node_types
from engine.core.check_text import problem_line
from schemas.flow import FlowDocument
from schemas.problem import has_errors
from simulator.explore.conversation import Conversation, duration_words
from simulator.explore.explorer import BUDGET, Explored
from simulator.explore.html import report_html
from simulator.explore.mermaid import report_mermaid
from simulator.explore.path import Paths
from simulator.explore.reason import Reason
from simulator.explore.report import MOST_PATHS, Report, report, report_json
from simulator.explore.run import explorer
from simulator.explore.save import names, scenario
from simulator.scenario import ScenarioFile
from simulator.scenario_file import scenario_file_text

SAVED = """What every path of this flow answers, as postdog explore found it and --save wrote it.
postdog test keeps it true. Where the flow is meant to answer something else, explore and save it again."""
SIDES = {"contact": "cyan", "bot": "green", "agent": "magenta", "event": "dim"}
COLOURS = {"warning": "yellow", "info": "dim"}


def explore(
    flow: Annotated[Path, typer.Argument(help="The flow file.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for scripts.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write the report as one HTML file.")] = None,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Print the flow as a Mermaid diagram.")] = False,
    paths: Annotated[bool, typer.Option("--paths", help="Print the conversations that pass everything.")] = False,
    channel: Annotated[list[str] | None, typer.Option(help="whatsapp or webchat; both where none is named.")] = None,
    save: Annotated[
        Path | None, typer.Option(help="Write the conversations that pass everything as scenarios, such as FLOW.paths.test.yaml.")
    ] = None,
    min_coverage: Annotated[float, typer.Option(help="Exit with 1 where fewer percent of the ports are reached.")] = 0.0,
    budget: Annotated[int, typer.Option(min=1, help="How many places are tried at most.")] = BUDGET,
    most: Annotated[int, typer.Option(min=1, help="How many conversations the report tells.")] = MOST_PATHS,
) -> None:
    """Play every path of a flow: every answer, silence, failure and hand-over. Says what is never reached, and why."""
    console = Console()
    file = read_flow_file(flow)
    checked = file.checked
    if checked.document is None or has_errors(checked.problems):
        for problem in checked.problems:
            Console(stderr=True).print(escape(problem_line(problem)), soft_wrap=True)
        Console(stderr=True).print("The flow has errors, so it can't be explored. Correct them first.")
        raise typer.Exit(1)
    known = capabilities()
    for each in channel or ():
        if each not in known:
            Console(stderr=True).print(f"There is no channel kind {escape(each)!r}. Known: {', '.join(sorted(known))}.")
            raise typer.Exit(2)
    wanted = {kind: known[kind] for kind in (channel or sorted(known, reverse=True))}
    found = explorer(checked.document, installed_node_types(), wanted, budget=budget, beside=file.beside).finish()
    made = report(found, most=most)
    if save is not None:
        _save(save, file, checked.document, found)
    if html is not None:
        html.write_text(report_html(made), "utf-8")
        Console(stderr=True).print(f"The report is in {escape(str(html))}. Open it in a browser.", soft_wrap=True)
    if mermaid:
        typer.echo(report_mermaid(made), nl=False)
    elif as_json:
        typer.echo(orjson.dumps(report_json(made), option=orjson.OPT_INDENT_2).decode())
    elif html is None:
        _print(console, made, paths)
    if made.coverage["ports"].percent < min_coverage:
        reached = made.coverage["ports"].percent
        Console(stderr=True).print(f"{reached:.1f} % of the ports are reached; {min_coverage:g} % are asked for.")
        raise typer.Exit(1)


def _save(save: Path, file: FlowFile, document: FlowDocument, found: Explored) -> None:
    """Write the covering paths as scenarios."""
    if not save.name.endswith(ENDING):
        Console(stderr=True).print(f"Name the file so that postdog test finds it: {save.stem}{ENDING}")
        raise typer.Exit(2)
    paths = Paths(found)
    chosen = [paths.perform(path) for path in paths.covering()]
    several = [
        asyncio.run(scenario(document, installed_node_types(), capabilities(), each, name, beside=file.beside))
        for each, name in zip(chosen, names(chosen), strict=True)
    ]
    saved = ScenarioFile(flow=os.path.relpath(file.path, save.parent), scenarios=tuple(several))
    save.write_text(scenario_file_text(saved, SAVED))
    words = f"{len(several)} scenarios were written to {save}. postdog test plays them from now on."
    Console(stderr=True).print(escape(words), soft_wrap=True)


def _print(console: Console, made: Report, paths: bool) -> None:
    shares = ", ".join(f"{share.covered} of {share.total} {name}" for name, share in made.coverage.items())
    _line(console, f"[bold]{escape(made.flow)}[/] on {' and '.join(made.channels)}: {shares}")
    counts = f"{made.states:,} places, {made.tried:,} tried, {made.paths_total:,} paths; {made.covering} pass everything"
    _line(console, f"[dim]{counts}[/]")
    if made.exhausted:
        words = f"Stopped after {made.budget:,} places: the rest was not tried. Raise --budget, or split the flow."
        _line(console, f"[yellow]{words}[/]")
    for node in made.cut:
        _line(console, f"[yellow]At {escape(node)} so many facts meet that not every combination of them was tried.[/]")
    for port in made.missing:
        _line(console, f"[red]✗[/] {escape(port.node)} → {escape(port.port)}: {_reason(port.reason)}")
    for rule in made.rules:
        if not rule.path and rule.reason is not None:
            said = "never holds" if rule.holds else "always holds"
            _line(console, f"[red]✗[/] {escape(rule.node)}, “{escape(rule.label)}” {said}: {_reason(rule.reason)}")
    for finding, number in made.findings:
        words = escape(f"{finding.message} {finding.hint} [{finding.code}]")
        _line(console, f"[{COLOURS[finding.level]}]{finding.level}[/] {words} (path {number})")
    node, length, number = made.longest_wait
    if number:
        console.print(f"Longest wait: {duration_words(length)} at {escape(node)} (path {number})")
    console.print(f"Most messages to one customer: {made.most_messages[0]} (path {made.most_messages[1]})")
    shown = {number for _, number in made.findings} | {made.longest_wait[2], made.most_messages[1]}
    for number, path in enumerate(made.paths, 1):
        if number in shown or (paths and number <= made.covering):
            _print_path(console, number, path)


def _line(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True)


def _reason(reason: Reason | None) -> str:
    return escape(f"{reason.words} [{reason.code}]") if reason is not None else ""


def _print_path(console: Console, number: int, path: Conversation) -> None:
    console.print(f"\n[bold]Path {number}[/] [dim]{escape(path.channel)}: {escape(path.title)}[/]", soft_wrap=True)
    for entry in path.entries:
        colour = SIDES[entry.side]
        mark = f" [red](not delivered: {escape(entry.failed)})[/]" if entry.failed else ""
        name = "" if entry.side == "event" else f"{entry.side}: "
        text = escape(entry.text).replace("\n", "\n           ")
        console.print(f"  [{colour}]{name:>9}[/]{text}{mark}", soft_wrap=True)
        if entry.choices:
            console.print(f"           [dim]{escape(' | '.join(entry.choices))}[/]", soft_wrap=True)
    console.print(f"  [dim]         {escape(path.ending)}[/]")
