"""A Split gives each arm its share, and each contact always the same arm."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from tests.nodes.playing import CONTACT, happen_all, outcome, set_stage

ARMS = [{"id": "a", "weight": 700}, {"id": "b", "weight": 250}, {"id": "c", "weight": 50}]
CONTACTS = 2_000


def arm_of(contact: int, arms: list[dict[str, Any]] = ARMS) -> str:
    case: dict[str, Any] = {"config": {"arms": arms}}
    stage = set_stage("split", case)
    stage.person = replace(stage.person, contact=replace(stage.person.contact, id=contact))
    happen_all(stage, "split", case)
    (port,) = outcome(stage)["ports"]
    return str(port)


def test_each_arm_has_its_share() -> None:
    counted = Counter(arm_of(contact) for contact in range(1, CONTACTS + 1))
    for arm in ARMS:
        assert abs(counted[str(arm["id"])] / CONTACTS - int(str(arm["weight"])) / 1_000) < 0.03


def test_a_contact_keeps_its_arm() -> None:
    assert {arm_of(CONTACT) for _ in range(20)} == {arm_of(CONTACT)}
    labelled = [{**arm, "label": "x"} for arm in ARMS]
    assert [arm_of(contact) for contact in range(50)] == [arm_of(contact, labelled) for contact in range(50)]
