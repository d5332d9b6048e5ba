"""A node type from an installed package of its own: listed, checked, published, talked to, replayed, and simulated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.integration.flow import document, on_word, say
from tests.integration.package import install_dice
from tests.integration.server import running_server
from tests.integration.visitor import visiting

WAYS = [{"id": "low", "name": "Low"}, {"id": "high", "name": "High"}]


def game(**config: Any) -> dict[str, Any]:
    return document(
        "Game",
        {"start": on_word("roll"), "dice": ("acme.dice", config), "one": say("A {{rolled}}. You lost."), "two": say("You won!")},
        ["start -> dice", "dice.low -> one", "dice.high -> two"],
    )


async def test_a_package_of_its_own_brings_a_node_type(tmp_path: Path) -> None:
    async with running_server(tmp_path, PYTHONPATH=install_dice(tmp_path)) as server:
        types = {each["type"]: each for each in await server.everything("/v1/node-types")}
        dice = types["acme.dice"]
        assert dice["label"] == "Roll the dice"
        assert dice["config_schema"]["properties"]["mood"]["ui"] == "choice"
        # The checker asks it, and publishing minds its answer.
        flow = await server.ask("POST", "/v1/flows", {"document": game(sides=2, ways=[*WAYS, {"id": "never", "name": "Never"}])})
        checked = await server.ask("POST", f"/v1/flows/{flow['id']}/validate", {})
        assert "acme.too_many_ways" in [each["code"] for each in checked["problems"]]
        assert (await server.answer("POST", f"/v1/flows/{flow['id']}/publish", {})).status == 400
        # Published, it talks; its history can be made again.
        live = await server.publish(game(mood="lucky", ways=WAYS))
        async with visiting(server) as visitor, visitor.connect() as tab:
            await tab.say("roll")
            await tab.until("A 1. You lost.")
        (run,) = await server.everything(f"/v1/runs?flow_id={live}")
        replayed = await server.ask("GET", f"/v1/runs/{run['id']}/replay")
        assert replayed["equal"], replayed
        # Simulated, it does the same; the command line knows it too.
        simulation = await server.ask("POST", "/v1/simulations", {"document": game(mood="lucky", ways=WAYS)})
        acted = await server.ask("POST", f"/v1/simulations/{simulation['id']}/events", {"say": "roll"})
        assert "A 1. You lost." in str(acted)
