"""A run's history is made again on the command line and over HTTP, and what differs is shown."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from schemas.public_id import read_id
from tests.integration.flow import document, on_word, say, wait_reply
from tests.integration.server import command, running_server
from tests.integration.visitor import visiting

ORDER = document(
    "Order",
    {"start": on_word("order"), "ask": say("How many?"), "wait": wait_reply(expect={"kind": "number"}, save_as="count"),
     "end": say("{{count}} it is.")},
    ["start -> ask", "ask -> wait", "wait -> end"],
)  # fmt: skip


async def test_a_real_run_is_replayed(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server:
        await server.publish(ORDER)
        async with visiting(server) as visitor, visitor.connect() as tab:
            for text, answer in (("order", "How many?"), ("12", "12 it is.")):
                await tab.say(text)
                await tab.until(answer)
        [run] = await server.everything("/v1/runs")
        told = await server.ask("GET", f"/v1/runs/{run['id']}/replay")
        assert (told["run_id"], told["flow"], told["version"], told["equal"], told["total"]) == (run["id"], "Order", 1, True, 2)
        assert [(each["number"], each["event"], each["equal"], each["differences"]) for each in told["steps"]] == [
            (1, "message_received", True, []),
            (2, "message_received", True, []),
        ]
        steps = await server.everything(f"/v1/runs/{run['id']}/steps")
        assert [each["event_id"] for each in told["steps"]] == [each["event_id"] for each in steps]
        well = await server.command("replay", run["id"])
        assert well.code == 0, well
        assert "step 2  message_received  wait.next > end.next" in well.out
        assert "All 2 steps came to the same." in well.out

        # Another answer than the one that was given, as a bug of the interpreter would leave it.
        with sqlite3.connect(server.database) as connection:
            change = "UPDATE step SET data = json_set(data, '$.event.body.content.text', '13') WHERE run = ? AND number = 2"
            assert connection.execute(change, (read_id("run", run["id"]),)).rowcount == 1
        connection.close()
        differs = await server.command("replay", run["id"])
        assert differs.code == 1
        assert "12 it is." in differs.out
        assert "13 it is." in differs.out
        assert "1 of 2 replayed steps came to something else." in differs.out
        told = await server.ask("GET", f"/v1/runs/{run['id']}/replay")
        assert [told["equal"], *(each["equal"] for each in told["steps"])] == [False, True, False]

        # What an older release wrote says so; a run that isn't there, and words that are no run.
        with sqlite3.connect(server.database) as connection:
            connection.execute("UPDATE step SET data = json_remove(data, '$.how')")
        connection.close()
        older = await server.command("replay", run["id"])
        assert (older.code, "can't be replayed: it was written before" in older.out) == (1, True)
        for words, said in (("run_zzzz", "There is no run with this id."), ("hello", "is not the id of a run")):
            wrong = await server.command("replay", words)
            assert (wrong.code, wrong.out) == (2, ""), wrong
            assert said in wrong.err
            assert "Traceback" not in wrong.err
        assert (await server.answer("GET", "/v1/runs/run_zzzz/replay")).status == 404


async def test_without_a_database_it_says_what_to_do(tmp_path: Path) -> None:
    told = await command("replay", "run_g", environment={**os.environ, "POSTDOG_DATA_DIR": str(tmp_path / "nothing")})
    assert told.code == 2
    assert "Run `postdog serve` once" in told.err
