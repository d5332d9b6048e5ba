"""A team's queue is the list that it seems to be, whatever is shared between its copies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core import queue as module
from engine.core.queue import Queue, Queued


def one(conversation: int, claim: str = "") -> Queued:
    return Queued(conversation, 1, claim, "", 0)


CHANGES = st.lists(st.tuples(st.booleans(), st.integers(0, 9)), max_size=40)


@given(st.lists(st.integers(0, 9), unique=True), CHANGES, CHANGES)
def test_a_queue_is_a_list_without_repetitions(
    first: list[int], earlier: list[tuple[bool, int]], later: list[tuple[bool, int]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "QUEUE_CHANGES", 5)
        queue = Queue(one(each) for each in first)
        model = list(queue)
        for number, (comes, conversation) in enumerate(earlier):
            queue, model = _change(queue, model, comes, one(conversation, f"a{number}"))
        before, kept = queue, list(model)
        for number, (comes, conversation) in enumerate(later):
            queue, model = _change(queue, model, comes, one(conversation, f"b{number}"))
        assert list(before) == kept
        gone, came = queue.changes(before)
        assert [each for each in kept if each.conversation not in gone] + came == model
        assert len(set(gone)) == len(gone)


def _change(queue: Queue, model: list[Queued], comes: bool, queued: Queued) -> tuple[Queue, list[Queued]]:
    model = [each for each in model if each.conversation != queued.conversation] + [queued] * comes
    queue = queue.put(queued) if comes else queue.without(queued.conversation)
    assert list(queue) == model
    assert len(queue) == len(model)
    assert [queue.get(each) for each in range(10)] == [
        next((found for found in model if found.conversation == each), None) for each in range(10)
    ]
    return queue, model
