"""Events that could not be decided: an operator sees them with their error, by command and by API, and has them decided again."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.integration.flow import echo
from tests.integration.server import Server, running_server, until
from tests.integration.visitor import visiting


def break_newest(server: Server) -> int:
    """Give the newest event to be decided anew, as of a kind that this release doesn't know; its id."""
    with sqlite3.connect(server.database) as connection:
        (event,) = connection.execute("SELECT max(id) FROM event WHERE kind = 'message_received'").fetchone()
        connection.execute(
            "UPDATE event SET state = 0, attempts = 0, done_at = NULL, answer = NULL, kind = 'telepathy',"
            " external_id = external_id || ':again', body = replace(body, 'message_received', 'telepathy') WHERE id = ?",
            (event,),
        )
    connection.close()
    return int(event)


def mend(server: Server, event: int, state: int) -> None:
    """What an upgrade does: the kind is known now."""
    with sqlite3.connect(server.database) as connection:
        connection.execute(
            "UPDATE event SET kind = 'message_received', state = ?, body = replace(body, 'telepathy', 'message_received')"
            " WHERE id = ?",
            (state, event),
        )
    connection.close()


async def test_a_dead_event_is_seen_and_replayed_and_the_lane_goes_on_meanwhile(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server, visiting(server) as visitor:
        await server.publish(echo())
        async with visitor.connect() as tab:
            await tab.say("hello")
            await tab.until("You said it.")
        well = await server.command("doctor")
        assert (well.code, "✗" in well.out) == (0, False), well
        await server.stop()
        broken = break_newest(server)
        await server.start()

        async def dead() -> list[dict[str, object]]:
            return await server.everything("/v1/events?state=dead")

        (event,) = await until(dead)
        assert (event["kind"], event["state"]) == ("telepathy", "dead")
        assert event["error"]
        metrics = (await server.answer("GET", "/metrics")).body
        assert "postdog_events_dead_now 1.0" in metrics
        # The same person's lane goes on.
        async with visitor.connect() as tab:
            await tab.say("hello, anybody there?")
            await tab.until("You said it.")
        seen = await server.command("doctor")
        assert seen.code == 1
        assert f"{event['id']} telepathy" in seen.out
        assert f"--replay {event['id']}" in seen.out
        # Replayed as it is, it dies again; nothing else suffers.
        again = await server.ask("POST", f"/v1/events/{event['id']}/replay")
        assert again["state"] == "pending"
        await until(dead)
        refused = await server.answer("POST", "/v1/events/ev_zzz/replay")
        assert (refused.status, refused.error) == (404, "not_found")
        # Once it can be read, the command's replay has it decided by the running server.
        before = server.row("SELECT count(*) FROM run")[0]
        mend(server, broken, 2)
        replayed = await server.command("doctor", "--replay", str(event["id"]))
        assert "will be decided once more" in replayed.out

        async def done() -> bool:
            return bool((await server.ask("GET", f"/v1/events/{event['id']}"))["state"] == "done")

        await until(done)
        assert server.row("SELECT count(*) FROM run")[0] >= before
        not_dead = await server.answer("POST", f"/v1/events/{event['id']}/replay")
        assert (not_dead.status, not_dead.error) == (409, "not_dead")
        assert (await server.command("doctor")).code == 0
