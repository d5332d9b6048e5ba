"""A run's history, made again by the same interpreter, and where that comes to something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from engine.core.advance import begin, deliver, end, enter_again, keep, reopen
from engine.core.codec import dump_run
from engine.core.decision import Step
from engine.core.evolve import evolve
from engine.core.history import MESSAGE, Past, contact_of, conversation_of, event_of, outcome_of, versions_of
from engine.core.message import message_facts
from engine.core.ownership import stop_queue_clock
from engine.core.program import Program
from engine.core.subflow import FLOW
from engine.core.turn import Turn
from engine.core.value import Frame, Person, Run
from engine.core.world import World
from schemas.content import dump_content
from schemas.effect import Message
from schemas.event import CallAnswered, MessageReceived

MAX_SHOWN = 300  # characters of a value in a difference


@dataclass(frozen=True, slots=True)
class Replayed:
    """One step, made again. `differences` are plain sentences; none: it came to the same."""

    past: Past
    differences: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        """True if the step came to the same."""
        return not self.differences


def replay(
    world: World,
    run: Run,
    history: Sequence[Past],
    messages: Mapping[int, Message] | None = None,
    *,
    whole: bool = True,
) -> tuple[Replayed, ...]:
    """Makes every step of `run`, as it stands, again from its history, the first step first.

    `world` holds the programs of the versions on which the run stood; templates, teams and channels are those of today.
    `messages` are the stored messages of the run by id; a message that is not among them (any more) is compared by its id
    only. What follows a step that can't be made again is not looked at. `whole` says that the history goes up to the run as it
    stands, which is then compared too.
    """
    made: list[Replayed] = []
    now: Run | None = None
    for past in history:
        obstacle = _obstacle(world, past, first=not made)
        if obstacle:
            return (*made, Replayed(past, (f"can't be replayed: {obstacle}",)))
        step = _again(world, run.id, now, past)
        if step is None:
            return (*made, Replayed(past, ("the run does not wait for this event any more",)))
        made.append(Replayed(past, (*_outcome(past, step), *_effects(step, messages or {}))))
        now = step.run
    if made and now is not None and whole:
        last = made[-1]
        made[-1] = replace(last, differences=(*last.differences, *_end(now, run)))
    return tuple(made)


def _obstacle(world: World, past: Past, *, first: bool) -> str:
    """Why a step can't be made again; "" if it can."""
    data = past.data
    if "how" not in data:
        return "it was written before PostDog kept all that a replay needs"
    if first and data["how"] != "began":
        return "the first steps of its history are gone"
    program = world.programs.get(data["version"])
    if program is None or not versions_of(data) <= world.programs.keys():
        return "the version of the flow on which it stood is gone"
    if first and data["visited"] and data["visited"][0][0] not in program.nodes:
        return f"its version has no node {data['visited'][0][0]}"
    return ""


def _again(world: World, id: int, before: Run | None, past: Past) -> Step | None:
    """The step, made again; None if nothing came of it."""
    data = past.data
    conversation = conversation_of(past)
    event = event_of(past, world.tenant)
    program = world.programs[data["version"]]
    run = _begun(program, id, past) if before is None else _since(before, past)
    talks = (conversation,) if conversation is not None else ()
    turn = Turn(_as_read(world, past), Person(contact_of(past), talks, (run,)), event, past.at)
    turn.next_index, turn.requests = data["next"], data.get("requests", 0)
    match data["how"]:
        case "began":
            begin(turn, program, run)
        case "entered":
            enter_again(turn, run)
        case "reopened":
            reopen(turn, run)
        case "ended":
            end(turn, run, data["status"], data["reason"])
        case "kept":
            if isinstance(event.body, CallAnswered) and run.wait is not None:
                keep(turn, evolve(run, status=data["status"], reason=data["reason"]), run.wait, event.body)
        case "answered":
            if conversation is not None:
                stop_queue_clock(turn, conversation)
        case _:
            deliver(turn, run, event.body)
    return turn.steps[-1] if turn.steps else None


def _begun(program: Program, id: int, past: Past) -> Run:
    """The run before its first step."""
    conversation = conversation_of(past)
    variables = dict(past.data.get("given", {}))
    body = event_of(past, 0).body
    if isinstance(body, MessageReceived):
        variables[MESSAGE] = message_facts(body.content)
    return Run(
        id=id,
        flow=program.flow,
        version=program.version,
        conversation=conversation.id if conversation is not None else 0,
        status="waiting",
        frames=(Frame(program.version, past.data["visited"][0][0], variables),),
        wait=None,
        step=past.number,
        interactive=program.interactive,
        started_at=past.at,
        expires_at=past.at + program.expires_after,
    )


def _since(run: Run, past: Past) -> Run:
    """The run as the step met it: carried to another version meanwhile, perhaps suspended and taken up again."""
    versions = past.data.get("frames") or [past.data["version"]]
    pairs = zip(run.frames, versions, strict=False)
    frames = tuple([evolve(frame, version=version) for frame, version in pairs])
    return evolve(run, version=versions[0], frames=frames, step=past.number - 1)


def _as_read(world: World, past: Past) -> World:
    """The world with its language, globals and hours, the channel's name, and which flows were live, as they were then."""
    world = _with_flows(world, past.data["reads"])
    conversation, reads = conversation_of(past), past.data["reads"]
    if "workspace.language" in reads:
        world = replace(world, language=reads["workspace.language"])
    then = {key: reads[f"global.{key}"] for key in _read_of("global", reads)}
    opened = {key: _instant(reads[f"hours.{key}"]) for key in _read_of("hours", reads)}
    if then or opened:
        world = replace(world, globals={**world.globals, **then}, openings=opened)
    info = world.channels.get(conversation.channel) if conversation is not None else None
    if info is None or "channel.name" not in reads:
        return world
    return replace(world, channels={**world.channels, info.id: replace(info, name=reads["channel.name"])})


def _read_of(kind: str, reads: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(path.removeprefix(f"{kind}.") for path in reads if path.startswith(f"{kind}."))


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _with_flows(world: World, reads: Mapping[str, Any]) -> World:
    found = {path.removeprefix(FLOW): version for path, version in reads.items() if path.startswith(FLOW)}
    if not found:
        return world
    keys = {flow: -number for number, flow in enumerate(found, 1)}  # ids of this replay only
    live = {keys[flow]: version for flow, version in found.items() if version is not None}
    return replace(world, flow_keys={**world.flow_keys, **keys}, live={**world.live, **live})


def _outcome(past: Past, step: Step) -> Iterator[str]:
    """What the step came to, against what its row says."""
    if step.number != past.number:
        yield f"step {past.number} became step {step.number}"
    for name, value in outcome_of(step).items():
        kept = past.data.get(name, [])
        if kept != value:
            yield f"{name}: it was {_shown(kept)}, replayed it is {_shown(value)}"


def _effects(step: Step, messages: Mapping[int, Message]) -> Iterator[str]:
    """The messages that it made, against those that are stored."""
    for message in step.effects:
        stored = messages.get(message.id)
        if stored is None:
            continue
        was, made = _facts(stored), _facts(message)
        if stored.content == message.fallback:  # the sender switched to the template
            was["content"] = made["content"]
        for name, value in made.items():
            if was[name] != value:
                yield f"message {message.key}, {name}: it was {_shown(was[name])}, replayed it is {_shown(value)}"


def _facts(message: Message) -> dict[str, Any]:
    facts = {
        "key": message.key,
        "content": dump_content(message.content),
        "fallback": None if message.fallback is None else dump_content(message.fallback),
        "conversation": message.conversation,
        "channel": message.channel,
        "voice": message.voice,
        "epoch": message.epoch,
        "node": message.node,
        "reports": message.reports,
        "on_unknown": message.on_unknown,
        "bulk": message.bulk,
    }
    plain: dict[str, Any] = orjson.loads(orjson.dumps(facts))
    return plain


def _end(made: Run, stands: Run) -> Iterator[str]:
    """The run after its last step, against the run as it stands. A person may have stopped its time since, and publishing may
    have carried it to a newer version: neither is a step.
    """
    frames, wait, _, invalid, *_ = orjson.loads(dump_run(made))
    kept_frames, kept_wait, _, kept_invalid, *_ = orjson.loads(dump_run(stands))
    pairs = {
        "place": ([each[1] for each in frames], [each[1] for each in kept_frames]),
        "variables": ([each[2] for each in frames], [each[2] for each in kept_frames]),
        "wait": (wait, kept_wait),
        "invalid replies": (invalid, kept_invalid),
    }
    if stands.status != "suspended":
        pairs["status"] = (made.status, stands.status)
    for name, (value, kept) in pairs.items():
        if value != kept:
            yield f"{name} after it: stored is {_shown(kept)}, replayed it is {_shown(value)}"


def _shown(value: Any) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + " …"
