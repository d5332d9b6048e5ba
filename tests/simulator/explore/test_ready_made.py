"""Every port and every outcome of a rule of the ready-made flows is reached, or it is said why none is."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.command.scenarios import run_file
from simulator.explore.report import report
from tests.simulator.explore.test_parity import FLOWS, explored


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.stem)
def test_all_ports_are_reached_or_have_a_reason(flow: Path) -> None:
    *_, found = explored(flow)
    made = report(found, most=1)
    assert not made.exhausted
    unproved = [port for port in made.missing if port.reason is None or not port.reason.proved]
    assert unproved == []
    assert [rule for rule in made.rules if not rule.path and (rule.reason is None or not rule.reason.proved)] == []
    assert made.coverage["nodes"].percent == 100


@pytest.mark.slow
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.stem)
def test_saved_paths_still_hold_and_pass_every_edge(flow: Path) -> None:
    tested = run_file(flow.with_name(f"{flow.stem}.paths.test.yaml"))
    assert tested.passed, [(each.scenario.name, each.failures) for each in tested.played if not each.passed]
    assert tested.covered == tested.ports
