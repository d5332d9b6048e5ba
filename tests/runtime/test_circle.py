"""Flows that make one another start through calls: they end, and nobody else waits for them."""

from typing import Any

import pytest

from engine.core.decide import decide
from engine.core.limit import MAX_DEPTH, MAX_STEPS
from engine.runtime.protocol import CallAnswer, CallClaim
from engine.runtime.runtime import Runtime
from engine.runtime.stepped import Stepped
from schemas.contact import Identity
from schemas.content import Text
from schemas.event import MessageReceived, NewEvent
from tests.core.scene import SITE, Document, flow, on, onward, said, word, world_of
from tests.runtime.bench import NOW, Bench

CALL: Document = {"type": "call_api", "config": {"url": "https://api.example.com/x"}}
ANSWERED = {"status": 200, "headers": {}, "body": {}, "text": "{}"}


def tags(*ops: str) -> Document:
    return {"type": "set", "config": {"changes": [{"change": op, "tag": "again"} for op in ops]}}


def calling(name: str, trigger: Document, then: Document) -> Document:
    return flow(name, {"start": trigger, "call": CALL, "then": then}, "start>call call.ok>then")


ONWARD = (calling("One", word("go"), onward("two")), calling("Two", on("api"), onward("one")))
TAGGED = (
    flow("First", {"start": word("go"), "tag": tags("add_tag")}, "start>tag"),
    calling("Again", on("tag_added", tag="again"), tags("remove_tag", "add_tag")),
)
FAILING = (
    {**calling("One", word("go"), onward("gone")), "settings": {"error_flow": "two"}},
    {**calling("Two", on("api"), onward("gone")), "settings": {"error_flow": "one"}},
)
GREETING = flow("Hello", {"start": word("hello"), "hi": said("Hi Bob")}, "start>hi")


class Circle:
    """The runtime with real decisions; calls are answered at once, and after so many of them Bob says hello."""

    def __init__(self, *documents: Document, bob_after: int) -> None:
        self.bench = Bench()
        self.calls = 0
        self.before_bob = 0
        self._bob_after = bob_after
        world = world_of((*documents, GREETING))

        class Worlds:
            async def get(self, tenant: int, versions: frozenset[int] = frozenset()) -> Any:
                return world

        self.runtime = Runtime(
            clock=self.bench.clock, store=self.bench.store, worlds=Worlds(), channels=self.bench.channels, decide=decide,
            handlers={"http": self.answer},
        )  # fmt: skip
        self.stepped = Stepped(self.runtime, self.bench.clock)

    async def write(self, who: str, text: str) -> None:
        body = MessageReceived(SITE, f"{who}:{text}", Text(text))
        event = NewEvent(1, "webchat", body.external_id, NOW, body, identities=(Identity("webchat", who),))
        await self.runtime.append([event])

    async def answer(self, claim: CallClaim) -> CallAnswer:
        self.calls += 1
        if self.calls == self._bob_after:
            await self.write("bob", "hello")
        if not self.bench.channel.said:
            self.before_bob = self.calls
        return CallAnswer(ANSWERED)


async def test_flows_that_call_and_go_on_in_one_another_end_and_hold_nobody_up():
    circle = Circle(*ONWARD, bob_after=100)
    await circle.write("ann", "go")
    await circle.stepped.drain()
    assert MAX_STEPS / 2 - 1 <= circle.calls <= MAX_STEPS / 2 + 1, "a call is answered by every second step"
    assert circle.bench.channel.said == ["Hi Bob"]
    assert circle.before_bob < 105
    ended = {(row.run.status, row.run.reason) for row in circle.bench.store.state.runs.values()}
    assert ended == {("completed", "went_on"), ("failed", "too_many_steps"), ("completed", "")}, "the last is Bob's"


@pytest.mark.parametrize("documents", [TAGGED, FAILING], ids=["tags", "failures"])
async def test_a_call_is_no_end_to_automation_that_feeds_itself(documents: tuple[Document, ...]):
    circle = Circle(*documents, bob_after=2)
    await circle.write("ann", "go")
    await circle.stepped.drain()
    assert circle.calls <= MAX_DEPTH + 1
    assert circle.bench.channel.said == ["Hi Bob"]
    errors = [row.error for row in circle.bench.store.state.events.values() if row.error]
    assert any("automation started automation" in error for error in errors)
