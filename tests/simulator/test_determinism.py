"""The same scenario is the same conversation, to the last id, whatever the process and its hash seed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PLAY = """
import asyncio, sys
from pathlib import Path
import yaml
from app.flow_file import capabilities, read_flow_file
from nodes import node_types
from simulator.play import _Player
from simulator.scenario import ScenarioFile
from simulator.simulation import Simulation

async def told(document, scenario):
    kinds = capabilities()
    simulation = Simulation(
        document, node_types(), channel=scenario.channel, capabilities=kinds[scenario.channel], at=scenario.at,
        contact=scenario.contact, timezone=scenario.timezone, hours=scenario.named_hours, globals=scenario.globals,
    )
    await simulation.prepare(scenario.agents)
    player = _Player(simulation)
    for step in scenario.steps:
        await player.step(step)
    print(scenario.name)
    for said in simulation.transcript():
        print(" ", said)
    for row in simulation.path():
        print(" ", row)
    for several in simulation.store.state.steps.values():
        for step in several:
            print(" ", step)
    print(" ", simulation.runs(), simulation.conversation(), simulation.contact())

for key in ("welcome-menu", "support-triage"):
    document = read_flow_file(Path("flows") / f"{key}.json").checked.document
    for scenario in ScenarioFile.model_validate(yaml.safe_load(Path(f"flows/{key}.test.yaml").read_text())).scenarios[:6]:
        asyncio.run(told(document, scenario))
"""


def played_with(seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PLAY],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_two_processes_tell_the_same_story() -> None:
    one, other = played_with("1"), played_with("2718")
    assert "welcome to Willow & Co.!" in one
    assert one.count("Said(") > 40
    assert one.splitlines() == other.splitlines()
