"""Content fits every channel: nothing that can be chosen is lost, and no limit is passed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.core.degrade import cut, distinct, fit
from nodes.choice import options_of, typed
from schemas.capability import Capabilities
from schemas.content import Button, Buttons, Location, Media, Menu, Row, Section, TemplateMessage, Text

ANY_CHANNEL = st.builds(
    Capabilities,
    text=st.just(400),
    buttons=st.integers(0, 3),
    button_title=st.integers(8, 20),
    rows=st.sampled_from([0, 2, 10]),
    row_title=st.integers(8, 24),
    interactive_text=st.integers(20, 60),
    media=st.sampled_from([(), ("image",)]),
)
TITLES = st.lists(st.text("abc ä", min_size=1, max_size=25).filter(str.strip), min_size=1, max_size=10)


@given(ANY_CHANNEL, TITLES, st.booleans())
def test_every_option_can_still_be_chosen(channel: Capabilities, titles: list[str], media: bool) -> None:
    buttons = tuple(Button(f"id{index}", title) for index, title in enumerate(titles))
    asked = Buttons("Which one? " * 20, buttons, header_media=Media("image", url="https://x.y/z.png") if media else None)
    shown = fit(asked, channel)
    match shown:
        case Buttons():
            made, limit = [button.title for button in shown.buttons], channel.button_title
            assert len(made) <= channel.buttons
        case Menu():
            made, limit = [row.title for section in shown.sections for row in section.rows], channel.row_title
            assert len(made) <= channel.rows
        case Text():
            made, limit = [], 0
            assert len(shown.text) <= channel.text
            assert all(f"{index}. {title}" in shown.text for index, title in enumerate(titles, 1))
        case _:
            raise AssertionError(shown)
    if made:
        assert len(set(made)) == len(titles) == len(made)
        assert all(1 <= len(title) <= limit for title in made)
        assert len(shown.text) <= channel.interactive_text
    options = options_of(asked, shown)
    assert [option[0] for option in options] == [button.id for button in buttons]
    if not any(title.strip().isdigit() for title in titles):
        assert typed(str(len(titles)), options) == options[-1]


@given(st.lists(st.text(max_size=30), max_size=12), st.integers(8, 24))
def test_titles_stay_distinct_within_the_limit(titles: list[str], limit: int) -> None:
    made = distinct(titles, limit)
    assert len(set(made)) == len(titles)
    assert all(len(title) <= limit for title in made)


def test_a_text_is_cut_with_an_ellipsis() -> None:
    assert fit(Text("x" * 11), Capabilities(text=10)) == Text("x" * 9 + "…")
    assert cut("x" * 10, 10) == "x" * 10


def test_media_that_a_channel_has_not_becomes_its_caption_and_address() -> None:
    media = Media("video", url="https://x.y/z.mp4", caption="Look " * 300)
    assert fit(replace(media, caption="Look"), Capabilities(media=("image",))) == Text("Look\n\nhttps://x.y/z.mp4")
    shown = fit(media, Capabilities())
    assert isinstance(shown, Media)
    assert len(shown.caption) == 1024


def test_a_long_question_is_cut_before_an_option_is() -> None:
    rows = tuple(Row(str(n), f"Option {n}", "more") for n in range(3))
    menu = Menu("Why? " * 100, "Open", (Section(rows[:2], "First"), Section(rows[2:], "Then")), footer="Bye")
    shown = fit(menu, Capabilities(text=120))
    assert isinstance(shown, Text)
    assert len(shown.text) <= 120
    assert shown.text.endswith("First:\n1. Option 0 – more\n2. Option 1 – more\nThen:\n3. Option 2 – more\n\nBye")


def test_options_that_are_numbers_get_no_numbers() -> None:
    shown = fit(Buttons("How was it?", (Button("a", "5"), Button("b", "3"))), Capabilities())
    assert shown == Text("How was it?\n\n5\n3")


def test_places_and_templates_become_text_where_they_must() -> None:
    plain = Capabilities(location=False, templates=False)
    assert fit(Location(1.5, 2.5, "Shop", "Main St 1"), plain) == Text("Shop, Main St 1\n\nhttps://maps.google.com/?q=1.5,2.5")
    assert fit(TemplateMessage("t", "en", header=("Hi",), text="Bye"), plain) == Text("Hi\n\nBye")
    template = TemplateMessage("t", "en")
    assert fit(template, Capabilities(templates=True)) is template
