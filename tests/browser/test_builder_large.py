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


def test_from_afar_cards_are_boxes_that_keep_their_edges_and_can_be_moved(page: Page, tmp_path: Path) -> None:
    with open_office(tmp_path) as office:
        sign_in(page, office)
        studio = Studio(page, office, office.flow("Large", document(STEPS)))
        expect(studio.card("Step 1").locator("strong")).to_be_visible()
        page.get_by_role("button", name="Show the whole flow").click()
        expect(studio.steps).to_have_count(STEPS)
        expect(studio.card("Step 1").locator("strong")).to_be_hidden()
        box = page.get_by_role("article", name="Step 30", exact=True).bounding_box()
        assert box is not None
        edges = studio.edges.count()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + 40, box["y"] + 60, steps=6)
        page.mouse.up()
        moved = studio.saved()["layout"]["n30"]
        assert moved != document(STEPS)["layout"]["n30"]
        assert studio.edges.count() == edges == len(document(STEPS)["edges"])
        page.keyboard.press("Control+f")
        page.keyboard.type("Step 30")
        page.keyboard.press("Enter")
        expect(studio.card("Step 30").locator("strong")).to_be_visible()
        expect(page.get_by_label("Name of the step")).to_have_value("Step 30")
