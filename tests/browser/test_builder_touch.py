"""The builder by fingers on a phone: the canvas is moved and zoomed, cards dragged, joined by taps, and filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio import Office, Studio, open_office, sign_in

Point = tuple[float, float]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("touch")) as opened:
        yield opened


@pytest.fixture
def page_options() -> dict[str, Any]:
    return {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "reduced_motion": "reduce"}


class Fingers:
    """What Chromium makes of fingers on the glass."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)

    def _touch(self, kind: str, *points: Point) -> None:
        at = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    def put(self, *points: Point) -> None:
        """Put fingers down and leave them there."""
        self._touch("touchStart", *points)

    def move(self, *ways: tuple[Point, Point], steps: int = 8) -> None:
        """Each finger from its first to its second point, then up."""
        self.put(*(start for start, _ in ways))
        for step in range(1, steps + 1):
            part = step / steps
            self._touch("touchMove", *((a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part) for a, b in ways))
        self.lift()

    def lift(self) -> None:
        """All fingers up."""
        self._touch("touchEnd")


def viewport(page: Page) -> tuple[float, float, float]:
    """Where the canvas stands: x, y, zoom."""
    style = page.locator(".react-flow__viewport").get_attribute("style") or ""
    x, y, zoom = map(float, re.findall(r"-?[\d.]+", style)[:3])
    return x, y, zoom


def test_a_flow_is_built_by_fingers(page: Page, office: Office) -> None:
    sign_in(page, office)
    it = Studio(page, office, office.flow("By hand"))
    fingers = Fingers(page)
    page.get_by_role("button", name="Begin with a trigger").tap()
    page.get_by_role("button", name="Close", exact=True).tap()
    expect(it.panel).to_be_hidden()

    # A tap on the way out, then on the empty canvas: the next step.
    it.port("Trigger", "Then").tap()
    expect(page.get_by_text("Where does Then lead?")).to_be_visible()
    fingers.move(((200, 600), (160, 520)))  # looking around doesn't end it
    page.touchscreen.tap(60, 700)
    page.get_by_role("option", name="Send message").tap()
    expect(it.edges).to_have_count(1)

    # Its form, above which its card stays in sight.
    page.get_by_label("Message", exact=True).fill("Hello there")
    expect(it.card("Send message")).to_be_in_viewport(ratio=0.9)
    page.get_by_role("button", name="Close", exact=True).tap()

    # A second step from the bar, joined by two taps, dragged by a finger.
    page.get_by_role("button", name="Add a step").tap()
    page.get_by_role("option", name=re.compile("^End")).tap()
    page.get_by_label("Name of the step").fill("Goodbye")
    page.get_by_role("button", name="Close", exact=True).tap()
    page.get_by_role("button", name="Show the whole flow").tap()
    expect(it.card("Goodbye")).to_be_in_viewport()
    it.port("Send message", "Next").tap()
    it.card("Goodbye").tap(position={"x": 60, "y": 20})
    expect(it.edges).to_have_count(2)
    expect(it.panel).to_be_hidden()
    assert len(it.saved()["edges"]) == 2

    box = it.card("Goodbye").bounding_box()
    assert box is not None
    grip = (box["x"] + 40, box["y"] + 15)
    before = it.saved()["layout"]
    fingers.move((grip, (grip[0] - 30, grip[1] + 90)))
    expect(it.panel).to_be_hidden()
    after = it.saved()["layout"]
    assert [step for step in after if after[step] != before.get(step)] == [it.saved()["nodes"][2]["id"]]


def test_the_canvas_moves_zooms_and_a_long_press_opens_the_menu(page: Page, office: Office) -> None:
    sign_in(page, office)
    it = Studio(page, office, office.ask("GET", "/v1/flows?search=Lead")["data"][0]["id"])
    fingers = Fingers(page)
    expect(it.steps.first).to_be_visible()
    x, y, zoom = viewport(page)
    fingers.move(((300, 700), (200, 640)))
    moved = viewport(page)
    assert (moved[0] < x - 50, moved[1] < y - 30, moved[2]) == (True, True, zoom)
    fingers.move(((120, 560), (60, 560)), ((240, 560), (320, 560)))
    assert viewport(page)[2] > zoom * 1.3

    it.open()
    expect(it.steps.first).to_be_in_viewport()
    box = it.steps.first.bounding_box()
    assert box is not None
    count = it.steps.count()
    fingers.put((box["x"] + 20, box["y"] + 10))
    expect(page.get_by_role("menuitem", name="Test from here")).to_be_visible()
    fingers.lift()
    page.get_by_role("menuitem", name="Duplicate").tap()
    expect(it.steps).to_have_count(count + 1)
