"""Which option of a message with buttons or a list a reply means: by tap, by typed text, or by number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engine.core.degrade import answered_by_number
from engine.core.fold import fold, words
from engine.core.message import said
from engine.core.value import Wait
from schemas.content import Buttons, Choice, Content, Menu
from schemas.event import MessageReceived

Option = Sequence[str]
"""(id, title, title as shown). A list in the wait's JSON."""

_NUMBER = re.compile(r"#?([0-9]{1,2})[.)]?")


def options_of(meant: Content, shown: Content) -> list[list[str]]:
    """The options of a message, with their titles as the author meant them and as the channel shows them."""
    titles = dict(_titles(shown))
    return [[id, title, titles.get(id, title)] for id, title in _titles(meant)]


def _titles(content: Content) -> Iterator[tuple[str, str]]:
    match content:
        case Buttons(buttons=buttons):
            yield from ((button.id, button.title) for button in buttons)
        case Menu(sections=sections):
            yield from ((row.id, row.title) for section in sections for row in section.rows)
        case _:
            return


def chosen(received: MessageReceived, wait: Wait) -> Option | None:
    """The option that a reply means, or None.

    A tap answers only the wait whose message carried it; an older tap counts as its typed title.
    """
    options: Sequence[Option] = wait.data.get("options", ())
    content = received.content
    if isinstance(content, Choice) and not _is_older(content.message or received.reply_to, wait):
        tapped = next((option for option in options if option[0] == content.button), None)
        if tapped is not None:
            return tapped
    return typed(said(content), options)


def _is_older(carrier: str, wait: Wait) -> bool:
    """True if the tapped message is one of ours, and not one on which the wait stands; an unknown one may be."""
    return carrier.isdecimal() and carrier.isascii() and int(carrier) not in wait.messages


def typed(text: str, options: Sequence[Option]) -> Option | None:
    """The option that a typed text names: its title or id, whatever the case and accents, else its number.

    >>> typed("YES!", [["y", "Yes ✓"], ["n", "No"]]), typed("2.", [["y", "Yes ✓"], ["n", "No"]])
    (['y', 'Yes ✓'], ['n', 'No'])
    """
    folded = fold(text)
    for form in (fold, _bare):
        wanted = form(folded)
        for option in options:
            if wanted and any(wanted == form(name) for name in option):
                return option
    number = _NUMBER.fullmatch(folded)
    if number is not None and answered_by_number(option[1] for option in options):
        place = int(number[1])
        return options[place - 1] if 1 <= place <= len(options) else None
    return None


def _bare(text: str) -> str:
    """Only the words: an emoji or an exclamation mark makes no other answer."""
    return " ".join(words(fold(text)))
