"""What the workspace names: global variables and hours are read as they are now, and replayed as they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from schemas.hours import Hours
from tests.core.scene import Scene, branch, flow, pause, said, word
from tests.core.test_replay import differences

SHOP = Hours.model_validate({"weekly": [{"days": ["mon"], "from": "08:00", "to": "12:00"}]})
SHOWN = said("{{global.shop}}")
SAID = flow("Said", {"start": word("hi"), "a": SHOWN, "day": pause(), "b": SHOWN}, "start>a a>day day>b")
ASKED = flow(
    "Asked",
    {"start": word("hi"), "ask": branch(("open", {"subject": "hours.shop", "op": "is_true"})),
     "o": said("open"), "c": said("closed")},
    "start>ask ask.open>o ask.else>c",
)  # fmt: skip
UNTIL = flow(
    "Until",
    {"start": word("hi"), "wait": {"type": "wait", "config": {"for": {"kind": "until", "hours": "shop"}}}, "o": said("open")},
    "start>wait wait>o",
)


def test_a_changed_global_counts_at_once_and_a_replay_has_the_old_one() -> None:
    scene = Scene(SAID, globals={"shop": "Anna's"})
    scene.say("hi")
    scene.world = replace(scene.world, globals={"shop": "Berta's"})
    scene.ring(after=timedelta(days=1))
    assert [message.content.text for message in scene.messages] == ["Anna's", "Berta's"]
    assert [step.reads for step in scene.steps] == [{"global.shop": "Anna's"}, {"global.shop": "Berta's"}]
    scene.world = replace(scene.world, globals={})
    assert differences(scene) == []


def test_hours_are_asked_by_name_and_replayed_as_they_were() -> None:
    for hours, told in ((SHOP, "open"), (Hours(), "closed"), (None, "open")):
        scene = Scene(ASKED, hours={} if hours is None else {"shop": hours})
        scene.say("hi")
        assert scene.texts == [told]
        scene.world = replace(scene.world, hours={"shop": Hours() if told == "open" else SHOP})
        assert differences(scene) == []


def test_a_wait_for_named_hours_is_replayed_as_it_was() -> None:
    scene = Scene(UNTIL, hours={"shop": replace_day(SHOP)})
    scene.say("hi")
    assert scene.run.wait is not None
    assert scene.run.wait.due is not None
    assert scene.run.wait.due.isoformat() == "2026-03-03T08:00:00+00:00"
    scene.world = replace(scene.world, hours={})
    assert differences(scene) == []


def replace_day(hours: Hours) -> Hours:
    return Hours(weekly=tuple(each.model_copy(update={"days": ("tue",)}) for each in hours.weekly))


def test_an_out_of_hours_trigger_takes_what_comes_while_closed() -> None:
    away = flow("Away", {"start": word("hi", hours="shop", when="closed"), "say": said("We are closed.")}, "start>say")
    here = flow("Here", {"start": word("hi"), "say": said("Welcome.")}, "start>say")
    assert Scene(away, here, hours={"shop": Hours()}).say("hi").messages[0].content.text == "We are closed."
    assert Scene(away, here, hours={"shop": SHOP}).say("hi").messages[0].content.text == "Welcome."
