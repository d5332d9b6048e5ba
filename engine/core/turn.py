"""The one mutable thing of the pure half: what a decision has gathered so far. Lives only while `decide` runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.core.change import apply_change
from engine.core.decision import Call, Decision, How, Met, Step
from engine.core.evolve import evolve
from engine.core.telling import Told, tell
from engine.core.value import LIVE, Before, Contact, Conversation, Person, Run, derived_id
from engine.core.world import World
from schemas.contact import ContactChange, Identity
from schemas.effect import Inbound, Message
from schemas.event import Body, ContactChanged, Event, NewEvent
from schemas.problem import Problem
from schemas.value import maker

if TYPE_CHECKING:
    from engine.core.program import Program

_person, _decision, _event, _met = maker(Person), maker(Decision), maker(NewEvent), maker(Met)


class Turn:
    """Gathers a decision: later parts of it see what earlier ones changed."""

    __slots__ = (
        "_before",
        "_conversations",
        "_runs",
        "_talks",
        "answer",
        "born",
        "calls",
        "changes",
        "contact",
        "conversations",
        "error",
        "event",
        "follow",
        "inbound",
        "messages",
        "next_index",
        "now",
        "requests",
        "runs",
        "starts_changed",
        "steps",
        "told",
        "trace",
        "world",
    )

    def __init__(self, world: World, person: Person, event: Event, now: datetime) -> None:
        self.world = world
        self.event = event
        self.now = now
        self._before = person.contact
        self._talks = person.conversations
        self.contact: Contact = person.contact
        self._conversations: dict[int, Conversation] = {}
        for talk in person.conversations:
            self._conversations[talk.id] = talk
        self._runs: dict[int, Run] = {}
        for run in person.runs:
            self._runs[run.id] = run
        self.conversations: dict[int, Conversation] = {}
        self.runs: dict[int, Run] = {}
        self.next_index = 1  # index 0 is a new contact's
        self.requests = 0
        self.inbound: Inbound | None = None
        self.messages: list[Message] = []
        self.calls: list[Call] = []
        self.born: list[NewEvent] = []
        self.told: list[Told] = []
        """What flows tell the tenant's webhooks, by name."""
        self.changes: list[ContactChange] = []
        self.steps: list[Step] = []
        self.trace: list[str] = []
        self.answer: Mapping[str, Any] | Problem | None = None
        self.error = ""
        self.follow: tuple[Program, int, Mapping[str, Any], Before] | None = None
        """The flow in which somebody goes on when a run ended, in which conversation, what it is given, and what was before."""
        self.starts_changed = False

    # --- reading ---------------------------------------------------------------------------------------------------------
    def conversation(self, id: int) -> Conversation | None:
        """The conversation as it stands now."""
        return self._conversations.get(id)

    def conversation_before(self, id: int) -> Conversation | None:
        """The conversation as the event met it."""
        return next((each for each in self._talks if each.id == id), None)

    def on_channel(self, channel: int) -> Conversation | None:
        """The conversation on a channel."""
        for each in self._conversations.values():
            if each.channel == channel:
                return each
        return None

    def all_conversations(self) -> tuple[Conversation, ...]:
        """Every conversation as it stands now."""
        return tuple(self._conversations.values())

    def run(self, id: int) -> Run | None:
        """The live run as it stands now."""
        run = self._runs.get(id)
        return run if run is not None and run.live else None

    def live_runs(self) -> tuple[Run, ...]:
        """Every live run as it stands now, oldest first."""
        return tuple([run for run in self._runs.values() if run.status in LIVE])

    def count_live(self) -> int:
        """How many runs are live now."""
        return sum([run.status in LIVE for run in self._runs.values()])

    def paused_runs(self, conversation: int) -> list[Run]:
        """The runs of a conversation that paused because nobody answered them, beside its interactive one."""
        return [
            run
            for run in self._runs.values()
            if run.reason == "flood" and run.status in LIVE and run.conversation == conversation and not run.interactive
        ]

    def interactive_run(self, conversation: int) -> Run | None:
        """The conversation's one interactive run."""
        for run in self._runs.values():
            if run.interactive and run.conversation == conversation and run.status in LIVE:
                return run
        return None

    # --- writing ---------------------------------------------------------------------------------------------------------
    def new_id(self) -> int:
        """The next id that derives from this event."""
        index = self.next_index
        self.next_index = index + 1
        return derived_id(self.event.id, index)

    def put(self, conversation: Conversation) -> Conversation:
        """Keep a changed conversation."""
        self._conversations[conversation.id] = self.conversations[conversation.id] = conversation
        return conversation

    def take_back(self, conversation: Conversation | None) -> None:
        """Forget a conversation that was made in this turn, if nothing came of it."""
        if conversation is None or conversation != Conversation(conversation.id, conversation.channel):
            return
        if self.conversations.pop(conversation.id, None) is not None:
            self._conversations.pop(conversation.id)

    def touch(self, conversation: Conversation, *, automatic: int) -> None:
        """Note activity in a conversation: something is said in it now."""
        self.put(evolve(conversation, automatic=automatic, last_activity_at=self.now))

    def put_run(self, run: Run) -> Run:
        """Keep a changed run."""
        self._runs[run.id] = self.runs[run.id] = run
        return run

    def meet(self, run: Run) -> Met:
        """What a step of a run meets that begins now."""
        frames = run.frames
        versions = (frames[0].version,) if len(frames) == 1 else tuple([frame.version for frame in frames])
        return _met(self._conversations.get(run.conversation), self.next_index, self.requests, None, versions)

    def note_step(self, run: Run, how: How, reason: str) -> None:
        """Keep in the history what happened to a run without moving it through nodes."""
        self.steps.append(Step(run, run.step, (), {}, (), how, self.now, self.meet(run), reason))

    def change(self, change: ContactChange) -> bool:
        """Apply an operation to the contact; False if it changes nothing."""
        changed = apply_change(self.contact, change)
        if changed is None:
            return False
        self.contact = changed
        self.changes.append(change)
        return True

    def emit(
        self, body: Body, *, contact: int = 0, team: int = 0, identities: tuple[Identity, ...] = (), deeper: bool = True
    ) -> None:
        """An event born of this one. Its external id is unique: the event and a number."""
        self.born.append(
            _event(
                tenant=self.event.tenant,
                source="engine",
                external_id=f"{self.event.id}:{len(self.born)}",
                at=self.now,
                body=body,
                contact=contact,
                team=team,
                identities=identities,
                cause=self.event.id,
                depth=self.event.depth + deeper,
            )
        )

    def note(self, words: str) -> None:
        """Say why, in plain words."""
        self.trace.append(words)

    def _refused(self) -> bool:
        """A command was refused and nothing else happened: nobody is made by that."""
        made = self.changes or self.conversations or self.runs or self.messages or self.born
        return isinstance(self.answer, Problem) and self.inbound is None and not made

    # --- the result ------------------------------------------------------------------------------------------------------
    def decision(self) -> Decision:
        """Everything gathered, as one value."""
        created = self.contact.version == 0 and not self._refused()
        if self.changes or created:
            self.emit(ContactChanged(tuple(self.changes), created=created), contact=self.contact.id)
        if self.changes or created or self.starts_changed:
            self.contact = evolve(
                self.contact, version=self.contact.version + 1, created_at=self.contact.created_at or self.now
            )
        if self.world.webhooks:
            tell(self)
        return _decision(
            person=_person(
                self.contact,
                tuple(self._conversations.values()),
                tuple([run for run in self._runs.values() if run.status in LIVE]),
            ),
            contact_before=self._before,
            changes=tuple(self.changes),
            conversations=tuple(self.conversations.values()),
            runs=tuple(self.runs.values()),
            inbound=self.inbound,
            messages=tuple(self.messages),
            calls=tuple(self.calls),
            born=tuple(self.born),
            steps=tuple(self.steps),
            trace=tuple(self.trace),
            answer=self.answer,
            error=self.error,
        )
