"""What the arms of a Split came to: the API says how the runs of each arm ended."""

from __future__ import annotations

import pytest

from tests.integration.flow import document, on_word
from tests.integration.server import Server, until
from tests.integration.visitor import visiting

ARMS = {"arms": [{"id": "short"}, {"id": "long"}]}


@pytest.mark.asyncio(loop_scope="module")
async def test_each_arms_runs_are_counted_by_how_they_ended(server: Server) -> None:
    flow = await server.publish(
        document(
            "A or B",
            {
                "start": on_word("letmein"),
                "split": ("split", ARMS),
                "bought": ("end", {"outcome": "bought"}),
                "left": ("end", {"outcome": "left"}),
            },
            ["start -> split", "split.short -> bought", "split.long -> left"],
        )
    )
    for _ in range(6):
        async with visiting(server) as visitor, visitor.connect() as tab:
            await tab.say("letmein")

    async def all_ended() -> bool:
        return len(await server.everything(f"/v1/runs?flow_id={flow}")) == 6

    await until(all_ended)
    results = await server.everything(f"/v1/flows/{flow}/nodes/split/results")
    counts = {each["node"]: each["left"] for each in await server.everything(f"/v1/flows/{flow}/counts")}
    assert {each["port"]: each["runs"] for each in results} == counts["split"]
    outcomes = {"short": "bought", "long": "left"}
    for each in results:
        assert each["endings"] == [{"status": "completed", "outcome": outcomes[each["port"]], "runs": each["runs"]}]
    assert await server.everything(f"/v1/flows/{flow}/nodes/nowhere/results") == []
