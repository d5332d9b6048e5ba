"""What else can happen in a test of a flow: a moment that is named, a colleague's own words, closed 24 hours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio import Office, Studio, open_office, sign_in

TIMED: dict[str, Any] = {
    "schema": 1,
    "name": "Timed",
    "nodes": [
        {"id": "start", "type": "trigger", "label": "Start", "config": {"on": {"kind": "keyword", "words": ["hi"]}}},
        {"id": "rest", "type": "wait", "label": "Rest", "config": {"for": {"kind": "duration", "duration": "P3D"}}},
        {"id": "late", "type": "send_message", "label": "Late", "config": {"text": "Three days later."}},
        {"id": "agent", "type": "assign_agent", "label": "Agent", "config": {}},
    ],
    "edges": [
        {"from": "start", "port": "next", "to": "rest"},
        {"from": "rest", "port": "next", "to": "late"},
        {"from": "late", "port": "next", "to": "agent"},
    ],
    "layout": {"start": {"x": 0, "y": 0}, "rest": {"x": 300, "y": 0}, "late": {"x": 600, "y": 0}, "agent": {"x": 900, "y": 0}},
}


OPENING: dict[str, Any] = {
    "schema": 1,
    "name": "Opening",
    "nodes": [
        {"id": "start", "type": "trigger", "label": "Start", "config": {"on": {"kind": "keyword", "words": ["hi"]}}},
        {
            "id": "open",
            "type": "condition",
            "label": "Open?",
            "config": {"branches": [{"id": "yes", "rule": {"subject": "hours.business", "op": "is_true"}}]},
        },
        {"id": "here", "type": "send_message", "label": "Here", "config": {"text": "We are here."}},
        {"id": "gone", "type": "send_message", "label": "Gone", "config": {"text": "We are gone."}},
    ],
    "edges": [
        {"from": "start", "port": "next", "to": "open"},
        {"from": "open", "port": "yes", "to": "here"},
        {"from": "open", "port": "else", "to": "gone"},
    ],
    "layout": {"start": {"x": 0, "y": 0}, "open": {"x": 300, "y": 0}, "here": {"x": 600, "y": 0}, "gone": {"x": 600, "y": 200}},
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("try")) as opened:
        yield opened


@pytest.fixture
def page_options() -> dict[str, Any]:
    return {"viewport": {"width": 1440, "height": 900}}


def happen(page: Page, name: str) -> None:
    page.get_by_role("button", name="What else can happen").click()
    page.get_by_role("menuitem", name=name).click()


def test_the_clock_goes_to_a_moment_and_a_colleague_writes(page: Page, office: Office) -> None:
    sign_in(page, office)
    studio = Studio(page, office, office.flow("Timed", TIMED))
    page.get_by_role("button", name="Test", exact=True).click()
    page.get_by_label("Write as the contact").fill("hi")
    page.keyboard.press("Enter")
    happen(page, "Until a day and time …")
    field = page.get_by_label("Day and time, in your own time zone")
    year, rest = field.input_value().split("-", 1)
    field.fill(f"{int(year) + 1}-{rest}")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(studio.panel.get_by_text("Three days later.")).to_be_visible()
    happen(page, "Takes over")
    happen(page, "Writes …")
    page.get_by_role("textbox", name="What", exact=True).fill("Ada here.")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(studio.panel.get_by_text("Ada here.")).to_be_visible()


def test_hours_are_open_or_closed_as_whoever_tests_wants_it(page: Page, office: Office) -> None:
    sign_in(page, office)
    studio = Studio(page, office, office.flow("Opening", OPENING))
    page.get_by_role("button", name="Test", exact=True).click()
    hours = page.get_by_role("combobox", name="Business hours are")

    def answered(text: str) -> None:
        page.get_by_label("Write as the contact").fill("hi")
        page.keyboard.press("Enter")
        expect(studio.panel.get_by_role("log").get_by_text(text)).to_be_visible()

    def choose(name: str) -> None:
        hours.click()
        page.get_by_role("option", name=name).click()
        expect(studio.panel.get_by_role("log").get_by_text("We are")).to_have_count(0)

    expect(hours).to_have_value("As the clock says: open")
    answered("We are here.")
    choose("Closed")
    answered("We are gone.")
    page.get_by_role("button", name="What else can happen").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Save as a scenario").click()
    kept = Path(download.value.path()).read_text("utf-8")
    assert 'hours: {"business":{"weekly":[]}}' in kept
    page.get_by_role("button", name="Start again").click()
    expect(studio.panel.get_by_role("log").get_by_text("We are")).to_have_count(0)
    answered("We are gone.")
    choose("As the clock says")
    answered("We are here.")
    page.goto(f"{office.server.url}/flows/{office.flow('Timed again', TIMED)}")
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_label("Write as the contact")).to_be_visible()
    expect(hours).to_have_count(0)
