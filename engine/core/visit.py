"""What a node sees and may do while the run stands at it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from engine.core.calendar import zone
from engine.core.change import fact_of
from engine.core.decision import Call, Met
from engine.core.evolve import evolve
from engine.core.limit import MAX_AUTOMATIC
from engine.core.ownership import request_agent, team_of
from engine.core.phrase import Phrase
from engine.core.say import in_own_words
from engine.core.telling import NOTICE, WEBHOOK
from engine.core.text import Text
from engine.core.turn import Turn
from engine.core.value import Conversation, Frame, Run
from engine.core.world import ChannelInfo
from schemas.contact import ContactChange, Identity
from schemas.content import Content
from schemas.effect import Message, OnUnknown
from schemas.event import Body
from schemas.notification import wanted
from schemas.value import maker

if TYPE_CHECKING:
    from engine.core.program import CompiledNode, Program

_message, _call = maker(Message), maker(Call)


class Visit:
    """A run on its way through one step. Nodes read facts by compiled getters, and act by the methods below."""

    __slots__ = (
        "_changes",
        "below",
        "called",
        "channel",
        "expires_at",
        "met",
        "node",
        "program",
        "reads",
        "run",
        "senders",
        "sent",
        "step",
        "turn",
        "unsaid",
        "variables",
        "version",
    )

    def __init__(self, turn: Turn, program: Program, run: Run, step: int) -> None:
        frame = run.frames[-1]
        self.turn: Turn = turn
        self.program: Program = program
        self.run: Run = run
        """The run as it came into this step."""
        self.step: int = step
        self.variables: dict[str, Any] = dict(frame.variables)
        self.version: int = frame.version
        self.expires_at: datetime | None = frame.expires_at
        self.below: tuple[Frame, ...] = run.frames[:-1]
        """The frames of the flows that run this one as a step, the first one first."""
        self.reads: dict[str, Any] = {}
        self.met: Met = turn.meet(run)
        talk = self.met.conversation
        self.channel: ChannelInfo | None = turn.world.channels.get(talk.channel) if talk is not None else None
        self.node: CompiledNode = program.nodes[frame.node]
        self.sent: list[Message] = []
        """The messages of this step, in order."""
        self.called: tuple[Call, ...] = ()
        """The calls of this step, in order."""
        self.senders: list[tuple[str, ...]] | None = [] if self.below else None
        """Who sent each, as the nodes from the first frame down; None while the run stood in one flow only."""
        self._changes = len(turn.changes)
        self.unsaid: Literal["", "flood", "no_channel"] = ""
        """Why the last message was not made."""

    # --- reading ---------------------------------------------------------------------------------------------------------
    @property
    def now(self) -> datetime:
        """The instant of this step, in UTC."""
        return self.turn.now

    @property
    def conversation(self) -> Conversation:
        """The conversation in which the run speaks."""
        found = self.turn.conversation(self.run.conversation)
        return found if found is not None else Conversation(id=0, channel=0)

    @property
    def key(self) -> str:
        """The key of the next effect: `run:step:index`. Texts are spun by it, so a retry renders the same."""
        return f"{self.run.id}:{self.step}:{len(self.sent) + len(self.called)}"

    def sent_ids(self) -> tuple[int, ...]:
        """Ids of the messages of this step, in order."""
        return tuple([message.id for message in self.sent]) if self.sent else ()

    @property
    def changes(self) -> tuple[ContactChange, ...]:
        """What this step changed of the contact, in order."""
        changes = self.turn.changes
        return tuple(changes[self._changes :]) if len(changes) > self._changes else ()

    def frame(self) -> Frame:
        """The frame that moves, as it stands now."""
        return Frame(self.version, self.node.id, self.variables, self.expires_at)

    def zone_name(self) -> str:
        """The contact's time zone, else the tenant's."""
        name = self.turn.contact.timezone
        self.reads.setdefault("contact.timezone", name)
        return name or self.turn.world.timezone

    def local_now(self) -> datetime:
        """Now in the contact's time zone."""
        return self.now.astimezone(zone(self.zone_name(), self.turn.world.timezone))

    def language(self) -> str:
        """The language of the flow in which the contact is spoken to; "" for the flow's own."""
        language, default = self.turn.contact.language, self.turn.world.language
        self.reads.setdefault("contact.language", language)
        self.reads.setdefault("workspace.language", default)
        return self.program.languages.of(language, default)

    def opening(self, name: str) -> datetime | None:
        """When the workspace's hours of this name are open next: now, where they are; None where they never open."""
        opens = self.turn.world.opening(name, self.turn.now)
        self.reads.setdefault(f"hours.{name}", opens.isoformat() if opens is not None else None)
        return opens

    def window_open(self) -> bool:
        """True if free text may be sent now: the channel has no window, or the contact wrote within it."""
        if self.channel is None or self.channel.capabilities.window is None:
            return True
        until = self.conversation.window_until
        is_open = until is not None and self.turn.now < until
        self.reads.setdefault("conversation.window_open", is_open)
        return is_open

    def say(self, text: Text) -> str:
        """The text for this contact, spun by the next effect's key."""
        return text.static if text.static is not None else text.render(self, self.key if text.spun else "")

    def say_of(self, program: Program, text: Text) -> str:
        """A text of one of the flows in which the run stands, with the variables of that flow."""
        below = next((frame for frame in reversed(self.below) if frame.version == program.version), None)
        if below is None or program.version == self.version:
            return self.say(text)
        here, self.variables = self.variables, dict(below.variables)
        said = self.say(text)
        self.variables = here
        return said

    def own_words(self, phrase: Phrase) -> str:
        """One of PostDog's own sentences, for where the author gave none."""
        self.language()
        return in_own_words(self.turn, phrase, self.program)

    # --- acting ----------------------------------------------------------------------------------------------------------
    def set(self, name: str, value: Any) -> None:
        """Set a variable of the run."""
        self.variables[name] = value

    def change(self, change: ContactChange) -> None:
        """Change the contact; later nodes of the same step see it."""
        path, value = fact_of(self.turn.contact, change)
        self.reads.setdefault(path, value)
        self.turn.change(change)

    def emit(self, body: Body, *, contact: int = 0, team: int = 0, identities: tuple[Identity, ...] = ()) -> None:
        """An event for another lane, or for this one later."""
        self.turn.emit(body, contact=contact, team=team, identities=identities)

    def tell(self, event: str, data: Mapping[str, Any]) -> None:
        """Tell the tenant's webhooks of something, by the author's name for it."""
        if self.noted(WEBHOOK, {"event": event, "data": data}):
            return
        if any(wanted(each.events, event) for each in self.turn.world.webhooks):
            ids = {"run": self.run.id, "flow": self.run.flow, "contact": self.turn.contact.id, "node": self.node.id}
            self.turn.told.append((event, {**ids, "data": data}))

    def notice(self, team: int, text: str) -> None:
        """Tell the members of a team something, in their inbox."""
        turn = self.turn
        facts = {"team": team, "contact": turn.contact.id, "conversation": self.run.conversation, "flow": self.run.flow}
        turn.calls.append(_call(id=turn.new_id(), kind=NOTICE, channel=0, data={**facts, "text": text}))

    def noted(self, kind: str, data: Mapping[str, Any]) -> bool:
        """True where a flow is only tried: what somebody outside would be told is kept as a call that nobody makes."""
        turn = self.turn
        if turn.world.tried:
            turn.calls.append(_call(id=turn.new_id(), kind=kind, channel=0, data=data, node=self.node.id))
        return turn.world.tried

    def ask_agent(self, team: str | None, agent: str | None, strategy: str, queue: bool) -> str:
        """Put the conversation into a team's queue (by the references of the document); the claim of the request."""
        world = self.turn.world
        return request_agent(
            self.turn,
            self.conversation,
            team_of(self.turn, team),
            agent=world.users.get(agent, -1) if agent else 0,
            strategy=strategy,
            queue=queue,
        )

    def close(self) -> bool:
        """Mark the conversation as resolved; False if a person has it or is asked for, or another run talks in it."""
        talk = self.conversation
        ours = talk.owner == "NONE" or (talk.owner == "BOT" and self.run.interactive)  # else the bot's other run talks here
        if talk.id == 0 or not ours:
            return False
        self.turn.put(evolve(talk, status="resolved", unhandled=False, snoozed_until=None))
        return True

    def call(self, kind: str, data: Mapping[str, Any], place: str = "") -> int:
        """Have something done outside, by the handler of this kind; the call's id, for the data of the wait that follows.

        Answer `Park("call", data={"call": id})` then: `resume` gets the `CallAnswered`. `data` must be JSON, and never hold a
        secret; `tries`, `backoff` and `until` in it bound how often the call is made (see `engine.runtime.caller`). Calls to one
        `place` share their room (see `engine.runtime.room`).
        """
        turn = self.turn
        made = _call(
            id=turn.new_id(),
            kind=kind,
            channel=self.conversation.channel,
            data=data,
            key=self.key,
            contact=turn.contact.id,
            run=self.run.id,
            wait=self.step,
            node=self.node.id,
            place=place,
        )
        turn.calls.append(made)
        self.called = (*self.called, made)
        return made.id

    def refuse_reply(self) -> bool:
        """Count an invalid reply; True when the flow wants a person after so many in a row."""
        self.run = evolve(self.run, invalid=self.run.invalid + 1)
        limit = self.turn.world.counts(self.program, self.below, "handoff_after_invalid").settings.handoff_after_invalid
        return limit is not None and self.run.invalid >= limit

    def send(
        self, content: Content, *, fallback: Content | None = None, reports: bool = False, on_unknown: OnUnknown = "resend"
    ) -> int:
        """Say something in the conversation; the id of the message.

        0 where nothing was made: the contact has no address on the flow's channels, or it is the message after
        `MAX_AUTOMATIC` ones without an inbound; `advance` then fails or pauses the run.
        """
        turn, conversation = self.turn, self.conversation
        if conversation.id == 0:
            self.unsaid = "no_channel"
            return 0
        if conversation.automatic >= MAX_AUTOMATIC:
            self.unsaid = "flood"
            return 0
        id = turn.new_id()
        message = _message(
            id=id,
            key=self.key,
            conversation=conversation.id,
            channel=conversation.channel,
            content=content,
            voice="bot" if self.run.interactive else "notice",
            epoch=conversation.epoch,
            at=turn.now,
            run=self.run.id,
            step=self.step,
            node=self.node.id,
            reports=reports,
            fallback=fallback,
            on_unknown=on_unknown,
            bulk=turn.event.bulk,
        )
        turn.messages.append(message)
        self.sent.append(message)
        if self.senders is not None:
            self.senders.append((*[frame.node for frame in self.below], self.node.id))
        turn.touch(conversation, automatic=conversation.automatic + 1)
        return id
