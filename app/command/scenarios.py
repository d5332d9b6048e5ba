"""`postdog test`: plays the scenarios beside flows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
import yaml
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from app.flow_file import capabilities, flow_files, read_flow_file
from app.installed import installed_node_types
from engine.core.check_text import problem_line
from schemas.flow import FlowDocument
from schemas.problem import has_errors
from simulator.chat import Mark
from simulator.play import Played, play
from simulator.scenario import Scenario, ScenarioFile, Step
from simulator.world import stage

ENDING = ".test.yaml"
TROUBLE = {
    "extra_forbidden": "this word is not known here",
    "string_type": "this must be a text; put it in quotes (YAML reads a bare no, 5 or 17:30 as something else)",
}
"""What pydantic says of scenarios, in the words of their authors."""
COLOURS: dict[Mark, str] = {"": "[dim]", "-": "[red]", "+": "[green]"}


@dataclass(frozen=True, slots=True)
class Tested:
    """One file of scenarios: what is wrong with the files themselves, or what came of each scenario."""

    path: Path
    trouble: tuple[str, ...]
    played: tuple[Played, ...] = ()
    ports: frozenset[tuple[str, str]] = frozenset()
    """Every port of the flow that leads somewhere."""
    lines: tuple[int, ...] = ()
    """In which line of the file each scenario begins."""

    @property
    def passed(self) -> bool:
        """True if all of it is as expected."""
        return not self.trouble and all(each.passed for each in self.played)

    @property
    def covered(self) -> frozenset[tuple[str, str]]:
        """The wired ports that some scenario passed."""
        return self.ports & frozenset().union(*(each.passed_ports for each in self.played))


def scenarios(
    paths: Annotated[list[Path], typer.Argument(help=f"Folders, or scenario files ending in {ENDING}.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for scripts.")] = False,
) -> None:
    """Play scenarios against their flows, on the real engine and a virtual clock. Exits with 1 if one fails."""
    tested = [run_file(path) for path in flow_files(paths, ENDING)]
    if as_json:
        typer.echo(orjson.dumps(_report(tested), option=orjson.OPT_INDENT_2).decode())
    else:
        _print(tested)
    if not tested or not all(each.passed for each in tested):
        raise typer.Exit(1)


def run_file(path: Path) -> Tested:
    """Play every scenario of a file."""
    try:
        text = path.read_text()
        file = ScenarioFile.model_validate(yaml.safe_load(text))
    except OSError as error:
        return Tested(path, (f"the file can't be read: {error.strerror}",))
    except UnicodeDecodeError:
        return Tested(path, ("the file is no text in UTF-8",))
    except yaml.YAMLError as error:
        return Tested(path, (f"this is no YAML: {error}",))
    except ValidationError as error:
        return Tested(path, tuple(_words(error)))
    flow = read_flow_file(path.parent / (file.flow or path.name.removesuffix(ENDING) + ".json"))
    document = flow.checked.document
    if document is None or has_errors(flow.checked.problems):
        return Tested(path, tuple(f"{flow.path}: {problem_line(each)}" for each in flow.checked.problems))
    played = asyncio.run(_play_all(document, file.scenarios, flow.beside))
    return Tested(path, (), played, wired_ports(document), scenario_lines(text))


async def _play_all(
    document: FlowDocument, scenarios: Iterable[Scenario], beside: Mapping[str, FlowDocument]
) -> tuple[Played, ...]:
    types, kinds = installed_node_types(), capabilities()
    ready = stage(document, types, beside)
    return tuple([await play(document, types, kinds, each, ready=ready) for each in scenarios])


def wired_ports(document: FlowDocument) -> frozenset[tuple[str, str]]:
    """Every port that has an edge."""
    return frozenset((edge.from_, edge.port) for edge in document.edges)


def scenario_lines(text: str) -> tuple[int, ...]:
    """In which line each scenario of a sound file begins.

    >>> scenario_lines("flow: a.json\\nscenarios:\\n  - name: one\\n    steps: []\\n  - name: two\\n")
    (3, 5)
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    several = [value for key, value in root.value if key.value == "scenarios"] if isinstance(root, yaml.MappingNode) else []
    return tuple(each.start_mark.line + 1 for sequence in several for each in sequence.value)


def _words(error: ValidationError) -> Iterator[str]:
    for found in error.errors():
        where = " ".join(str(part + 1) if isinstance(part, int) else str(part) for part in found["loc"])
        words = TROUBLE.get(found["type"], found["msg"].removeprefix("Value error, "))
        near = ""
        if found["type"] == "extra_forbidden" and len(found["loc"]) > 2 and found["loc"][-3] == "steps":
            known = get_close_matches(str(found["loc"][-1]), Step.model_fields, 1)
            near = f". Did you mean {known[0]}?" if known else f"; a step is one of {', '.join(Step.model_fields)}"
        yield f"{where}: {words}{near}"


def _print(tested: list[Tested]) -> None:
    console = Console()
    count = sum(len(each.played) for each in tested)
    for each in tested:
        share = f", {len(each.covered)} of {len(each.ports)} edges" if each.ports else ""
        mark = "[green]✓[/]" if each.passed else "[red]✗[/]"
        console.print(f"{mark} {escape(str(each.path))}: {len(each.played)} scenarios{share}")
        for trouble in each.trouble:
            console.print(f"    [red]{escape(trouble)}[/]", soft_wrap=True)
        for played in each.played:
            if not played.passed:
                _print_failure(console, played)
    failed = sum(not played.passed for each in tested for played in each.played)
    console.print(f"{count - failed} passed, {failed} failed" if tested else "There are no scenarios here.")


def _print_failure(console: Console, played: Played) -> None:
    console.print(f"    [red]✗ {escape(played.scenario.name)}[/]")
    for failure in played.failures:
        console.print(f"      [red]{escape(failure)}[/]", soft_wrap=True)
    for line in played.chat:
        text = escape(line.text).replace("\n", "\n" + " " * 17)
        console.print(f"      {COLOURS[line.mark]}{line.mark or ' '} {line.voice:>7}: {text}[/]", soft_wrap=True)


def _report(tested: list[Tested]) -> dict[str, Any]:
    return {
        "passed": all(each.passed for each in tested),
        "files": [
            {
                "file": str(each.path),
                "trouble": each.trouble,
                "edges": len(each.ports),
                "covered": len(each.covered),
                "open": sorted(each.ports - each.covered),
                "scenarios": [
                    {
                        "name": played.scenario.name,
                        "line": line,
                        "passed": played.passed,
                        "failures": played.failures,
                        "step": played.step or None,
                        "chat": [] if played.passed else [asdict(each) for each in played.chat],
                    }
                    for played, line in zip(each.played, each.lines, strict=True)
                ],
            }
            for each in tested
        ],
    }
