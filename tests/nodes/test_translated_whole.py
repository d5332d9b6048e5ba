"""What translators get is all that contacts read: with each exported text translated, no golden says a word of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from string import Formatter
from typing import Any

import pytest

from crm.translation import rows_of
from engine.core.phrase_book import ENGLISH, PHRASES
from nodes import NODE_TYPES
from schemas.content import dump_content
from tests.nodes.playing import GOLDENS, TYPES, Document, happen_all, set_stage
from tests.nodes.test_translatable import MARKED

OTHER = "bn"
"""A language in which PostDog has no words of its own, so that those are translated too."""
SETTINGS = {"retry_text": "What was that?", "handoff_text": "A person comes.", "handoff_words": ["person"]}
UNSEEN = {"kind", "id", "url", "media", "filename", "latitude", "longitude"}
"""What contacts don't read of a content: names for machines. A file's name and address are the same in all languages."""
OF_TEMPLATES = {"body", "named", "header"}
"""What we say in a template; the rest of it is approved by WhatsApp, in each language."""
OURS = re.compile(
    "|".join(
        "".join(re.escape(text) + (".*" if name is not None else "") for text, name, _, _ in Formatter().parse(sentence))
        for sentence in PHRASES[ENGLISH].values()
        if sentence.endswith(".")
    )
    + f"|{PHRASES[ENGLISH]['open_list']}"
)
"""PostDog's own words that stand in no document: its sentences, and what opens a list that was meant as buttons."""
CASES = [
    pytest.param(each.name, case, id=f"{each.name}: {case['name']}")
    for each in NODE_TYPES
    for case in json.loads((GOLDENS / f"{each.name}.json").read_text("utf-8"))
]


def translated(document: Document) -> Document:
    """The document with a number for each text of the translators' export."""
    own = {**document, "language": "en", "settings": {**SETTINGS, **document.get("settings", {})}, "translations": {OTHER: {}}}
    rows = rows_of(own, TYPES, OTHER)
    texts = {row.place: {"text": f"⟦{number}⟧", "source": row.source} for number, row in enumerate(rows)}
    return {**own, "translations": {OTHER: texts}}


def read(content: Any, within: str = "") -> Iterator[str]:
    """Every text of a content that contacts read."""
    if isinstance(content, dict):
        wanted = OF_TEMPLATES if content.get("kind") == "template" else content.keys() - UNSEEN
        for key in sorted(wanted & content.keys()):
            yield from read(content[key], key)
    elif isinstance(content, list | tuple):
        for each in content:
            yield from read(each, within)
    elif isinstance(content, str):
        yield content


def values(data: Any) -> Iterator[str]:
    """Every text among the data of a case: what contacts, models and other systems said."""
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        for each in data:
            yield from values(each)
    elif isinstance(data, str):
        yield data


def said(type: str, case: Document) -> list[str]:
    """What a contact reads who speaks the other language."""
    stage = set_stage(type, case, translated)
    stage.person = replace(stage.person, contact=replace(stage.person.contact, language=OTHER))
    happen_all(stage, type, case)
    contents = [each for message in stage.sent for each in (message.content, message.fallback) if each is not None]
    return [text for content in contents for text in read(dump_content(content))]


def of_whatsapp(case: Document) -> re.Pattern[str]:
    """The texts of the templates that are approved here, filled with anything."""
    bodies = [body for *_, body in case.get("given", {}).get("templates", [])]
    return re.compile("|".join(".*".join(map(re.escape, re.split(r"{{\w+}}", body))) for body in bodies) or "(?!)")


@pytest.mark.parametrize(("type", "case"), CASES)
def test_nothing_is_said_that_translators_did_not_get(type: str, case: Document) -> None:
    others, templates = set(values(case.get("events", []))), of_whatsapp(case)
    words = [text for text in said(type, case) if any(map(str.isalpha, text)) and text not in others]
    assert [text for text in words if not OURS.fullmatch(text) and not templates.fullmatch(text)] == []


def test_the_goldens_show_what_is_said() -> None:
    """Else the test above would see nothing: every node type that speaks is heard, in every kind of content that it has."""
    heard: dict[str, set[str]] = {}
    for param in CASES:
        type, case = param.values
        assert isinstance(type, str)
        assert isinstance(case, dict)
        numbers = [text for text in said(type, case) if "⟦" in text]
        if numbers:
            heard.setdefault(type, set()).update(numbers)
    assert {"ask", "send_message", "wait"} <= heard.keys()
    assert heard.keys() >= MARKED.keys() - {"notify"}, "what tells a team is read by no contact"
