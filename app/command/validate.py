"""`postdog validate`: all problems of flow files at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.markup import escape

from app.flow_file import flow_files, read_flow_file
from engine.core.check_text import problem_json, problem_line, summary
from schemas.problem import has_errors

COLOURS = {"error": "red", "warning": "yellow", "info": "dim"}


def validate(
    files: Annotated[list[Path], typer.Argument(help="Flow files, or folders with .json files in them.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, for scripts.")] = False,
    remarks: Annotated[bool, typer.Option(help="Show remarks too: ends, and open ports with what they fall back to.")] = False,
) -> None:
    """Check flow files: schema, graph, texts, channel limits. Exits with 1 if one has errors."""
    found = [read_flow_file(path) for path in flow_files(files)]
    if as_json:
        report = [
            {"file": str(each.path), "problems": [problem_json(problem) for problem in each.checked.problems]}
            for each in found
        ]
        typer.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode())
    else:
        console = Console()
        for each in found:
            console.print(f"[bold]{escape(str(each.path))}[/bold]: {summary(each.checked.problems)}")
            for problem in each.checked.problems:
                if problem.level == "info" and not remarks:
                    continue
                console.print(f"  [{COLOURS[problem.level]}]{escape(problem_line(problem))}[/]", soft_wrap=True)
        if not found:
            console.print("There is no flow file here.")
    if not found or any(has_errors(each.checked.problems) for each in found):
        raise typer.Exit(1)
