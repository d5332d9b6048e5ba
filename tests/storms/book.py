"""Notes what was committed as it is committed, and what must not have been."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from engine.core.decide import decide
from engine.core.decision import Decision, Step, TeamDecision
from engine.core.value import Conversation, Frame, Person, Run, Wait
from engine.core.world import World
from engine.runtime.protocol import Batch, Claim, Committed, Decided, Failed, Settlement
from schemas.event import Assigned, CallAnswered, Event, MessageReceived, MessageSettled, NoAgent, WaitDue
from tests.storms.frame import over_at, wrong
from tests.storms.place import Floor

CAPACITY = 2
"""Conversations that a team's lane gives to one agent."""
REPLAYED = 4
"""One decision in so many is made again from what was loaded."""


class Book:
    """What a judge can only see while it happens. `broken` are plain sentences; empty: all is well."""

    def __init__(self, world: World, floor: Callable[[int], Awaitable[Floor | None]]) -> None:
        self.world = world
        self._floor = floor
        self._persons: dict[int, Person] = {}
        """As they were committed last."""
        self._taken: dict[int, tuple[datetime, World]] = {}
        """Batch (its `id`) -> when it was taken, and the world as it was then."""
        self._began: tuple[datetime, World | None] = datetime.min, None
        """The same of the batch that is committed."""
        self._steps: dict[int, int] = {}
        """Run -> the number of its last step."""
        self._frames: dict[int, tuple[Frame, ...]] = {}
        """Run -> the frames on which it stands."""
        self.broken: list[str] = []
        self.acknowledged: set[tuple[str, str]] = set()
        self.done: set[int] = set()
        self.received: Counter[tuple[int, str]] = Counter()
        self.made: dict[int, str] = {}
        """Messages of committed decisions, with their keys."""
        self._keys: set[str] = set()
        self.born: set[tuple[str, str]] = set()
        self.conversations: dict[int, tuple[int, int]] = {}
        """Conversation -> (contact, channel)."""
        self.old: list[tuple[int, WaitDue | CallAnswered]] = []
        """(contact, event): timers that rang and answers that came."""
        self.answers: dict[int, object] = {}
        """Event -> the answer that was committed with it."""
        self.told: list[tuple[int, object]] = []
        """Answers that somebody got who waited."""
        self.claims: Counter[int] = Counter()
        self.final: set[int] = set()
        """Messages that a settlement closed for good."""
        self.counts: Counter[str] = Counter()

    def speaks(self, agent: int) -> bool:
        """True while the agent has a conversation."""
        threads = (each for person in self._persons.values() for each in person.conversations)
        return any(each.owner == "AGENT" and each.agent == agent for each in threads)

    def waiting_for_calls(self) -> list[tuple[int, Run, Wait]]:
        """(contact, run, wait) of those that a call's answer moves."""
        runs = [(contact, run) for contact, person in self._persons.items() for run in person.runs]
        return [(contact, run, run.wait) for contact, run in runs if run.wait is not None and run.wait.kind == "call"]

    def answered(self, event: int, answer: object) -> None:
        """Somebody who waited for an event's answer got this; None: none within the time."""
        self.counts["answers waited for"] += 1
        if answer is not None:
            self.told.append((event, answer))

    # --- commits ---
    def took(self, batch: Batch | None, now: datetime) -> None:
        """A batch was taken, to be decided as of now."""
        if batch is not None:
            self._taken[id(batch)] = now, self.world

    def committed(self, batch: Batch, decided: Sequence[Decided], committed: Committed, now: datetime) -> None:
        """A batch was committed."""
        self._began = self._taken.get(id(batch), (now, None))
        persons = {event.id: lane.person for lane in batch.contacts for event in lane.events[:1]}
        for lane in batch.contacts:
            if not any(event.id in committed.again for event in lane.events):
                self._loaded(lane.person)
        person: Person | None = None
        self.counts["again"] += len(committed.again)
        for each in decided:
            event, decision = each.event, each.decision
            person = persons.get(event.id, person)
            if event.id in committed.again:
                continue
            if isinstance(decision, Failed):
                self.broken.append(f"event {event.id} failed: {decision.error[-400:]}")
                continue
            if event.id in self.done:
                self.broken.append(f"event {event.id} was decided twice")
            self.done.add(event.id)
            if isinstance(decision, Decision | TeamDecision) and decision.answer is not None:
                self.answers[event.id] = decision.answer
            if isinstance(decision, Decision):
                assert person is not None
                self._decided(event, person, decision)
                person = decision.person
            elif isinstance(decision, TeamDecision):
                self._team(event, decision)

    def _decided(self, event: Event, before: Person, decision: Decision) -> None:
        body, contact = event.body, decision.person.contact.id
        self._persons[contact] = decision.person
        now, world = self._began
        if event.id % REPLAYED == 0 and before.contact.version and world is self.world:
            self.counts["replayed"] += 1
            if decide(self.world, before, event, now=now) != decision:
                self.broken.append(f"event {event.id} comes to something else when it is replayed")
        for conversation in decision.conversations:
            self.conversations[conversation.id] = (contact, conversation.channel)
        for step in decision.steps:
            if step.number <= self._steps.get(step.run.id, 0):
                self.broken.append(f"step {step.number} of run {step.run.id} was made after step {self._steps[step.run.id]}")
            self._steps[step.run.id] = step.number
            self._framed(step)
        self._frames.update({run.id: run.frames for run in decision.runs})
        for message in decision.messages:
            if message.id in self.made or message.key in self._keys:
                self.broken.append(f"message {message.key} was made twice")
            self.made[message.id] = message.key
            self._keys.add(message.key)
        for born in decision.born:
            if (born.source, born.external_id) in self.born:
                self.broken.append(f"event {born.source} {born.external_id} was born twice")
            self.born.add((born.source, born.external_id))
        touched = {run.id for run in decision.runs}
        match body:
            case MessageReceived(channel=channel, external_id=external_id):
                self.received[channel, external_id] += 1
            case WaitDue(run=id, wait=wait):
                self.old.append((contact, body))
                run = before.run(id)
                stands = run is not None and run.status == "waiting" and run.wait is not None and run.wait.id == wait
                if stands and run is not None and run.wait is not None:
                    stands = run.wait.due is None or run.wait.due <= now
                expired = run is not None and now >= over_at(run)
                self.counts["times of subflows over"] += expired and run is not None and now < run.expires_at
                self.counts["timers of waits that stand" if stands else "old timers"] += 1
                if id in touched and not stands and not expired:
                    self.broken.append(f"an old timer woke run {id}: wait {wait}, not {run}")
            case MessageSettled(run=id, message=sent):
                run = before.run(id)
                if id in touched and (run is None or run.wait is None or sent not in run.wait.messages):
                    self.broken.append(f"message {sent} moved run {id}, which does not stand on it")
            case CallAnswered(run=id, call=call):
                self.old.append((contact, body))
                run = before.run(id)
                if id in touched and (run is None or run.wait is None or run.wait.data.get("call") != call):
                    self.broken.append(f"the answer to call {call} moved run {id}, which does not wait for it")
            case Assigned(conversation=id, claim=claim) | NoAgent(conversation=id, claim=claim):
                known = before.conversation(id)
                stale = known is None or known.claim != claim or known.owner != "QUEUE"
                self.counts["old answers of teams"] += stale
                if stale and any(_moved(known, each) for each in decision.conversations):
                    self.broken.append(f"an old answer of a team moved conversation {id}")
            case _:
                pass

    def _framed(self, step: Step) -> None:
        """A step went from frame to frame as a run may; what it did is counted."""
        run = step.run
        before = self._frames.get(run.id, ())
        why = wrong(before, step, self.world)
        if why:
            self.broken.append(f"step {step.number} of run {run.id}: {why}")
        self._frames[run.id] = run.frames
        self.counts["subflows entered"] += max(len(run.frames) - len(before), 0) if before else len(run.frames) - 1
        self.counts["subflows left"] += max(len(before) - len(run.frames), 0)
        self.counts["went on in another flow"] += run.reason == "went_on"

    def _loaded(self, person: Person) -> None:
        """What was loaded is what was committed last: so the history, replayed from its beginning, gives what there is."""
        last = self._persons.get(person.contact.id)
        if last is None:
            return
        if {each.id: each for each in last.conversations} != {each.id: each for each in person.conversations}:
            self.broken.append(f"conversations were loaded as {person.conversations}, but committed as {last.conversations}")
        if {run.id: run for run in last.runs if run.live} != {run.id: run for run in person.runs}:
            self.broken.append(f"runs were loaded as {person.runs}, but committed as {last.runs}")
        for name in ("name", "language", "timezone", "opted_out", "tags", "starts"):
            if getattr(last.contact, name) != getattr(person.contact, name):
                self.broken.append(f"{name} of contact {person.contact.id} was loaded as something else than was committed")

    def _team(self, event: Event, decision: TeamDecision) -> None:
        for born in decision.born:
            if (born.source, born.external_id) in self.born:
                self.broken.append(f"event {born.source} {born.external_id} was born twice")
            self.born.add((born.source, born.external_id))
            if isinstance(born.body, Assigned):
                self.counts["assigned"] += 1
                seat = decision.desk.seats[born.body.agent]
                if seat.presence != "online" or len(seat.conversations) > CAPACITY:
                    self.broken.append(f"event {event.id} gave conversation {born.body.conversation} to a full or absent agent")

    # --- sends ---
    async def claimed(self, claims: Sequence[Claim]) -> None:
        """Attempts were committed: each must still be allowed to be said."""
        for claim in claims:
            message = claim.message
            self.claims[message.id] += 1
            floor = await self._floor(message.conversation)
            if floor is None:
                self.broken.append(f"message {message.key} was claimed in no conversation")
            elif message.voice == "bot" and message.epoch != floor.epoch:
                self.broken.append(f"the bot's message {message.key} was claimed after its epoch ended")
            elif message.voice == "notice" and floor.owner in ("QUEUE", "AGENT"):
                self.broken.append(f"the notice {message.key} was claimed while {floor.owner} owns")
            elif message.consent and floor.opted_out:
                self.broken.append(f"message {message.key} was claimed after the contact opted out")

    def settled(self, settlements: Sequence[Settlement]) -> None:
        """Outcomes were committed."""
        for each in settlements:
            self.counts[f"settled {each.outcome}"] += 1
            if each.outcome != "retry" and each.retry_at is None:
                self.final.add(each.message)

    def requested(self, message: int, keyed: bool) -> None:
        """The provider saw a request. One with a key may leave late: while its process slept, the lease of a request that was
        under way ran out, and the second claim is made under the same key.
        """
        if not self.claims[message]:
            self.broken.append(f"message {message} left without a claim")
        if message in self.final and not keyed:
            self.broken.append(f"message {message} left after it had settled")


def _moved(before: Conversation | None, after: Conversation) -> bool:
    return before is not None and before.id == after.id and (before.owner, before.agent) != (after.owner, after.agent)
