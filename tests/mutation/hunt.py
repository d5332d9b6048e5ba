"""Plays the scenarios of a flow against each of its mutants: a scenario that fails has caught it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from app.flow_file import capabilities, read_flow_file
from engine.core.check import NOTHING_KNOWN, check
from nodes import node_types
from schemas.flow import FlowDocument
from schemas.problem import has_errors
from simulator.play import Played, play
from simulator.scenario import Scenario, ScenarioFile
from simulator.world import stage
from tests.mutation.mutant import Mutant, mutants

FLOWS = Path(__file__).parents[2] / "flows"
ENDINGS = (".test.yaml", ".paths.test.yaml")
"""Scenarios that people wrote, and those that the explorer saved."""


@dataclass(frozen=True)
class Hunted:
    """What became of a flow's mutants. Those that the checker refuses count neither way."""

    flow: str
    caught: tuple[str, ...]
    escaped: tuple[str, ...]
    refused: int

    @property
    def share(self) -> float:
        return len(self.caught) / (len(self.caught) + len(self.escaped))


def keys() -> list[str]:
    """The ready-made flows."""
    return sorted(path.stem for path in FLOWS.glob("*.json"))


def scenarios(key: str, saved: bool = False) -> list[Scenario]:
    """The scenarios of a flow; with the saved ones, if they are wanted."""
    files = [FLOWS / f"{key}{ending}" for ending in (ENDINGS if saved else ENDINGS[:1])]
    read = [ScenarioFile.model_validate(yaml.safe_load(file.read_text())) for file in files if file.exists()]
    return [scenario for file in read for scenario in file.scenarios]


def hunt(key: str, *, saved: bool = False) -> Hunted:
    """Try every mutant of a flow."""
    document = json.loads((FLOWS / f"{key}.json").read_text())
    beside = read_flow_file(FLOWS / f"{key}.json").beside
    return asyncio.run(_hunt(key, document, scenarios(key, saved), beside))


async def _hunt(key: str, document: dict, several: Sequence[Scenario], beside: Mapping[str, FlowDocument]) -> Hunted:
    played = await _play_all(document, several, beside)
    assert all(each.passed for each in played), [each.failures for each in played]
    caught, escaped, refused = [], [], 0
    for mutant in mutants(document):
        found = check(mutant.document, node_types(), NOTHING_KNOWN)
        if has_errors(found.problems):
            refused += 1
        elif await _is_caught(mutant, [each for each in played if _meets(each, mutant)], beside):
            caught.append(mutant.name)
        else:
            escaped.append(mutant.name)
    return Hunted(key, tuple(caught), tuple(escaped), refused)


def _meets(played: Played, mutant: Mutant) -> bool:
    """Whether the conversation comes where the mistake is."""
    return any(node == mutant.node and mutant.port in ("", port) for node, port in played.passed_ports)


async def _is_caught(mutant: Mutant, several: Sequence[Played], beside: Mapping[str, FlowDocument]) -> bool:
    if not several:
        return False
    document = FlowDocument.model_validate(mutant.document)
    ready, types, kinds = stage(document, node_types(), beside), node_types(), capabilities()
    for each in sorted(several, key=lambda played: len(played.scenario.steps)):
        if not (await play(document, types, kinds, each.scenario, ready=ready)).passed:
            return True
    return False


async def _play_all(document: dict, several: Sequence[Scenario], beside: Mapping[str, FlowDocument]) -> list[Played]:
    whole = FlowDocument.model_validate(document)
    ready = stage(whole, node_types(), beside)
    return [await play(whole, node_types(), capabilities(), each, ready=ready) for each in several]
