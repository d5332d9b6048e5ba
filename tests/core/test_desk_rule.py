"""A team's desk by example: what it answers, whose turn it is, and what is written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from engine.core.decision import TeamDecision
from engine.core.desk import Desk, Seat, decide_team, dump_desk, load_desk
from engine.core.queue import Queue, Queued
from engine.core.world import TeamInfo, World
from schemas.event import (
    Assigned,
    AssignRequested,
    AssignWithdrawn,
    Body,
    Event,
    NoAgent,
    PresenceChanged,
    SlotTaken,
    StopRun,
    TeamChanged,
)
from schemas.hours import Hours
from tests.core.scene import START

TEAM = TeamInfo(8, "team", "Team", (1, 2, 3), capacity=2)
CLOSED = Hours.model_validate({"weekly": [{"days": ["sun"], "from": "09:00", "to": "10:00"}]})


class Office:
    """A desk and what happens at it, all at one instant if nobody moves the clock."""

    def __init__(self, team: TeamInfo | None = TEAM) -> None:
        self.world = World(1, 1, teams={"team": team} if team else {})
        self.desk = Desk(8)
        self.number = 0
        self.now = START

    def give(self, body: Body) -> TeamDecision:
        """One more event."""
        self.number += 1
        event = Event(self.number, 1, "test", str(self.number), self.now, body, team=8)
        decision = decide_team(self.world, self.desk, event, now=self.now)
        self.desk = decision.desk
        return decision

    def ask(self, conversation: int, **more: object) -> TeamDecision:
        """A conversation needs somebody."""
        return self.give(AssignRequested(7, conversation, f"c{conversation}", **more))  # type: ignore[arg-type]

    def come(self, *agents: int) -> None:
        """These agents are online."""
        for agent in agents:
            self.give(PresenceChanged(agent, "online"))


def given(decision: TeamDecision) -> list[tuple[int, int]]:
    """Which conversation went to whom."""
    return [(each.body.conversation, each.body.agent) for each in decision.born if isinstance(each.body, Assigned)]


def refused(decision: TeamDecision) -> list[str]:
    """Why nobody can come."""
    return [each.body.reason for each in decision.born if isinstance(each.body, NoAgent)]


def test_round_robin_gives_in_turn_even_within_a_batch() -> None:
    office = Office(replace(TEAM, capacity=9))
    office.come(1, 2, 3)
    assert [given(office.ask(each))[0][1] for each in range(10, 17)] == [1, 2, 3, 1, 2, 3, 1]


def test_least_open_gives_to_whoever_has_the_fewest() -> None:
    office = Office(replace(TEAM, capacity=9, strategy="least_open"))
    office.come(1, 2)
    for each in (10, 11, 12):
        office.ask(each)
    office.give(AssignWithdrawn(11))
    assert [given(office.ask(each))[0][1] for each in (13, 14)] == [2, 2]


def test_a_request_may_name_its_own_strategy() -> None:
    office = Office(replace(TEAM, capacity=9))
    office.come(1, 2)
    office.give(SlotTaken(9, 7, 1))
    assert given(office.ask(10, strategy="least_open")) == [(10, 2)]


def test_who_is_full_gets_nothing_until_somebody_leaves() -> None:
    office = Office()
    office.come(1)
    assert [given(office.ask(each)) for each in (10, 11, 12)] == [[(10, 1)], [(11, 1)], []]
    assert given(office.give(AssignWithdrawn(10))) == [(12, 1)]


def test_the_queue_goes_by_priority_and_then_by_waiting() -> None:
    office = Office()
    for each, priority in ((10, 0), (11, 5), (12, 0)):
        office.ask(each, priority=priority)
    assert given(office.give(PresenceChanged(1, "online"))) == [(11, 1), (10, 1)]


@pytest.mark.parametrize("presence", ["busy", "offline"])
def test_only_who_is_online_is_given_a_conversation(presence: str) -> None:
    office = Office()
    office.give(PresenceChanged(1, presence))
    assert given(office.ask(10)) == []
    assert [each.conversation for each in office.desk.queue] == [10]


def test_within_an_instant_the_queue_goes_by_arrival() -> None:
    office = Office()
    office.ask(11)
    office.ask(10)
    assert given(office.give(PresenceChanged(1, "online"))) == [(11, 1), (10, 1)]


def test_with_nobody_there_an_impatient_request_is_refused() -> None:
    office = Office()
    assert refused(office.ask(10, queue=False)) == ["nobody_online"]
    office.give(PresenceChanged(2, "busy"))
    assert refused(office.ask(10, queue=False)) == []


def test_a_request_for_one_agent_waits_for_that_one() -> None:
    office = Office()
    office.come(1)
    assert given(office.ask(10, agent=2)) == []
    assert given(office.give(PresenceChanged(2, "online"))) == [(10, 2)]


@pytest.mark.parametrize("agent", [-1, 99])
def test_an_agent_who_is_not_in_the_team_would_be_waited_for_for_ever(agent: int) -> None:
    assert refused(Office().ask(10, agent=agent)) == ["unknown_agent"]


def test_a_closed_team_and_an_unknown_one_refuse() -> None:
    closed = Office(replace(TEAM, hours=CLOSED))
    closed.come(1)
    assert refused(closed.ask(10)) == ["closed"]
    assert refused(Office(None).ask(10)) == ["unknown_team"]


def test_when_a_team_opens_its_queue_is_looked_at() -> None:
    office = Office()
    office.ask(10)
    office.world = replace(office.world, teams={"team": replace(TEAM, hours=CLOSED)})
    assert given(office.give(PresenceChanged(1, "online"))) == []
    office.world = replace(office.world, teams={"team": TEAM})
    assert given(office.give(TeamChanged())) == [(10, 1)]


def test_a_repeated_request_keeps_its_place() -> None:
    office = Office()
    for each in (10, 11, 10):
        office.ask(each)
        office.now += timedelta(seconds=1)
    assert given(office.give(PresenceChanged(1, "online"))) == [(10, 1), (11, 1)]


def test_an_agent_may_take_more_than_the_capacity_by_hand() -> None:
    office = Office()
    office.come(1)
    for each in (10, 11, 12):
        office.give(SlotTaken(each, 7, 1))
    assert office.desk.seats[1].conversations == (10, 11, 12)


def test_taking_by_hand_leaves_the_queue_and_the_other_agent() -> None:
    office = Office()
    office.come(1)
    office.ask(10)
    office.give(SlotTaken(10, 7, 2))
    assert (office.desk.seats[1].conversations, office.desk.seats[2].conversations) == ((), (10,))


def test_a_refused_transfer_frees_the_slot_for_the_next() -> None:
    office = Office(replace(TEAM, capacity=1))
    office.come(1)
    office.ask(10)
    office.ask(11)
    decision = office.ask(10, agent=99)
    assert (refused(decision), given(decision)) == (["unknown_agent"], [(11, 1)])


def test_answers_go_to_the_contact_with_the_depth_of_the_request() -> None:
    office = Office()
    office.come(1)
    event = Event(50, 1, "engine", "x", START, AssignRequested(7, 10, "claim"), team=8, depth=3)
    [answer] = decide_team(office.world, office.desk, event, now=START).born
    assert (answer.contact, answer.team, answer.depth, answer.cause) == (7, 0, 3, 50)
    assert (answer.source, answer.external_id) == ("team:8", "claim:50")
    assert answer.body == Assigned(10, "claim", 8, 1)


def test_a_contacts_event_is_none_of_a_team() -> None:
    decision = Office().give(StopRun(0))
    assert (decision.error, decision.born) == ("stop_run is no event of a team", ())


def test_a_desk_is_read_as_it_was_written() -> None:
    desk = Desk(8, 3, {1: Seat("online", (10, 11), 4)}, Queue([Queued(12, 7, "c", START.isoformat(), 2, 1, "least_open", 5)]))
    assert load_desk(8, 3, orjson.loads(orjson.dumps(dump_desk(desk))), list(desk.queue)) == desk
    assert load_desk(8, 0, {}) == Desk(8)
