"""A large flow in the builder: only the cards in sight are drawn, and the others are found."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from benchmarks.builder import document
from tests.browser.studio import Studio, open_office, sign_in

STEPS = 200


def test_only_what_is_in_sight_is_drawn_and_the_rest_is_found(page: Page, tmp_path: Path) -> None:
    with open_office(tmp_path) as office:
        sign_in(page, office)
        studio = Studio(page, office, office.flow("Large", document(STEPS)))
        expect(studio.card("Step 1")).to_be_visible()
        assert studio.steps.count() < STEPS / 2
        expect(page.get_by_text("to fix")).to_have_count(0)
        page.keyboard.press("Control+f")
        page.keyboard.type(f"Step {STEPS - 1}")
        page.keyboard.press("Enter")
        expect(studio.card(f"Step {STEPS - 1}")).to_be_in_viewport()
        assert studio.steps.count() < STEPS / 2
