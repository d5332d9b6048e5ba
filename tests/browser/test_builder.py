"""The builder on the real server: drawn by mouse, undone, copied, merged, saved when the server is back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio import Office, Studio, open_office, sign_in

WIDE = {"viewport": {"width": 1440, "height": 900}}
ASKING: dict[str, Any] = {
    "schema": 1,
    "name": "Asking",
    "nodes": [
        {"id": "start", "type": "trigger", "label": "Start", "config": {"on": {"kind": "keyword", "words": ["hi"]}}},
        {
            "id": "ask",
            "type": "send_message",
            "label": "Ask",
            "config": {"text": "Tea?", "buttons": [{"id": "yes", "title": "Yes"}, {"id": "no", "title": "No"}]},
        },
        {"id": "good", "type": "send_message", "label": "Good", "config": {"text": "Coming."}},
    ],
    "edges": [{"from": "start", "port": "next", "to": "ask"}, {"from": "ask", "port": "yes", "to": "good"}],
    "layout": {"start": {"x": 0, "y": 0}, "ask": {"x": 340, "y": 0}, "good": {"x": 680, "y": 0}},
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("office")) as opened:
        yield opened


@pytest.fixture
def page_options() -> dict[str, Any]:
    return WIDE


@pytest.fixture
def studio(page: Page, office: Office, request: pytest.FixtureRequest) -> Studio:
    sign_in(page, office)
    return Studio(page, office, office.flow(request.node.name))


@pytest.fixture
def asking(page: Page, office: Office) -> Studio:
    sign_in(page, office)
    opened = Studio(page, office, office.flow("Asking", ASKING))
    expect(opened.steps).to_have_count(3)
    return opened


def test_steps_are_dragged_connected_and_saved(studio: Studio) -> None:
    page = studio.page
    studio.place("Trigger", 420, 250, "Start")
    studio.place("Send message", 760, 250, "Greet")
    page.get_by_label("Message", exact=True).fill("Hi {{contact.name}}")
    page.get_by_role("button", name="Add button").click()
    page.get_by_label("Button 1", exact=True).fill("Order")
    studio.connect("Start", "Then", "Greet")
    expect(studio.card("Greet").locator("li", has_text="Order")).to_be_visible()
    studio.drop_edge("Greet", "Order", 900, 620)
    page.get_by_role("combobox", name="Add a step").fill("wait")
    page.keyboard.press("Enter")
    expect(studio.steps).to_have_count(3)
    saved = studio.saved()
    start, greet, wait = (node["id"] for node in saved["nodes"])
    button = saved["nodes"][1]["config"]["buttons"][0]
    assert button["title"] == "Order"
    assert [edge["to"] for edge in saved["edges"]] == [greet, wait]
    assert saved["edges"][1]["port"] == button["id"]
    assert saved["layout"][start]["x"] < saved["layout"][greet]["x"]


def test_a_step_dropped_on_an_edge_becomes_a_part_of_it(asking: Studio) -> None:
    box = asking.page.locator('[data-edge="start/next"] path').first.bounding_box()
    assert box is not None
    asking.place("Wait", box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    wait = asking.saved()["nodes"][3]["id"]
    edges = {(edge["from"], edge["to"]) for edge in asking.saved()["edges"]}
    assert {("start", wait), (wait, "ask")} <= edges
    assert ("start", "ask") not in edges


def test_undo_and_redo_are_steps_of_their_own(asking: Studio) -> None:
    page = asking.page
    asking.select("Good")
    page.keyboard.press("Escape")
    asking.select("Good")
    page.keyboard.press("Delete")
    expect(asking.steps).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(asking.steps).to_have_count(3)
    expect(asking.edges).to_have_count(2)
    page.keyboard.press("Control+Shift+z")
    expect(asking.steps).to_have_count(2)
    page.keyboard.press("Control+z")
    assert asking.saved() == ASKING


def test_copies_have_new_ids_and_keep_their_ways_out(asking: Studio, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    asking.card("Ask").click(position={"x": 60, "y": 20})
    asking.card("Good").click(position={"x": 60, "y": 20}, modifiers=["Shift"])
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    expect(asking.steps).to_have_count(5)
    saved = asking.saved()
    copied = [node["id"] for node in saved["nodes"][3:]]
    assert not set(copied) & {"start", "ask", "good"}
    assert {"from": copied[0], "port": "yes", "to": copied[1]} in saved["edges"]


def test_pasted_garbage_is_refused_in_words(asking: Studio, page: Page) -> None:
    asking.page.evaluate("""() => {
        const data = new DataTransfer(); data.setData("text/plain", "{\\"kind\\": 7");
        document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }""")
    expect(page.get_by_text("The clipboard holds no steps.")).to_be_visible()
    assert asking.office.document(asking.flow) == ASKING


def save_as_a_colleague(studio: Studio, page: Page, node: int, text: str) -> None:
    """Another window of the same flow saves another text for a step."""
    document = json.loads(json.dumps(ASKING))
    document["nodes"][node]["config"]["text"] = text
    address = f"{studio.office.server.url}/v1/flows/{studio.flow}"
    headers = {"If-Match": page.request.get(address).headers["etag"], "Origin": studio.office.server.url}
    put = page.request.put(address, data={"document": document}, headers=headers)
    assert put.ok, put.text()


def test_what_a_colleague_saves_shows_at_once(asking: Studio, page: Page) -> None:
    save_as_a_colleague(asking, page, 2, "It is coming.")
    expect(asking.card("Good")).to_contain_text("It is coming.")


def test_two_people_on_one_flow_keep_both_changes(asking: Studio, page: Page) -> None:
    asking.select("Ask")
    page.context.set_offline(True)
    page.get_by_label("Message", exact=True).fill("Coffee?")
    expect(page.get_by_role("status")).to_contain_text("Not saved")
    save_as_a_colleague(asking, page, 2, "It is coming.")
    page.context.set_offline(False)
    expect(asking.card("Good")).to_contain_text("It is coming.")
    texts = [node["config"].get("text") for node in asking.saved()["nodes"]]
    assert texts == [None, "Coffee?", "It is coming."]


def test_where_two_changed_the_same_step_one_chooses(asking: Studio, page: Page) -> None:
    asking.select("Ask")
    page.context.set_offline(True)
    page.get_by_label("Message", exact=True).fill("Coffee?")
    expect(page.get_by_role("status")).to_contain_text("Not saved")
    save_as_a_colleague(asking, page, 1, "Water?")
    page.context.set_offline(False)
    clash = page.get_by_role("alert").filter(has_text="Somebody else changed “Ask” too")
    expect(clash).to_contain_text("Coffee?")
    clash.get_by_role("button", name="Take theirs").click()
    expect(asking.card("Ask")).to_contain_text("Water?")
    expect(clash).to_have_count(0)
    assert asking.saved()["nodes"][1]["config"]["text"] == "Water?"


def test_a_kind_of_step_that_is_not_installed_is_shown_and_kept(page: Page, office: Office) -> None:
    sign_in(page, office)
    strange = {"id": "odd", "type": "acme.teleport", "label": "Beam", "config": {"to": "Mars"}}
    document = {**ASKING, "nodes": [*ASKING["nodes"], strange]}
    studio = Studio(page, office, office.flow("Odd", document))
    expect(studio.card("Beam")).to_contain_text("isn’t installed")
    studio.select("Beam")
    page.get_by_label("Name of the step").fill("Beam me up")
    assert studio.saved()["nodes"][3] == {**strange, "label": "Beam me up"}


def test_what_the_server_missed_is_saved_when_it_is_back(asking: Studio, page: Page) -> None:
    asking.select("Good")
    asking.office.kill()
    page.get_by_label("Message", exact=True).fill("On its way.")
    expect(page.get_by_role("status")).to_contain_text("Not saved")
    asking.office.start()
    expect(page.get_by_role("status")).to_have_text("Saved", timeout=20_000)
    assert asking.office.document(asking.flow)["nodes"][2]["config"]["text"] == "On its way."


def scattered() -> dict[str, Any]:
    """A flow with a jump back, a step that nothing reaches, and a note over each of two cards."""
    node = {"type": "send_message", "config": {"text": "Hello"}}
    nodes = [
        {"id": "island", **node},
        {"id": "start", "type": "trigger", "config": {"on": {"kind": "keyword", "words": ["hi"]}}},
        {"id": "ask", "type": "ask", "config": {"text": "How many?"}},
        {"id": "again", "type": "jump", "config": {"node": "ask"}},
        {"id": "other", **node},
    ]
    edges = [("start", "next", "ask"), ("ask", "answered", "again"), ("ask", "timeout", "other")]
    note = {"width": 220, "height": 120, "colour": "yellow", "text": "Look here"}
    return {
        "schema": 1,
        "name": "Scattered",
        "nodes": nodes,
        "edges": [{"from": start, "port": port, "to": end} for start, port, end in edges],
        "layout": {each["id"]: {"x": 40 * number, "y": 60 * number} for number, each in enumerate(nodes)},
        "notes": [{"id": "note_a", "x": 30, "y": 20, **note}, {"id": "note_b", "x": 160, "y": 200, **note}],
    }


def test_tidied_up_nothing_lies_on_anything_and_what_is_not_reached_stands_below(page: Page, office: Office) -> None:
    sign_in(page, office)
    studio = Studio(page, office, office.flow("Scattered", scattered()))
    before = studio.saved()
    page.get_by_role("button", name="Tidy up").click()
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    after = studio.saved()
    size = "element => [element.offsetWidth, element.offsetHeight]"
    places = after["layout"] | {note["id"]: note for note in after["notes"]}
    assert places.keys() == {each["id"] for each in (*before["nodes"], *before["notes"])}
    boxes = [(place["x"], place["y"], *page.locator(f"[data-id={id}]").evaluate(size)) for id, place in places.items()]
    for number, (x, y, width, height) in enumerate(boxes):
        for left, top, wide, high in boxes[number + 1 :]:
            assert x + width <= left or left + wide <= x or y + height <= top or top + high <= y, places
    assert places["island"]["y"] > max(place["y"] for id, place in places.items() if id != "island")
    assert after["layout"]["start"]["x"] < after["layout"]["ask"]["x"] < after["layout"]["again"]["x"]
    page.keyboard.press("Control+z")
    expect(page.get_by_role("status")).to_have_text("Saved")
    assert (studio.saved()["layout"], studio.saved()["notes"]) == (before["layout"], before["notes"])


def test_from_afar_a_broken_step_is_still_seen(page: Page, office: Office) -> None:
    sign_in(page, office)
    document = scattered()
    document["nodes"][3]["config"]["node"] = "gone"
    document["layout"]["island"] = {"x": 6000, "y": 3000}
    studio = Studio(page, office, office.flow("Broken", document))
    expect(page.get_by_text("70%", exact=True)).to_be_visible()  # it has begun at its first step
    page.keyboard.press("1")
    ring = re.compile("0px 0px 0px 6px$")
    expect(page.locator("[data-small]")).to_be_visible()
    broken, sound = (studio.card(title).locator("article") for title in ("Jump", "Ask"))
    expect(broken).to_have_attribute("data-trouble", "error")
    expect(broken).to_have_css("box-shadow", ring)
    expect(sound).not_to_have_css("box-shadow", ring)
