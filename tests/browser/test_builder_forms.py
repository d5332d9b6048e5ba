"""Forms of steps in the browser: rules in rules, long lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio import Office, Studio, open_office, sign_in


def is_set(subject: str) -> dict[str, Any]:
    return {"subject": subject, "op": "is_set"}


INNER = {"any": [is_set("contact.phone"), is_set("message.text")]}
DEEP = {"any": [is_set("contact.name"), {"not": {"all": [is_set("contact.email"), INNER]}}]}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("forms")) as opened:
        yield opened


def studio(page: Page, office: Office, kind: str, config: dict[str, Any]) -> Studio:
    """A flow of one step, which is selected."""
    sign_in(page, office)
    step = {"id": "it", "type": kind, "label": "It", "config": config}
    document = office.document(office.flow("Forms")) | {"name": "Forms", "nodes": [step], "edges": []}
    opened = Studio(page, office, office.flow("Forms", document))
    opened.select("It")
    return opened


def config(opened: Studio) -> dict[str, Any]:
    found: dict[str, Any] = opened.saved()["nodes"][0]["config"]
    return found


def test_a_rule_of_rules_is_edited_at_any_depth_by_keyboard(page: Page, office: Office) -> None:
    it = studio(page, office, "condition", {"branches": [{"id": "yes", "label": "Yes", "rule": DEEP}]})
    said = "When Name is known or not (Email address is known and (Phone number is known or"
    expect(it.panel.get_by_text(said)).to_be_visible()

    page.get_by_role("combobox", name="What is tested, 2.2.1").fill("contact.tags")
    page.get_by_role("button", name="Add a condition to group 2.2").press("Enter")
    expect(page.get_by_role("button", name="More for condition 2.2.3")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_role("button", name="More for condition 2.3")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="Must not hold").press("Enter")
    page.get_by_role("combobox", name="How they count, 2.2").click()
    page.get_by_role("option", name="None of these holds").click()

    expect(page.get_by_text("Must not hold:")).to_be_visible()
    inner = {"not": {"any": [is_set("contact.tags"), is_set("message.text")]}}
    outer = {"not": {"all": [is_set("contact.email"), inner, {"not": is_set("message.text")}]}}
    assert config(it)["branches"][0]["rule"] == {"any": [is_set("contact.name"), outer]}

    page.get_by_role("button", name="More for group 2", exact=True).click()
    page.get_by_role("menuitem", name="Remove").click()
    expect(page.get_by_role("combobox", name="What is tested, 1")).to_have_value("contact.name")
    assert config(it)["branches"][0]["rule"] == is_set("contact.name")
