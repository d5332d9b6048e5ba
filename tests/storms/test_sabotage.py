"""A storm must notice when one of the runtime's safeguards is gone: each test takes one away, and some seed must turn red."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from engine.core import advance, decide, subflow
from engine.core.advance import deliver
from engine.core.node import Outcome, Returned
from engine.core.turn import Turn
from engine.core.value import Contact, Conversation
from engine.core.visit import Visit
from engine.runtime.busy import Busy
from engine.runtime.memory import commit, intake, load, outbox
from engine.runtime.memory.state import MessageRow, State
from engine.runtime.memory.store import MemoryStore
from engine.runtime.protocol import Appended, Batch, Claim, Committed, ContactLane, Decided, Offer
from engine.runtime.release import skip_reason
from schemas.effect import Message
from schemas.event import CallAnswered, Event, NewEvent, WaitDue
from tests.storms.__main__ import weather

SEEDS = 200


def noticed(words: str) -> tuple[str, ...]:
    """What the storms broke up to the first one that says these words, which is the last of them."""
    broken: list[str] = []
    for seed in range(SEEDS):
        broken += weather(seed, "memory").broken
        if any(words in each for each in broken):
            break
    return tuple(broken)


def no_epoch_check(patch: pytest.MonkeyPatch) -> None:
    def unchecked(message: Message, conversation: Conversation | None, contact: Contact | None) -> str:
        reason = skip_reason(message, conversation, contact)
        return "" if reason == "taken_over" else reason

    patch.setattr(outbox, "skip_reason", unchecked)


def no_wait_id_check(patch: pytest.MonkeyPatch) -> None:
    def unchecked(turn: Turn, due: WaitDue) -> None:
        run = turn.run(due.run)
        if run is not None and run.status == "waiting" and run.wait is not None:
            deliver(turn, run, WaitDue(run.id, run.wait.id))

    patch.setattr(decide, "_wait_due", unchecked)


def no_unique_key(patch: pytest.MonkeyPatch) -> None:
    append = intake._append

    def keyless(state: State, new: NewEvent, received_at: datetime | None) -> Appended:
        state.keys.pop((new.tenant, new.source, new.external_id), None)
        return append(state, new, received_at)

    patch.setattr(intake, "_append", keyless)


def no_committed_attempt(patch: pytest.MonkeyPatch) -> None:
    """The lease is committed, but not that a request may have left."""
    claim = outbox._claim

    def forgetful(state: State, row: MessageRow, now: datetime, lease_until: datetime) -> Claim:
        claimed = claim(state, row, now, lease_until)
        state.put_message(replace(state.messages[row.message.id], status="queued", resent=row.resent))
        return claimed

    patch.setattr(outbox, "_claim", forgetful)


def no_version_check(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(commit, "_changed_lanes", lambda state, batch, decided: set())


def no_lane(patch: pytest.MonkeyPatch) -> None:
    """Each event of a batch meets the person as it was before the batch."""
    lanes = load._contact_lanes

    def apart(state: State, events: list[Event], busy: Busy) -> tuple[ContactLane, ...]:
        return tuple(ContactLane(lane.person, (event,)) for lane in lanes(state, events, busy) for event in lane.events)

    patch.setattr(load, "_contact_lanes", apart)


def no_lane_across_batches(patch: pytest.MonkeyPatch) -> None:
    """A contact's next event is taken while the batch with the one before is still being written."""
    patch.setattr(Busy, "holds", lambda busy, person, events: False)


def no_derived_texts(patch: pytest.MonkeyPatch) -> None:
    """Which of several texts is said depends on how many were said before, by anybody."""
    said = count()
    patch.setattr(Visit, "say", lambda visit, text: text.render(visit, str(next(said))))


def no_outbox_in_the_transaction(patch: pytest.MonkeyPatch) -> None:
    """Messages are written by a transaction of their own, right after that of the run which says them."""
    write = MemoryStore.commit

    async def commit_first(
        store: MemoryStore, batch: Batch, decided: Sequence[Decided], now: datetime, _: Offer | None = None
    ) -> Committed:
        await write_left(store)
        left = {row.message.id for row in store.state.messages.values()}
        committed = await write(store, batch, decided, now)
        made = [row for id, row in store.state.messages.items() if id not in left]
        for row in made:
            store.state.put_message(replace(row, status="skipped"))
            del store.state.messages[row.message.id]
        store.__dict__["left"] = made
        return committed

    async def write_left(store: MemoryStore) -> None:
        for row in store.__dict__.pop("left", ()):
            store.state.put_message(row)

    claim = MemoryStore.claim

    async def claim_then(store: MemoryStore, *given: Any) -> list[Claim]:
        await write_left(store)
        return await claim(store, *given)

    patch.setattr(MemoryStore, "commit", commit_first)
    patch.setattr(MemoryStore, "claim", claim_then)


def no_return_to_the_flow_below(patch: pytest.MonkeyPatch) -> None:
    """What ended resumes the first flow, and none between."""
    give_back = subflow.give_back

    def to_the_first(visit: Visit, returned: Returned) -> Outcome:
        subflow.unwind(visit, 1)
        return give_back(visit, returned)

    patch.setattr(advance, "give_back", to_the_first)


def no_check_of_the_call(patch: pytest.MonkeyPatch) -> None:
    """An answer goes to whatever call the run waits for now."""
    answered = decide._call_answered

    def unchecked(turn: Turn, answer: CallAnswered) -> None:
        run = turn.run(answer.run)
        call = run.wait.data.get("call") if run is not None and run.wait is not None else None
        answered(turn, replace(answer, call=call or answer.call))

    patch.setattr(decide, "_call_answered", unchecked)


SABOTAGES: tuple[tuple[Callable[[pytest.MonkeyPatch], None], str], ...] = (
    (no_epoch_check, "after its epoch ended"),
    (no_wait_id_check, "an old timer woke"),
    (no_unique_key, "stands 2 times"),
    (no_committed_attempt, "the contact got message"),
    (no_version_check, "what another writer wrote"),
    (no_lane, "were loaded as"),
    (no_lane_across_batches, "were loaded as"),
    (no_derived_texts, "made again, differs"),
    (no_outbox_in_the_transaction, "was decided, but is not in the store"),
    (no_return_to_the_flow_below, "a flow that ended led to"),
    (no_check_of_the_call, "which does not wait for it"),
)


@pytest.mark.parametrize(("sabotage", "words"), SABOTAGES, ids=[sabotage.__name__ for sabotage, _ in SABOTAGES])
def test_a_storm_notices(sabotage: Callable[[pytest.MonkeyPatch], None], words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sabotage(monkeypatch)
    broken = noticed(words)
    assert any(words in each for each in broken), broken
