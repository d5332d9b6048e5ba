"""A team's desk under any sequence of requests, agents coming and going, and changes of the team."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import orjson
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.core.decision import TeamDecision
from engine.core.desk import Desk, Seat, decide_team, dump_desk, load_desk
from engine.core.world import TeamInfo, World
from schemas.event import (
    Assigned,
    AssignRequested,
    AssignWithdrawn,
    Body,
    Event,
    NewEvent,
    NoAgent,
    PresenceChanged,
    SlotTaken,
    TeamChanged,
)
from tests.core.scene import START

AGENTS = st.integers(1, 4)
CONVERSATIONS = st.integers(1, 12)
MEMBERS = st.sets(AGENTS).map(lambda members: tuple(sorted(members)))
STRATEGIES = st.sampled_from(["round_robin", "least_open"])


class Office(RuleBasedStateMachine):
    """The desk, and a plain account of what it must have done."""

    @initialize(members=MEMBERS, capacity=st.integers(1, 3), strategy=STRATEGIES)
    def open(self, members: tuple[int, ...], capacity: int, strategy: str) -> None:
        """A team with nobody there yet."""
        self.team = TeamInfo(8, "team", "Team", members, capacity, strategy=strategy)  # type: ignore[arg-type]
        self.desk = Desk(8)
        self.number = 0
        self.by_hand: set[tuple[int, int]] = set()
        self.claims: dict[int, str] = {}
        self.keys: set[tuple[str, str]] = set()

    def give(self, body: Body) -> TeamDecision:
        """Decides an event: twice, and from what would be stored."""
        self.number += 1
        now = START + timedelta(seconds=self.number // 4)  # events of one batch share an instant
        event = Event(self.number, 1, "test", str(self.number), now, body, team=8)
        world = World(1, 1, teams={"team": self.team})
        decision = decide_team(world, self.desk, event, now=now)
        stored = load_desk(8, self.desk.version, orjson.loads(orjson.dumps(dump_desk(self.desk))), list(self.desk.queue))
        assert decide_team(world, stored, event, now=now) == decision
        for each in decision.born:
            self._answered(each, decision.desk)
        self.desk = decision.desk
        return decision

    def _answered(self, born: NewEvent, desk: Desk) -> None:
        assert (born.source, born.external_id) not in self.keys
        self.keys.add((born.source, born.external_id))
        assert isinstance(born.body, Assigned | NoAgent)
        assert self.claims.pop(born.body.conversation) == born.body.claim, "one answer to the newest request"
        if isinstance(born.body, Assigned):
            seat = desk.seats[born.body.agent]
            assert born.body.agent in self.team.members
            assert seat.presence == "online"
            assert len(seat.conversations) <= self.team.capacity
            assert born.body.conversation in seat.conversations

    # --- what may happen ---
    @rule(conversation=CONVERSATIONS, agent=st.just(0) | st.integers(0, 5), queue=st.booleans(), priority=st.integers(0, 1))
    def request(self, conversation: int, agent: int, queue: bool, priority: int) -> None:
        claim = f"{conversation}:{self.number}"
        self._left(conversation)
        self.claims[conversation] = claim
        self.give(AssignRequested(7, conversation, claim, agent, "", queue, priority))

    @rule(conversation=CONVERSATIONS)
    def withdraw(self, conversation: int) -> None:
        self._left(conversation)
        self.give(AssignWithdrawn(conversation))

    @rule(conversation=CONVERSATIONS, agent=AGENTS)
    def take(self, conversation: int, agent: int) -> None:
        self._left(conversation)
        self.by_hand.add((agent, conversation))
        self.give(SlotTaken(conversation, 7, agent))

    @rule(agent=AGENTS, presence=st.sampled_from(["online", "online", "busy", "offline"]))
    def presence(self, agent: int, presence: str) -> None:
        self.give(PresenceChanged(agent, presence))

    @rule(members=MEMBERS, capacity=st.integers(1, 3), strategy=STRATEGIES)
    def change(self, members: tuple[int, ...], capacity: int, strategy: str) -> None:
        self.team = replace(self.team, members=members, capacity=capacity, strategy=strategy)  # type: ignore[arg-type]
        for agent, seat in self.desk.seats.items():  # what they have already stays theirs
            self.by_hand |= {(agent, each) for each in seat.conversations}
        self.give(TeamChanged())

    @precondition(lambda self: self.desk.seats)
    @rule()
    def nothing(self) -> None:
        before = self.desk
        assert self.give(TeamChanged()).born == ()
        assert self.desk == before

    def _left(self, conversation: int) -> None:
        self.claims.pop(conversation, None)
        self.by_hand = {pair for pair in self.by_hand if pair[1] != conversation}

    # --- what must hold ---
    @invariant()
    def nobody_waits_while_somebody_is_free(self) -> None:
        for queued in self.desk.queue:
            wanted = (queued.agent,) if queued.agent else self.team.members
            for agent in set(wanted) & set(self.team.members):
                seat = self.desk.seats.get(agent, Seat())
                assert seat.presence != "online" or len(seat.conversations) >= self.team.capacity

    @invariant()
    def load_stays_within_capacity_except_by_hand(self) -> None:
        for agent, seat in self.desk.seats.items():
            given = [each for each in seat.conversations if (agent, each) not in self.by_hand]
            assert len(given) <= self.team.capacity

    @invariant()
    def a_conversation_is_in_one_place(self) -> None:
        seated = [each for seat in self.desk.seats.values() for each in seat.conversations]
        places = seated + [each.conversation for each in self.desk.queue]
        assert len(places) == len(set(places))

    @invariant()
    def the_queue_holds_just_what_was_not_answered(self) -> None:
        assert {each.conversation: each.claim for each in self.desk.queue} == self.claims


TestOffice = Office.TestCase
TestOffice.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


class Turns(RuleBasedStateMachine):
    """Round robin while the same agents are there and nobody is full: between any two, counts differ by one at most."""

    @initialize(count=st.integers(1, 4))
    def open(self, count: int) -> None:
        members = tuple(range(1, count + 1))
        self.world = World(1, 1, teams={"team": TeamInfo(8, "team", "Team", members, 1_000)})
        self.desk = Desk(8, seats={member: Seat("online") for member in members})
        self.counts = dict.fromkeys(members, 0)
        self.number = 0

    def give(self, body: Body) -> TeamDecision:
        self.number += 1
        decision = decide_team(
            self.world, self.desk, Event(self.number, 1, "t", str(self.number), START, body, team=8), now=START
        )
        self.desk = decision.desk
        return decision

    @rule()
    def request(self) -> None:
        [answer] = self.give(AssignRequested(7, self.number, str(self.number))).born
        assert isinstance(answer.body, Assigned)
        self.counts[answer.body.agent] += 1

    @rule(conversation=st.integers(0, 40))
    def leave(self, conversation: int) -> None:
        self.give(AssignWithdrawn(conversation))

    @invariant()
    def turns_are_fair(self) -> None:
        assert max(self.counts.values()) - min(self.counts.values()) <= 1


TestTurns = Turns.TestCase
TestTurns.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
