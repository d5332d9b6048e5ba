"""Lets one thing happen in a simulation, as scenarios and clients name it."""

from __future__ import annotations

from schemas.content import Location, Media
from schemas.duration import parse_duration
from schemas.problem import Problem
from simulator.scenario import Act, Refusal
from simulator.simulation import CannotHappen, Simulation


async def act(simulation: Simulation, what: Act) -> Problem | None:
    """Let it happen, and all that follows. Why the engine refused, or None. Raises CannotHappen: undo what it began."""
    match what.word:
        case "say":
            await simulation.say(what.say or "")
        case "press":
            await simulation.press(what.press or "")
        case "media" if what.media is not None:
            await simulation.receive(Media(what.media, url="https://example.com/file", mime="application/octet-stream"))
        case "location" if what.location is not None:
            await simulation.receive(Location(what.location.latitude, what.location.longitude))
        case "start" if what.start is not None:
            return await simulation.start(what.start.variables, what.start.node)
        case "event" if what.event is not None:
            await simulation.event(what.event.name, what.event.data)
        case "answer" if isinstance(what.answer, dict):
            given = {key: value for key, value in what.answer.items() if key != "node"}
            await simulation.answer(given, str(what.answer.get("node", "")))
        case "answer" if what.answer != "later":
            await simulation.answer("" if what.answer == "example" else what.answer or "")
        case "answer":
            pass  # nothing is answered yet: time may pass meanwhile
        case "webhook" if what.webhook is not None:
            return await simulation.webhook(what.webhook.body, what.webhook.node)
        case "tag":
            await simulation.tag(what.tag or "")
        case "wait":
            await simulation.advance(parse_duration(what.wait or ""))
        case "until" if what.until is not None:
            await simulation.advance_to(what.until)
        case "skip":
            if await simulation.skip_wait() is None:
                raise CannotHappen("nothing waits for time")
        case "fail" if isinstance(what.fail, Refusal):
            simulation.fail_next(what.fail.code, what.fail.after)
        case "fail" if isinstance(what.fail, str):
            simulation.fail_next(what.fail)
        case "agent" if what.agent in ("online", "busy", "offline", "closed"):
            await simulation.agents(what.agent)
        case "agent" if what.agent is not None:
            return await simulation.agent(what.agent)
        case "agent_says":
            return await simulation.agent_says(what.agent_says or "")
        case _:
            raise CannotHappen(f"{what.word} is nothing that happens")
    return None
