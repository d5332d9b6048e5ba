"""What Meta refuses templates for, found before they are submitted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from schemas.error import Invalid

PARAMETER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
NAMED = re.compile(r"[a-z][a-z0-9_]*")
WORDS_PER_PARAMETER = 3
"""Meta refuses bodies with "too many variables for its length"; reviewers name about this ratio."""
MOST_EMOJI = 10
EMOJI = re.compile(r"[\U0001F300-\U0001FAFF\u2600-\u27BF]")
SHORTENERS = ("bit.ly/", "tinyurl.com/", "wa.me/", "goo.gl/", "t.co/")


class InvalidTemplate(Invalid):
    """This can't be a template."""

    code = "invalid_template"


def parameters_of(body: str) -> tuple[str, ...]:
    """The parameters of a body in their order: 1, 2, … or names. Raises InvalidTemplate, which says what to write.

    >>> parameters_of("Hi {{1}}, your order #{{2}} has been confirmed!"), parameters_of("Hi {{name}}")
    (('1', '2'), ('name',))
    """
    found = tuple(dict.fromkeys(PARAMETER.findall(body)))
    if body.count("{{") != len(PARAMETER.findall(body)) or body.count("}}") != len(PARAMETER.findall(body)):
        raise InvalidTemplate("A parameter of the body isn't closed. Write it as {{1}} or {{name}}.")
    numbers = [name for name in found if name.isascii() and name.isdigit()]
    if numbers and len(numbers) != len(found):
        raise InvalidTemplate("The body mixes numbered and named parameters. Use {{1}}, {{2}} … or names, not both.")
    if numbers:
        wanted = [str(number) for number in range(1, len(numbers) + 1)]
        if sorted(numbers, key=int) != wanted:
            raise InvalidTemplate(f"The parameters must be numbered from {{{{1}}}} without a gap: {', '.join(wanted)}.")
        return tuple(wanted)
    bad = next((name for name in found if not NAMED.fullmatch(name)), None)
    if bad is not None:
        raise InvalidTemplate(f"“{bad[:40]}” is no parameter. A name has lower-case letters, digits and underscores.")
    return found


def preflight(body: str, footer: str, category: str, buttons: Sequence[object]) -> tuple[str, ...]:
    """Warnings of what is often a reason for rejection; sentences that say what to do.

    Source: Meta, "Template review: common rejection reasons".
    """
    return tuple(_findings(body, footer, category, buttons))


def _findings(body: str, footer: str, category: str, buttons: Sequence[object]) -> list[str]:
    found: list[str] = []
    text = body.strip()
    matches = list(PARAMETER.finditer(text))
    if matches and (matches[0].start() == 0 or matches[-1].end() == len(text)):
        found.append("The body begins or ends with a parameter; Meta refuses that. Put words before and after it.")
    if any(not text[a.end() : b.start()].strip() for a, b in pairwise(matches)):
        found.append("Two parameters stand side by side; Meta refuses that. Put words between them.")
    words = len(PARAMETER.sub(" ", text).split())
    if matches and words < WORDS_PER_PARAMETER * len(matches):
        found.append("There are many parameters for so few words; Meta may refuse that. Write more fixed text.")
    if "\n\n\n" in text or "     " in text or "\t" in text:
        found.append("The body holds more than two line breaks, four spaces or a tab in a row; Meta refuses that.")
    if any(short in text.lower() for short in SHORTENERS):
        found.append("The body holds a shortened link; Meta refuses those. Use the full address.")
    if len(EMOJI.findall(text)) > MOST_EMOJI:
        found.append(f"The body holds more than {MOST_EMOJI} emoji; Meta refuses that.")
    if category == "MARKETING" and "stop" not in (text + footer).lower() and not buttons:
        found.append("A marketing message should say how to opt out, such as the footer “Reply STOP to opt out”.")
    if category != "MARKETING" and re.search(r"\b(sale|discount|offer|coupon|% off|promo)\b", text, re.IGNORECASE):
        found.append(f"This reads like marketing; Meta may refuse or re-categorise it as {category}. Choose MARKETING.")
    return found
