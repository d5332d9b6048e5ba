"""A webhook's body is mapped to a person and to variables, whatever is sent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.trigger import OnWebhook
from engine.core.webhook import Called, map_webhook, pick
from schemas.contact import Identity
from schemas.problem import Problem

ON = OnWebhook({"phone": "customer.phone", "email": "customer.email"}, {"item": "items[0].name", "sum": "total"}, "customer.name")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["customer", "phone", "email", "items", "name"]), inner),
)


def test_all_of_it() -> None:
    body = {
        "customer": {"phone": "0049 151 12345678", "email": "Anna@Example.COM", "name": " Anna "},
        "items": [{"name": "Tea"}, {"name": "Cup"}],
        "total": 12.5,
    }
    identities = (Identity("phone", "+4915112345678"), Identity("email", "Anna@example.com"))
    assert map_webhook(ON, body) == Called(identities, "Anna", {"item": "Tea", "sum": 12.5})


def test_one_address_is_enough_and_a_number_may_be_national() -> None:
    assert map_webhook(ON, {"customer": {"phone": 15112345678, "email": "none"}}, "DE") == Called(
        (Identity("phone", "+4915112345678"),)
    )


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({}, ["missing_identity", "missing_identity"]),
        ([], ["missing_identity", "missing_identity"]),
        ({"customer": {"phone": "call me", "email": "a@"}}, ["bad_identity", "bad_identity"]),
    ],
)
def test_nobody_is_a_problem_at_its_place(body: Any, codes: list[str]) -> None:
    found = map_webhook(ON, body)
    assert isinstance(found, tuple)
    assert [each.code for each in found] == codes
    assert [each.pointer for each in found] == ["/customer/phone", "/customer/email"]


@given(JSON)
def test_any_body_is_mapped_or_refused(body: Any) -> None:
    found = map_webhook(ON, body)
    assert isinstance(found, Called) or (found and all(isinstance(each, Problem) for each in found))


def test_paths() -> None:
    assert pick({"a": [[1, {"b": 2}]]}, "a[0][1].b") == 2
    assert pick([{"b": 2}], "[0].b") == 2
    assert pick({"a": "text"}, "a[0]") is None
    assert pick({"a": [1]}, "a[7].b.c") is None
