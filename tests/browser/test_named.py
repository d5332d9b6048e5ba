"""Variables and opening hours of the workspace, and expressions that read them, in the real browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio import Office, Studio, open_office, sign_in

FOLDER = os.environ.get("POSTDOG_PICTURES", "")
"""Where pictures go, to be looked at; without it none are taken."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("named")) as opened:
        yield opened


@pytest.fixture
def page_options() -> dict[str, Any]:
    return {"viewport": {"width": 1360, "height": 900}}


def picture(page: Page, name: str) -> None:
    if FOLDER:
        page.screenshot(path=str(Path(FOLDER) / f"{name}.png"))


def test_a_variable_and_hours_are_made_and_offered(page: Page, office: Office) -> None:
    sign_in(page, office)
    page.goto(f"{office.server.url}/settings/variables")
    page.get_by_role("button", name="New variable").click()
    page.get_by_label("Name").fill("Today’s discount")
    page.get_by_role("combobox", name="Kind of value").click()
    page.get_by_role("option", name="Number").click()
    page.get_by_role("textbox", name="Value").fill("20")
    picture(page, "variable")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("{{global.today_s_discount}}")).to_be_visible()

    page.goto(f"{office.server.url}/settings/hours")
    expect(page.get_by_text("Business hours", exact=True)).to_be_visible()
    page.get_by_role("button", name="New hours").click()
    page.get_by_label("Name").fill("Shop")
    page.get_by_role("switch", name="Always").press("Space")
    page.get_by_role("combobox", name="Holidays").fill("2026-12-25")
    page.keyboard.press("Enter")
    picture(page, "hours")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Mon, Tue, Wed, Thu, Fri 09:00–17:00 · 1 holiday")).to_be_visible()
    picture(page, "hours-list")
    assert [each["key"] for each in office.ask("GET", "/v1/hours")["data"]] == ["business", "shop"]
    values = {each["key"]: each["value"] for each in office.ask("GET", "/v1/globals")["data"]}
    assert values == {"business": "Willow & Co.", "today_s_discount": 20}


def test_an_expression_is_written_and_judged_while_typing(page: Page, office: Office) -> None:
    sign_in(page, office)
    rule = {"subject": "message.text", "op": "is_set"}
    step = {"id": "it", "type": "condition", "label": "It", "config": {"branches": [{"id": "yes", "label": "Yes", "rule": rule}]}}
    document = office.document(office.flow("Named")) | {"name": "Named", "nodes": [step], "edges": []}
    it = Studio(page, office, office.flow("Named", document))
    it.select("It")
    page.get_by_role("button", name="Write an expression").click()
    field = page.get_by_role("textbox", name="Expression 1")
    field.press_sequentially("glob")
    page.get_by_text("global.today_s_discount", exact=True).click()
    expect(field).to_have_value("global.today_s_discount")
    field.press("End")
    field.press_sequentially(" > 'x'")
    expect(it.panel.get_by_text("Column 25: “>” can't take a number and a text.")).to_be_visible()
    picture(page, "expression-fault")
    field.fill("global.today_s_discount > 10 && hours.shop")
    expect(it.panel.get_by_text("can't take a number")).to_have_count(0)
    picture(page, "expression")
    found = it.saved()["nodes"][0]["config"]["branches"][0]["rule"]
    assert found == {"expression": "global.today_s_discount > 10 && hours.shop"}

    page.keyboard.press("Escape")
    page.locator(".react-flow__pane").click(position={"x": 500, "y": 600})
    expect(page.get_by_text("Where no way out is drawn")).to_be_visible()
    picture(page, "flow-form")
    expect(page.get_by_text("global.today_s_discount", exact=True)).to_be_visible()
    page.get_by_role("combobox", name="When an answer still doesn’t fit").click()
    page.get_by_role("option", name="Ask once more from the beginning").click()
    assert it.saved()["settings"]["on_no_match"] == "repeat"
    page.get_by_label("Questions wait at most", exact=True).fill("20")
    page.get_by_label("What is said to an answer that doesn’t fit").fill("Please try again.")
    settings = it.saved()["settings"]
    assert (settings["reply_timeout"], settings["retry_text"]) == ("PT20H", "Please try again.")
    page.get_by_text("Change the opening hours").scroll_into_view_if_needed()
    picture(page, "flow-form-below")
