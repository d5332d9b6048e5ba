"""A node type of another installed package is drawn, edited, wired, tried and published without a line of browser code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio import Office, Studio, open_office, sign_in
from tests.integration.package import install_dice


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_office(tmp_path, PYTHONPATH=install_dice(tmp_path)) as opened:
        yield opened


@pytest.fixture
def page_options() -> dict[str, Any]:
    return {"viewport": {"width": 1440, "height": 900}}


def test_its_card_form_and_ways_out_come_from_the_server(page: Page, office: Office) -> None:
    sign_in(page, office)
    studio = Studio(page, office, office.flow("Dice"))
    studio.place("Trigger", 420, 250)
    studio.place("Roll the dice", 760, 250)
    studio.connect("Trigger", "Then", "Roll the dice")
    expect(studio.card("Roll the dice")).to_contain_text("6 sides, Is fair")
    page.get_by_role("textbox", name="Sides").fill("12")
    page.get_by_text("Feels lucky").click()
    page.get_by_role("button", name="Add way").click()
    expect(studio.card("Roll the dice")).to_contain_text("12 sides, Feels lucky")
    expect(studio.card("Roll the dice").locator("li", has_text="Way 1")).to_be_visible()
    studio.place("Send message", 900, 560, "Low")
    page.get_by_label("Message", exact=True).fill("You lost.")
    studio.connect("Roll the dice", "Way 1", "Low")
    expect(page.get_by_text("to fix")).to_have_count(0)
    page.get_by_role("button", name="Test", exact=True).click()
    page.get_by_label("Write as the contact").fill("hi")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log", name="Conversation")).to_contain_text("You lost.")
    config = studio.saved()["nodes"][1]["config"]
    assert (config["sides"], config["mood"], config["ways"][0]["name"]) == (12, "lucky", "Way 1")
