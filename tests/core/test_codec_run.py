"""Runs, bodies and contacts survive being written down; statuses only go forward."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.core.change import apply_change
from engine.core.codec import dump_run, load_run
from engine.core.delivery import RANK, advances, settled_event
from engine.core.limit import IDS_PER_EVENT
from engine.core.value import Contact, Frame, Run, Wait, derived_id
from schemas.contact import ContactChange, Identity
from tests.core.scene import ANNA, START

RUN = Run(
    id=5,
    flow=1,
    version=11,
    conversation=3,
    status="waiting",
    frames=(Frame(11, "wait", {"name": "Ann\u0000a", "n": 1.5, "list": [1, None], "$message": {"text": "é"}}), Frame(12, "a")),
    wait=Wait(
        4, "reply", "wait", 9, START, (1, 2), START + timedelta(days=1), 60, {"options": [["y", "Yes", "1"]], "retries": 2}
    ),
    step=4,
    interactive=True,
    started_at=START,
    expires_at=START + timedelta(days=30),
    invalid=1,
)


@pytest.mark.parametrize("run", [RUN, replace(RUN, wait=None, status="suspended", reason="flood", conversation=0)])
def test_a_run_is_read_as_it_was_written(run: Run) -> None:
    columns = {"id", "flow", "version", "conversation", "status", "interactive", "started_at", "expires_at", "reason"}
    assert load_run(dump_run(run), **{name: getattr(run, name) for name in columns}) == run


def test_a_run_is_due_at_its_wait_or_its_expiry() -> None:
    assert RUN.wait is not None
    assert RUN.due == START + timedelta(days=1)
    assert replace(RUN, wait=None).due == RUN.expires_at
    assert replace(RUN, wait=replace(RUN.wait, due=None)).due == RUN.expires_at
    assert replace(RUN, wait=replace(RUN.wait, due=START + timedelta(days=99))).due == RUN.expires_at


def test_ids_of_two_events_never_meet() -> None:
    assert derived_id(1, IDS_PER_EVENT - 1) + 1 == derived_id(2, 0)
    with pytest.raises(OverflowError):
        derived_id(1, IDS_PER_EVENT)


# --- changes -----------------------------------------------------------------------------------------------------------------
KNOWN = replace(ANNA, language="de", timezone="Europe/Berlin", fields={"age": 34}, tags=("vip",), opted_out=False)


@pytest.mark.parametrize(
    ("change", "name", "value"),
    [
        (ContactChange("set_name", value="Ben"), "name", "Ben"),
        (ContactChange("set_name", value=None), "name", None),
        (ContactChange("set_language", value="fr"), "language", "fr"),
        (ContactChange("set_timezone", value="UTC"), "timezone", "UTC"),
        (ContactChange("set_field", "age", 35), "fields", {"age": 35}),
        (ContactChange("set_field", "city", "Bonn"), "fields", {"age": 34, "city": "Bonn"}),
        (ContactChange("set_field", "age", None), "fields", {}),
        (ContactChange("add_tag", "new"), "tags", ("vip", "new")),
        (ContactChange("remove_tag", "vip"), "tags", ()),
        (ContactChange("add_identity", "email", "a@b.c"), "identities", (*ANNA.identities, Identity("email", "a@b.c"))),
        (ContactChange("set_consent", value=False), "opted_out", True),
    ],
)
def test_an_operation_changes_one_thing_and_again_changes_nothing(change: ContactChange, name: str, value: Any) -> None:
    changed = apply_change(KNOWN, change)
    assert changed == replace(KNOWN, **{name: value})
    assert changed is not None
    assert apply_change(changed, change) is None


def test_clearing_what_is_not_there_changes_nothing() -> None:
    empty = Contact(1)
    for change in (
        ContactChange("set_field", "x", None),
        ContactChange("remove_tag", "x"),
        ContactChange("set_consent", value=True),
    ):
        assert apply_change(empty, change) is None


# --- delivery ----------------------------------------------------------------------------------------------------------------
def test_statuses_only_go_forward() -> None:
    order = ["queued", "claimed", "unknown", "accepted", "sent", "delivered", "read"]
    for place, status in enumerate(order):
        assert [each for each in order if advances(status, each)] == order[place + 1 :]


@pytest.mark.parametrize("status", sorted(RANK))
def test_failed_is_final_and_comes_before_delivery_only(status: str) -> None:
    assert advances(status, "failed") is (status in {"queued", "claimed", "unknown", "accepted", "sent"})
    assert not advances("failed", status)
    assert not advances("skipped", status)


@pytest.mark.parametrize(
    ("status", "reports", "id"),
    [
        ("failed", False, "9:failed"),
        ("failed", True, "9:failed"),
        ("accepted", True, "9:settled"),
        ("skipped", True, "9:settled"),
    ],
)
def test_a_failure_is_told_always_and_success_where_a_run_parked(status: str, reports: bool, id: str) -> None:
    told = {
        "tenant": 1,
        "contact": 7,
        "message": 9,
        "conversation": 3,
        "run": 5,
        "node": "a",
        "code": "",
        "detail": "",
        "at": START,
    }
    event = settled_event(status=status, reports=reports, **told)  # type: ignore[arg-type]
    assert event is not None
    assert (event.external_id, event.contact, event.depth) == (id, 7, 0)
    assert settled_event(status="accepted", reports=False, **told) is None  # type: ignore[arg-type]
