"""The chat page and the widget in a real browser, against the demo server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.fakes.webchat_demo.running import Running, running
from tests.fakes.webchat_demo.script import BUTTONS

HOSTILE = [
    "<img src=x onerror=\"document.body.dataset.owned='1'\">",
    "<script>document.body.dataset.owned='1'</script>",
    "*<svg onload=document.body.dataset.owned='1'>*",
    "javascript:document.body.dataset.owned='1'",
]


@pytest.fixture
def server() -> Iterator[Running]:
    with running() as served:
        yield served


@pytest.fixture
def chat(page: Page, server: Running) -> Page:
    page.goto(f"{server.url}/chat/ch_demo")
    expect(page.get_by_text("Online", exact=True)).to_be_visible()
    return page


def write(place: Page | FrameLocator, text: str) -> None:
    field = place.get_by_role("textbox", name="Message")
    field.fill(text)
    field.press("Enter")


def bubbles(place: Page | FrameLocator) -> Locator:
    """The texts of the conversation, top to bottom; each begins with its hidden speaker."""
    return place.locator(".row .bubble")


def texts(server: Running) -> list[str]:
    return [message["content"].get("text", "") for message in server.room.messages]


def test_a_text_is_sent_answered_and_marked_as_sent(chat: Page, server: Running) -> None:
    write(chat, "hello *there* https://example.com/a_b_c?x=1.")
    expect(bubbles(chat)).to_have_count(2)
    expect(chat.locator(".mine .meta")).to_contain_text("Sent")
    expect(chat.locator(".mine strong")).to_have_text("there")
    expect(chat.locator(".mine a")).to_have_attribute("href", "https://example.com/a_b_c?x=1")
    assert texts(server)[0] == "hello *there* https://example.com/a_b_c?x=1."


def test_a_tapped_button_is_marked_and_shown_as_the_visitors_message(chat: Page, server: Running) -> None:
    write(chat, "buttons")
    chat.get_by_role("button", name="Keep this time").click()
    expect(bubbles(chat).nth(2)).to_have_text("You: Keep this time")
    expect(bubbles(chat).nth(3)).to_contain_text("You chose: Keep this time")
    expect(chat.get_by_role("button", name="Keep this time")).to_be_disabled()
    expect(chat.get_by_role("button", name="Choose another day")).to_be_enabled()
    choice = next(frame for frame in server.room.received if frame["type"] == "send" and frame["content"]["kind"] == "choice")
    assert choice["content"] == {
        "kind": "choice", "button": "keep", "title": "Keep this time", "message": server.room.messages[1]["id"],
    }  # fmt: skip


def test_a_list_opens_and_is_chosen_by_keyboard(chat: Page, server: Running) -> None:
    write(chat, "list")
    chat.get_by_role("button", name="Choose a day").focus()
    chat.keyboard.press("Enter")
    expect(chat.get_by_role("dialog", name="Choose a day")).to_be_visible()
    chat.keyboard.press("ArrowDown")
    chat.keyboard.press("Enter")
    expect(bubbles(chat).nth(2)).to_have_text("You: Friday")
    expect(chat.get_by_role("dialog")).to_have_count(0)
    expect(bubbles(chat).nth(3)).to_contain_text("You chose: Friday")  # so the server has it
    assert server.room.messages[2]["content"]["button"] == "fri"


def test_nothing_is_lost_or_doubled_when_the_connection_drops(chat: Page, server: Running) -> None:
    write(chat, "before")
    expect(bubbles(chat)).to_have_count(2)
    server.demo.closed = True
    server.drop()
    expect(chat.get_by_role("status")).to_contain_text("Reconnecting…")
    server.say({"kind": "text", "text": "said while you were away"})
    write(chat, "written while away")
    expect(chat.get_by_role("status")).to_contain_text("will be sent")
    server.demo.closed = False
    expect(bubbles(chat).nth(4)).to_contain_text("You said: written while away")
    expect(bubbles(chat)).to_have_count(5)
    expect(chat.get_by_role("status")).to_be_hidden()
    assert texts(server) == [
        "before", "You said: before", "said while you were away", "written while away", "You said: written while away",
    ]  # fmt: skip


def test_a_message_whose_answer_was_lost_is_sent_again_with_the_same_id(chat: Page, server: Running) -> None:
    server.demo.lose_answers = 1
    write(chat, "quiet")
    expect(chat.locator(".mine .meta")).to_contain_text("Sent")
    expect(bubbles(chat)).to_have_count(1)
    assert texts(server) == ["quiet"]
    assert server.demo.connections == 2
    assert chat.evaluate("Object.keys(localStorage).filter((key) => key.includes(':out:')).length") == 0


def test_history_and_unsent_messages_survive_a_reload(chat: Page, server: Running) -> None:
    write(chat, "buttons")
    chat.get_by_role("button", name="Keep this time").click()
    expect(bubbles(chat)).to_have_count(4)
    server.demo.closed = True
    server.drop()
    write(chat, "unsent")
    expect(bubbles(chat)).to_have_count(5)
    chat.reload()
    expect(bubbles(chat)).to_have_text(["You: unsent"])
    server.demo.closed = False
    expect(bubbles(chat)).to_have_count(6)
    expect(bubbles(chat).nth(4)).to_have_text("You: unsent")
    expect(chat.get_by_role("button", name="Keep this time")).to_be_disabled()
    assert len(server.demo.rooms) == 1


def test_a_refused_message_says_why_and_can_be_deleted(chat: Page) -> None:
    write(chat, "refuse")
    expect(chat.locator(".mine .meta")).to_contain_text("Write something else.")
    chat.get_by_role("button", name="Delete").click()
    expect(bubbles(chat)).to_have_count(0)


def test_a_visitor_whose_token_expired_gets_a_new_session(chat: Page, server: Running) -> None:
    server.demo.closed = True
    server.drop()
    server.demo.rooms.clear()
    server.demo.closed = False
    write(chat, "quiet")
    expect(chat.locator(".mine .meta")).to_contain_text("Sent")
    assert texts(server) == ["quiet"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_stays_text_wherever_it_stands(chat: Page, server: Running, hostile: str) -> None:
    row = {"id": "a", "title": hostile, "description": hostile}
    contents: list[dict[str, Any]] = [
        {"kind": "text", "text": hostile},
        {**BUTTONS, "text": hostile, "header": hostile, "footer": hostile, "buttons": [{"id": "x", "title": hostile}]},
        {"kind": "document", "url": "javascript:alert(1)", "name": hostile, "caption": hostile},
        {"kind": "image", "url": "javascript:alert(1)", "caption": hostile},
        {"kind": "location", "latitude": hostile, "longitude": 1, "name": hostile, "address": hostile},
        {"kind": hostile},
        {"kind": "list", "text": hostile, "button": hostile, "sections": [{"title": hostile, "rows": [row]}]},
    ]
    for content in contents:
        server.say(content, "agent", hostile)
    expect(bubbles(chat)).to_have_count(len(contents))
    expect(bubbles(chat).first).to_contain_text(hostile.strip("*"))
    chat.locator(".choice").last.click()
    expect(chat.get_by_role("dialog")).to_be_visible()
    assert chat.evaluate("document.body.dataset.owned") is None
    assert chat.locator(".row img, .row script, .row a[href^='javascript'], dialog img").count() == 0


def test_a_file_is_uploaded_with_its_caption_and_one_too_large_is_refused_kindly(chat: Page, server: Running) -> None:
    picker = chat.locator("input[type=file]")
    picker.set_input_files({"name": "big.bin", "mimeType": "application/zip", "buffer": b"0" * (1024 * 1024 + 1)})
    expect(chat.get_by_role("alert")).to_contain_text("under 1 MB")
    picker.set_input_files({"name": "note.txt", "mimeType": "text/plain", "buffer": b"hello"})
    write(chat, "my note")
    expect(chat.locator(".mine .meta")).to_contain_text("Sent")
    assert server.demo.uploads == [("note.txt", b"hello")]
    assert server.room.messages[0]["content"] == {"kind": "document", "media": "med_1", "caption": "my note"}


def test_typing_shows_until_the_message_comes(chat: Page, server: Running) -> None:
    server.call(server.room.tell({"type": "typing", "on": True, "from": "bot"}))
    expect(chat.locator(".typing")).to_be_visible()
    server.say({"kind": "text", "text": "here"})
    expect(chat.locator(".typing")).to_be_hidden()


def test_any_channel_colour_keeps_its_text_readable(chat: Page) -> None:
    worst = chat.evaluate(
        """async () => {
          const { contrast, inkOn, readable } = await import("/chat/assets/theme.js");
          const steps = Array.from({ length: 18 }, (_, step) => step * 15);
          const colours = steps.flatMap((red) => steps.flatMap((green) => steps.map((blue) => [red, green, blue])));
          const surfaces = [[255, 255, 255], [27, 31, 39]];
          return Math.min(...colours.flatMap((colour) => [
            contrast(colour, inkOn(colour)),
            ...surfaces.map((surface) => contrast(readable(colour, surface), surface)),
          ]));
        }"""
    )
    assert worst >= 4.5


def test_the_widget_opens_and_closes_by_keyboard_and_gives_the_focus_back(page: Page, server: Running) -> None:
    page.goto(f"{server.host_url}/demo/host.html")
    launcher = page.get_by_role("button", name="Chat with us")
    launcher.focus()
    page.keyboard.press("Enter")
    frame = page.frame_locator("#postdog-chat-widget iframe")
    expect(frame.get_by_role("textbox", name="Message")).to_be_focused()
    page.keyboard.type("quiet")
    page.keyboard.press("Enter")
    expect(bubbles(frame)).to_have_text(["You: quiet"])
    page.keyboard.press("Escape")
    expect(launcher).to_have_attribute("aria-expanded", "false")
    expect(launcher).to_be_focused()
    expect(page.locator("#postdog-chat-widget .panel")).to_be_hidden()


def test_unread_messages_are_counted_on_the_launcher_until_the_panel_is_opened(page: Page, server: Running) -> None:
    page.goto(f"{server.host_url}/demo/host.html")
    page.get_by_role("button", name="Chat with us").click()
    frame = page.frame_locator("#postdog-chat-widget iframe")
    write(frame, "quiet")
    expect(frame.locator(".mine .meta")).to_contain_text("Sent")
    frame.get_by_role("button", name="Close chat").click()
    server.say({"kind": "text", "text": "one"})
    server.say({"kind": "text", "text": "two"})
    launcher = page.get_by_role("button", name="Chat with us, 2 unread")
    expect(launcher).to_be_visible()
    launcher.click()
    expect(page.locator("#postdog-chat-widget .badge")).to_be_hidden()
    expect(bubbles(frame)).to_have_count(3)


def test_the_sites_own_styles_do_not_reach_the_widget(page: Page, server: Running) -> None:
    page.goto(f"{server.host_url}/demo/host.html")
    page.get_by_role("button", name="Chat with us").click()
    launcher = page.locator("#postdog-chat-widget button")
    expect(launcher).to_have_css("width", "60px")
    expect(launcher).to_have_css("background-color", "rgb(52, 87, 213)")
    expect(page.locator("#postdog-chat-widget")).to_have_css("position", "fixed")
    expect(page.locator("#postdog-chat-widget")).to_have_css("opacity", "1")
    panel = page.locator("#postdog-chat-widget iframe").bounding_box()
    assert panel is not None
    assert panel["width"] > 380


@pytest.mark.parametrize("page_options", [{"viewport": {"width": 360, "height": 640}, "has_touch": True}])
def test_on_a_phone_the_panel_fills_the_screen_and_nothing_scrolls_sideways(page: Page, server: Running) -> None:
    page.goto(f"{server.host_url}/demo/host.html")
    page.get_by_role("button", name="Chat with us").click()
    frame = page.frame_locator("#postdog-chat-widget iframe")
    write(frame, "W" * 300)
    expect(bubbles(frame)).to_have_count(2)
    panel = page.locator("#postdog-chat-widget iframe")
    expect(panel).to_have_js_property("clientWidth", 360)
    expect(panel).to_have_js_property("clientHeight", 640)
    log = frame.get_by_role("log")
    assert log.evaluate("(log) => log.scrollWidth <= log.clientWidth")


@pytest.mark.parametrize("page_options", [{"viewport": {"width": 900, "height": 700}, "color_scheme": "dark"}])
def test_dark_mode_follows_the_system(chat: Page) -> None:
    canvas = chat.locator("#chat").evaluate("(chat) => getComputedStyle(chat).backgroundColor")
    assert canvas == "rgb(18, 21, 27)"
