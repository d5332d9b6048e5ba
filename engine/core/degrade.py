"""Fits what is to be said to what a channel can show: buttons become a list, a list becomes numbered text, long texts are cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.core.evolve import evolve
from engine.core.fold import fold
from schemas.capability import Capabilities
from schemas.content import Buttons, Content, Location, Media, Menu, Row, Section, TemplateMessage, Text

ELLIPSIS = "…"
OPEN_LIST = "Choose"
"""What opens a list that was meant as buttons: those have no such label of their own."""


def fit(content: Content, capabilities: Capabilities) -> Content:
    """The content as the channel can show it. Nothing that can be chosen is ever left out; only texts are cut.

    >>> rows = (Row("y", "Yes"), Row("n", "No"))
    >>> fit(Menu("Tea?", "Choose", (Section(rows),)), Capabilities(rows=0))
    Text(text='Tea?\\n\\n1. Yes\\n2. No', kind='text')
    """
    if type(content) is Text and len(content.text) <= capabilities.text:
        return content
    match content:
        case Text(text=text):
            return Text(cut(text, capabilities.text))
        case Media():
            return _media(content, capabilities)
        case Buttons():
            return _buttons(content, capabilities)
        case Menu():
            return _menu(content, capabilities)
        case Location() if not capabilities.location:
            place = ", ".join(part for part in (content.name, content.address) if part)
            point = f"https://maps.google.com/?q={content.latitude},{content.longitude}"
            return Text(_paragraphs(place, point))
        case TemplateMessage() if not capabilities.templates:
            link = content.header_media.url if content.header_media else ""
            return Text(cut(_paragraphs(*content.header, content.text, link), capabilities.text))
        case _:
            return content


def cut(text: str, limit: int) -> str:
    """At most `limit` characters; what is cut ends with an ellipsis.

    >>> cut("Good morning", 8), cut("Hi", 8)
    ('Good mo…', 'Hi')
    """
    return text if len(text) <= limit else text[: limit - 1].rstrip() + ELLIPSIS


def distinct(titles: Iterable[str], limit: int) -> tuple[str, ...]:
    """Titles on one line, cut to the limit, and numbered where cutting made two the same (providers refuse equal ones).

    >>> distinct(["Delivery on Monday", "Delivery on Tuesday"], 12)
    ('Delivery on…', 'Delivery… 2')
    """
    made: list[str] = []
    for title in titles:
        plain = " ".join(title.split())
        short, number = cut(plain, limit), 2
        while short in made:
            suffix = f" {number}"
            short, number = cut(plain, limit - len(suffix)) + suffix, number + 1
        made.append(short)
    return tuple(made)


def answered_by_number(titles: Iterable[str]) -> bool:
    """True if a bare number picks an option by its place: not where an option is itself called a number.

    >>> answered_by_number(["Yes", "No"]), answered_by_number(["5", "4", "3"])
    (True, False)
    """
    return not any(fold(title).isdigit() for title in titles)


def _media(media: Media, capabilities: Capabilities) -> Content:
    if media.kind in capabilities.media:
        return evolve(media, caption=cut(media.caption, capabilities.caption))
    return Text(cut(_paragraphs(media.caption, media.url or media.filename or media.media), capabilities.text))


def _buttons(asked: Buttons, capabilities: Capabilities) -> Content:
    titles = [button.title for button in asked.buttons]
    media = asked.header_media
    if len(titles) <= capabilities.buttons and (media is None or media.kind in capabilities.media):
        shown = distinct(titles, capabilities.button_title)
        return evolve(
            asked,
            text=cut(asked.text, capabilities.interactive_text),
            buttons=tuple(evolve(button, title=title) for button, title in zip(asked.buttons, shown, strict=True)),
            header=cut(asked.header, capabilities.header),
            footer=cut(asked.footer, capabilities.footer),
        )
    if media is not None:
        asked = evolve(asked, text=_paragraphs(asked.text, media.url or media.filename or media.media), header_media=None)
        return _buttons(asked, capabilities)
    rows = tuple(Row(button.id, button.title) for button in asked.buttons)
    return _menu(Menu(asked.text, OPEN_LIST, (Section(rows),), asked.header, asked.footer), capabilities)


def _menu(asked: Menu, capabilities: Capabilities) -> Content:
    rows = [row for section in asked.sections for row in section.rows]
    if len(rows) > capabilities.rows:
        return _numbered(asked, rows, capabilities)
    shown = iter(distinct([row.title for row in rows], capabilities.row_title))
    sections = tuple(
        Section(
            tuple(
                evolve(row, title=next(shown), description=cut(row.description, capabilities.row_description))
                for row in section.rows
            ),
            cut(section.title, capabilities.row_title),
        )
        for section in asked.sections
    )
    return evolve(
        asked,
        text=cut(asked.text, capabilities.interactive_text),
        button=cut(asked.button, capabilities.list_button),
        sections=sections,
        header=cut(asked.header, capabilities.header),
        footer=cut(asked.footer, capabilities.footer),
    )


def _numbered(asked: Menu, rows: Sequence[Row], capabilities: Capabilities) -> Text:
    """The options as lines of text. The question is cut before an option is."""
    numbers = answered_by_number(row.title for row in rows)
    lines: list[str] = []
    number = 0
    for section in asked.sections:
        if section.title:
            lines.append(f"{section.title}:")
        for row in section.rows:
            number += 1
            title = f"{number}. {row.title}" if numbers else row.title
            lines.append(f"{title} – {row.description}" if row.description else title)
    options = _paragraphs("\n".join(lines), asked.footer)
    question = _paragraphs(asked.header, asked.text)
    room = capabilities.text - len(options) - 2
    return Text(cut(_paragraphs(cut(question, room) if room > 0 else "", options), capabilities.text))


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)
