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


SECRETS = {"access_token": "a token", "app_secret": "a secret", "verify_token": "some words"}
NUMBER = {"phone_number_id": "106540352242922", "base_url": "http://127.0.0.1:9"}
WHATSAPP = {"kind": "whatsapp", "name": "WhatsApp", "config": NUMBER | SECRETS}


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


def test_a_counter_says_what_the_channels_show_and_the_problem_stands_at_the_field(page: Page, office: Office) -> None:
    office.ask("POST", "/v1/channels", WHATSAPP)
    buttons = [{"id": "a", "title": "Yes"}, {"id": "b", "title": "No"}]
    it = studio(page, office, "send_message", {"text": "Shall we?", "buttons": buttons})
    expect(it.panel.get_by_text("9 of 1024")).to_be_visible()
    page.get_by_role("textbox", name="Button 2", exact=True).fill("No, and I never want to hear of it again")
    expect(it.panel.get_by_text("40 of 20")).to_be_visible()
    expect(it.panel.get_by_text("This has 40 characters; WhatsApp", exact=False)).to_be_visible()


def test_many_items_are_moved_by_keyboard(page: Page, office: Office) -> None:
    changes = [{"change": "variable", "variable": f"v{number}", "value": number} for number in range(30)]
    it = studio(page, office, "set", {"changes": changes})
    last = page.get_by_role("button", name="Move change 30 up")
    last.focus()
    for _ in range(2):
        page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_role("button", name="Move change 28 up")).to_be_focused()
    assert [each["variable"] for each in config(it)["changes"]][26:] == ["v26", "v29", "v27", "v28"]


def test_an_empty_field_shows_what_the_flow_says(page: Page, office: Office) -> None:
    sign_in(page, office)
    step = {"id": "ask", "type": "ask", "label": "Ask", "config": {"text": "How many?"}}
    settings = {"reply_timeout": "PT90M", "retry_text": "A number, please."}
    flow = office.flow("Says", {"schema": 1, "name": "Says", "nodes": [step], "edges": [], "settings": settings})
    studio = Studio(page, office, flow)
    studio.select("Ask")
    expect(page.get_by_label("Wait at most", exact=True)).to_have_attribute("placeholder", "1 hour 30 minutes, as the flow says")
    page.get_by_role("button", name="More options").click()
    expect(page.get_by_label("What is said then", exact=True)).to_have_attribute("placeholder", "A number, please.")
    page.keyboard.press("Escape")
    page.locator(".react-flow__pane").click(position={"x": 500, "y": 600})
    unit = page.get_by_role("combobox", name="Questions wait at most, unit")
    expect(unit).to_have_value("minutes")
    page.get_by_label("Questions wait at most", exact=True).fill("2")
    unit.click()
    page.get_by_role("option", name="days").click()
    assert studio.saved()["settings"]["reply_timeout"] == "P2D"
    page.get_by_label("Questions wait at most", exact=True).fill("")
    studio.select("Ask")
    expect(page.get_by_label("Wait at most", exact=True)).to_have_attribute("placeholder", "No limit")
