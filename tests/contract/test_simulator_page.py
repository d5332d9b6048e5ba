"""The requests that docs/simulator.md prints: each works as it stands there, with the ids of this server."""

from __future__ import annotations

import re
from pathlib import Path

from tests.contract.furniture import asking
from tests.contract.house import House
from tests.contract.printed import curl

PAGE = Path(__file__).parents[2] / "docs" / "simulator.md"
BLOCK = re.compile(r"```sh\n(curl.*?)```", re.DOTALL)


async def test_the_printed_simulation_can_be_played(it: House) -> None:
    document = asking("Asking")
    document["nodes"][0]["config"] = {"on": {"kind": "message"}}
    document["nodes"][2]["config"]["for"]["timeout"] = "PT1H"
    flow = await it.call("POST", "/v1/flows", {"document": document})
    (block,) = BLOCK.findall(PAGE.read_text())
    id, told = "", []
    for printed in block.strip().split("\n\n"):
        request = curl(printed)
        body = {**request.body, "flow_id": flow["id"]} if request.body and "flow_id" in request.body else request.body
        answer = await it.call(request.method, request.path.replace("sim_4f", id), body)
        id = answer["id"]
        told.append(answer)
    begun, said, skipped, undone, whole = told
    assert begun["contact"]["name"] == "Ann Example"
    assert [each["content"]["text"] for each in said["messages"]] == ["hi", "How many, Ann Example?"]
    assert (skipped["now"], skipped["run"]["status"]) == ("2026-03-02T11:00:00Z", "completed")
    assert (undone["step"], undone["run"]["node"]) == (1, "answer")
    assert undone == whole
