"""End closes only a conversation that nobody else has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.nodes.playing import happen_all, outcome, set_stage

CASE: dict[str, Any] = {"config": {"outcome": "done", "close": True}}


@pytest.mark.parametrize(("owner", "status"), [("AGENT", "active"), ("QUEUE", "active"), ("NONE", "resolved")])
def test_what_a_person_has_stays_open(owner: str, status: str) -> None:
    stage = set_stage("end", CASE)
    talk = replace(stage.person.conversations[0], owner=owner)
    stage.person = replace(stage.person, conversations=(talk,))
    happen_all(stage, "end", CASE)
    found = outcome(stage)
    assert (found["status"], found["reason"]) == ("completed", "done")
    assert (found["conversation_status"], found["owner"]) == (status, owner)
