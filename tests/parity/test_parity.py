"""Every scenario of the ready-made flows is the same conversation in the simulator and on a real server.

Messages, ports with their reasons, variables, what webhooks and teams are told, and the traces of all events are compared, on
web chat over its socket and on WhatsApp over signed webhooks and a fake Graph server. Texts that are drawn by chance are fixed
to their first variant: the draw depends on ids, which a server gives in another order.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import yaml

from api.route.content_model import shown_content
from app.flow_file import capabilities
from nodes import node_types
from schemas.content import dump_content
from schemas.flow import FlowDocument
from simulator.act import act
from simulator.play import answer_calls, simulation_of
from simulator.scenario import Act, Person, Scenario, ScenarioFile
from simulator.simulation import Simulation
from simulator.transcript import Emitted
from simulator.world import stage
from tests.fakes.graph.client import FakeGraph
from tests.fakes.graph.settings import Settings
from tests.parity.real import Real

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("parity")]

ROOT = Path(__file__).parents[2]
KEYS = sorted(path.stem for path in (ROOT / "flows").glob("*.json"))
VARIANTS = re.compile(r"(?<!\{)\{([^{}|]*)\|[^{}]*\}(?!\})")
WRITTEN = "change_contact"
"""What the API writes at once is an event of its own in the simulator."""
FILE = re.compile(r"^(url|media|mime|provider_id): .*")
MARK = "parity"
"""A tag that every contact has: so each of them is made before the conversation, in both worlds alike."""
IDS = re.compile(r"\b(run|user|agent|conversation|message|call) \d+")
WORDS = re.compile(r"(message(?: N)? failed): .*")
"""What a provider says of a refusal is its own."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    folder = tmp_path_factory.mktemp("parity")
    command = [sys.executable, "-m", "tests.parity.serve", str(folder)]
    child = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert child.stdout is not None
        async with asyncio.timeout(60):
            yield json.loads(await child.stdout.readline())["url"]
    finally:
        child.terminate()
        await child.wait()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("key", KEYS)
async def test_the_simulator_tells_the_truth(server: str, key: str) -> None:
    document = fixed(json.loads((ROOT / "flows" / f"{key}.json").read_text()))
    read = ScenarioFile.model_validate(yaml.safe_load((ROOT / "flows" / f"{key}.test.yaml").read_text()))
    others = others_of(document)
    different = {}
    for number, scenario in enumerate(read.scenarios):
        if any(step.word == "answer" for step in scenario.steps):
            continue  # a real server's calls are answered at once: what they answer in turn is the simulator's own
        marked = scenario.model_copy(update={"contact": marked_person(scenario.contact)})
        try:
            real = await on_the_server(server, f"{key}-{number}", document, marked, others)
        except (AssertionError, TimeoutError) as error:
            different[scenario.name] = f"could not be played: {error}"[:500]
            continue
        arms = taken([document, *others.values()], real)
        said = await in_the_simulator(document, marked.model_copy(update={"splits": arms}), others)
        if difference := unlike(said, real):
            different[scenario.name] = difference
    assert different == {}
    assert len(read.scenarios) >= 10


def others_of(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The flows that it goes on in, by their keys."""
    keys = {config["flow"] for node in document["nodes"] if "flow" in (config := node.get("config", {}))}
    return {key: fixed(json.loads((ROOT / "flows" / f"{key}.json").read_text())) for key in keys if key in KEYS}


def fixed(value: Any) -> Any:
    """The document with the first variant of each text that is drawn."""
    match value:
        case dict():
            return {key: fixed(inner) for key, inner in value.items()}
        case list():
            return [fixed(inner) for inner in value]
        case str():
            return VARIANTS.sub(r"\1", value)
        case _:
            return value


def taken(documents: list[dict[str, Any]], real: dict[str, Any]) -> dict[str, str]:
    """The arms that the server's contact took at the Splits: the simulator's takes the same."""
    splits = {node["id"] for document in documents for node in document["nodes"] if node["type"] == "split"}
    return {node: port for several in real["path"] for node, port, _ in several if node in splits}


def marked_person(person: Person) -> Person:
    return person.model_copy(update={"tags": (*person.tags, MARK)})


def unlike(said: dict[str, Any], real: dict[str, Any]) -> str:
    """The first difference, in words; "" for none."""
    for name in said:
        if said[name] != real[name]:
            pairs = zip(said[name], real[name], strict=False) if isinstance(said[name], list) else []
            first = next(((one, other) for one, other in pairs if one != other), (said[name], real[name]))
            return f"{name}: simulated {first[0]!r}, real {first[1]!r}"
    return ""


# --- the real one ------------------------------------------------------------------------------------------------------------
async def on_the_server(
    url: str, name: str, document: dict[str, Any], scenario: Scenario, others: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    async with aiohttp.ClientSession() as session, graph_for(scenario) as graph:
        real = Real(url, session, scenario, document, graph)
        await real.set_up(name, others)
        before = len((await real.told())["events"])
        for step in scenario.steps:
            if step.word in Act.model_fields:
                await real.step(step)
        told = await real.told()
        heard = await real.heard()
        await real.close()
    contact = told["contact"]
    whole = {
        "messages": [
            (each["voice"] or "contact", comparable(each["content"]), failure(each["status"], (each["error"] or {}).get("code")))
            for each in told["messages"]
            if each["status"] != "skipped"
        ],
        "heard": heard,
        "path": [[(node, port, reasoned(reason)) for node, port, reason in several] for several in told["path"]],
        "runs": [{**run, "variables": own(run["variables"])} for run in told["runs"]],
        "events": [(kind, traced(trace or ())) for kind, _, trace in told["events"][before:] if kind != WRITTEN],
        "outside": told["outside"],
        "owner": told["owner"],
        "contact": (contact["name"], contact["language"], contact["timezone"], sorted(contact["tags"]), contact["fields"]),
    }
    plain: dict[str, Any] = json.loads(json.dumps(whole))
    return plain


@asynccontextmanager
async def graph_for(scenario: Scenario) -> AsyncIterator[FakeGraph | None]:
    if scenario.channel != "whatsapp":
        yield None
        return
    async with FakeGraph.in_process(Settings(callbacks=False, number_rate=0, pair_burst=0)) as graph:
        yield graph


# --- the simulated one -------------------------------------------------------------------------------------------------------
async def in_the_simulator(
    document: dict[str, Any], scenario: Scenario, others: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    read = FlowDocument.model_validate(document)
    beside = {key: FlowDocument.model_validate(each) for key, each in others.items()}
    simulation = simulation_of(read, node_types(), capabilities(), scenario, ready=stage(read, node_types(), beside))
    await simulation.prepare(scenario.agents)
    before = simulation.store.state.last_event
    for step in scenario.steps:
        if step.word in Act.model_fields:
            await act(simulation, step)
            await answer_calls(simulation, scenario.calls)
    told: dict[str, Any] = json.loads(json.dumps(told_by(simulation, before)))
    return told


def told_by(simulation: Simulation, before: int) -> dict[str, Any]:
    state, contact, conversation = simulation.store.state, simulation.contact(), simulation.conversation()
    said = simulation.transcript()
    assert contact is not None
    steps = [[row.step for row in sorted(rows, key=lambda row: row.step.number)] for _, rows in sorted(state.steps.items())]
    return {
        "messages": [
            (each.voice, comparable(shown_content(dump_content(each.content))), failure(each.status, each.code)) for each in said
        ],
        "heard": [
            text_of(shown_content(dump_content(each.content)))
            for each in said
            if each.voice != "contact" and each.status != "failed"
        ],
        "path": [
            [(each.node, each.port, reasoned(each.reason)) for step in several for each in step.visited]
            for several in steps
        ],
        "runs": [
            {"status": run.status, "reason": run.reason, "variables": own(run.frames[-1].variables if run.frames else {})}
            for run in simulation.runs()
        ],
        "events": [
            (row.event.body.kind, traced(row.trace))
            for id, row in state.events.items()
            if id > before and not row.event.team and row.event.body.kind != WRITTEN
        ],
        "outside": [[each.event, each.data] if isinstance(each, Emitted) else each.text for each in simulation.told()],
        "owner": conversation.owner if conversation is not None else "NONE",
        "contact": (contact.name, contact.language, contact.timezone, sorted(contact.tags), dict(contact.fields)),
    }


def reasoned(reason: str) -> str:
    """Why a node was left, without a provider's words and without where a file lies."""
    return FILE.sub("a file", WORDS.sub(r"\1", reason))


def traced(trace: Sequence[str]) -> list[str]:
    """A trace without what each world names in its own way."""
    return [WORDS.sub(r"\1", IDS.sub(r"\1 N", words)) for words in trace]


def own(variables: Any) -> dict[str, Any]:
    """Variables without the engine's own, and without where a file lies."""
    shown = {key: value for key, value in variables.items() if not key.startswith("$")}
    return {key: "a file" if isinstance(value, dict) and "mime" in value else value for key, value in shown.items()}


# --- what is compared of a message -------------------------------------------------------------------------------------------
FROM_THE_CONTACT = {"image", "video", "audio", "document"}


def comparable(content: dict[str, Any]) -> dict[str, Any]:
    """Content without what each world names in its own way: ids of taps, and where a file lies."""
    if content["type"] in FROM_THE_CONTACT and "filename" not in content and "caption" not in content:
        return {"type": content["type"]}
    if content["type"] in FROM_THE_CONTACT and content.get("mime"):
        return {"type": content["type"]}
    return {key: value for key, value in content.items() if key != "message"}


def failure(status: str, code: str | None) -> str:
    return f"failed {code}" if status == "failed" else ""


def text_of(content: dict[str, Any]) -> str:
    """What a person reads of it."""
    if content["type"] == "template":
        return f"template {content['name']}"
    return str(content.get("text") or content.get("caption") or content["type"])
