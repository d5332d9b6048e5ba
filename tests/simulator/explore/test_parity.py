"""The explorer's paths are what the whole runtime does: messages, ports with their reasons, variables, due times."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from app.flow_file import FlowFile, capabilities, read_flow_file
from nodes import node_types
from schemas.flow import FlowDocument
from simulator.explore.explorer import Explored
from simulator.explore.path import Paths
from simulator.explore.run import explorer
from tests.simulator.explore.same import differences

FLOWS = sorted((Path(__file__).parents[3] / "flows").glob("*.json"))
SOME = 10
"""Paths of each flow beside the covering ones, spread over all: a few milliseconds each."""


@cache
def explored(flow: Path) -> tuple[FlowFile, FlowDocument, Explored]:
    file = read_flow_file(flow)
    document = file.checked.document
    assert document is not None
    return file, document, explorer(document, node_types(), capabilities(), beside=file.beside).finish()


@pytest.mark.slow
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.stem)
async def test_the_runtime_takes_every_covering_path_and_a_sample_of_all(flow: Path) -> None:
    file, document, found = explored(flow)
    paths = Paths(found)
    everything = paths.all()
    for path in [*paths.covering(), *everything[:: max(1, len(everything) // SOME)]]:
        performed = paths.perform(path)
        assert await differences(document, performed, file.beside) == [], [played.move for played in performed.played]
