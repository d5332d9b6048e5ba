"""Problems of a flow's languages: gaps, old translations, and what they break."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm.flows import content_hash
from engine.core.check import NOTHING_KNOWN, Checked, check
from nodes import node_types
from schemas.capability import Capabilities

WHATSAPP = replace(NOTHING_KNOWN, channels={"WhatsApp": Capabilities(buttons=3, rows=10, button_title=20)})


def flow(translations: Any, text: str = "Hi {{contact.name}}", **more: Any) -> dict[str, Any]:
    buttons = [{"id": "y", "title": "Yes"}, {"id": "n", "title": "👎"}]
    nodes = [
        {"id": "start", "type": "trigger", "config": {"on": {"kind": "message"}}},
        {"id": "hi", "type": "send_message", "label": "Greet", "config": {"text": text, "buttons": buttons}},
        {"id": "bye", "type": "send_message", "config": {"text": "Bye"}},
    ]
    edges = [{"from": "start", "to": "hi"}, {"from": "hi", "port": "y", "to": "bye"}]
    return {"name": "F", "language": "en", "nodes": nodes, "edges": edges, "translations": translations, **more}


def put(text: str, source: str) -> dict[str, str]:
    return {"text": text, "source": source}


GREET, YES, BYE = "/nodes/hi/config/text", "/nodes/hi/config/buttons/y/title", "/nodes/bye/config/text"
WHOLE = {GREET: put("Hallo {{contact.name}}", "Hi {{contact.name}}"), YES: put("Ja", "Yes"), BYE: put("Tschüss", "Bye")}


def checked(translations: Any, **more: Any) -> Checked:
    return check(flow(translations, **more), node_types(), WHATSAPP)


CODES = {
    "missing_language", "doubled_language", "unknown_language", "missing_translation", "stale_translation", "other_merge_fields",
    "unused_translation", "unknown_variable", "text_too_long", "too_long", "bad_format", "unknown_key",
}  # fmt: skip


def of_languages(result: Checked) -> list[tuple[str, str, str]]:
    return [(each.code, each.level, each.pointer) for each in result.problems if each.code in CODES]


def at(place: str, language: str = "de") -> str:
    return f"/translations/{language}/" + place.replace("/", "~1")


def test_a_whole_translation_has_no_problems() -> None:
    result = checked({"de": WHOLE})
    assert of_languages(result) == []
    assert result.program is not None


def test_a_gap_is_told_once_for_each_node_with_all_languages() -> None:
    result = checked({"de": {BYE: WHOLE[BYE]}, "bn": {YES: put("হ্যাঁ", "Yes")}})
    assert of_languages(result) == [
        ("missing_translation", "warning", "/nodes/1/config"),
        ("missing_translation", "warning", "/nodes/2/config"),
    ]
    messages = [each.message for each in result.problems if each.code == "missing_translation"]
    assert messages[0] == "“Greet” is not wholly translated: 2 texts into de and 1 text into bn."


def test_a_language_in_which_nothing_is_translated_yet_is_one_problem() -> None:
    result = checked({"de": WHOLE, "fr": {}})
    assert of_languages(result) == [("missing_translation", "warning", "/translations/fr")]


def test_a_text_that_changed_makes_its_translation_stale() -> None:
    result = checked({"de": WHOLE}, text="Hello {{contact.name}}")
    assert of_languages(result) == [("stale_translation", "warning", at(GREET))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hallo", [("other_merge_fields", "warning")]),
        ("Hallo {{contact.name}} {{contact.email}}", [("other_merge_fields", "warning")]),
        ("Hallo {{contact.name|du}}", []),
        ("Hallo {{contact.name}} {{nmae}}", [("unknown_variable", "error"), ("other_merge_fields", "warning")]),
    ],
)
def test_merge_fields_are_those_of_the_source(text: str, found: list[tuple[str, str]]) -> None:
    result = checked({"de": {**WHOLE, GREET: put(text, "Hi {{contact.name}}")}})
    assert of_languages(result) == [(code, level, at(GREET) + "/text") for code, level in found]


def test_channel_limits_hold_in_each_language() -> None:
    result = checked({"de": {**WHOLE, YES: put("Ja, das möchte ich unbedingt", "Yes")}})
    assert of_languages(result) == [("text_too_long", "warning", at(YES) + "/text")]
    assert "In de:" in next(each.message for each in result.problems if each.code == "text_too_long")


def test_a_translation_that_the_node_refuses_is_an_error_at_its_place() -> None:
    result = checked({"de": {**WHOLE, YES: put("J" * 1_001, "Yes")}})
    assert of_languages(result) == [("too_long", "error", at(YES) + "/text")]
    assert result.program is None


def test_a_translation_that_the_flows_settings_refuse_is_an_error_at_its_place() -> None:
    long = {"/settings/handoff_text": put("E" * 1_001, "One moment")}
    result = checked({"de": {**WHOLE, **long}}, settings={"handoff_text": "One moment"})
    assert of_languages(result) == [("too_long", "error", at("/settings/handoff_text") + "/text")]
    assert result.program is None


def test_what_is_wrong_with_the_source_is_told_there_alone() -> None:
    result = checked({"de": {**WHOLE, GREET: put("Hallo", "Hi {{nmae}}")}}, text="Hi {{nmae}}")
    assert of_languages(result) == [
        ("unknown_variable", "error", "/nodes/1/config/text"),
        ("other_merge_fields", "warning", at(GREET) + "/text"),
    ]


def test_a_translation_of_what_is_gone_is_kept_and_shown() -> None:
    gone = {"/nodes/old/config/text": put("x", "y"), "/nodes/bye/config/header": put("x", "y")}
    result = checked({"de": {**WHOLE, **gone}})
    assert of_languages(result) == [("unused_translation", "info", at("/nodes/old/config/text"))]
    assert result.document is not None
    assert result.document.translations["de"].keys() == {*WHOLE, *gone}


def test_translations_of_a_node_that_cannot_be_read_are_not_called_gone() -> None:
    document = flow({"de": WHOLE})
    document["nodes"][2]["config"] = {"text": 5}
    assert "unused_translation" not in [each.code for each in check(document, node_types()).problems]


@pytest.mark.parametrize(
    ("languages", "code", "level", "pointer"),
    [
        ({"language": None}, "missing_language", "error", "/translations"),
        ({"language": "de"}, "doubled_language", "error", "/translations/de"),
        ({"language": "xx"}, "unknown_language", "warning", "/language"),
        ({"language": "english"}, "bad_format", "error", "/language"),
    ],
)
def test_languages_are_named_once_and_rightly(languages: dict[str, Any], code: str, level: str, pointer: str) -> None:
    assert (code, level, pointer) in of_languages(checked({"de": WHOLE}, **languages))


def test_two_ways_to_write_a_language_are_one() -> None:
    assert ("doubled_language", "error", "/translations/pt-br") in of_languages(checked({"pt-BR": WHOLE, "pt-br": WHOLE}))


def test_unknown_keys_and_places_are_refused() -> None:
    assert ("unknown_key", "error", at(BYE) + "/why") in of_languages(checked({"de": {BYE: {**WHOLE[BYE], "why": 1}}}))
    assert checked({"de": {"/nodes/bye": WHOLE[BYE]}}).program is None


def test_languages_count_in_the_content_hash_and_are_not_seen_without() -> None:
    plain = {"name": "A"}
    assert content_hash(plain) == "f9c7dc78373e5c8f822d2bd998f043bf8b8db35c928903ea9a093da69bf83eb5"
    assert content_hash({**plain, "language": None, "translations": {}}) == content_hash(plain)
    assert content_hash({**plain, "language": "en"}) != content_hash(plain)
    assert content_hash(flow({"de": WHOLE})) != content_hash(flow({"de": {**WHOLE, BYE: put("Ciao", "Bye")}}))


def test_a_check_says_what_is_translated_by_node() -> None:
    result = checked({"de": WHOLE}, settings={"handoff_text": "One moment"})
    assert {node: [(each.place, each.pointer) for each in texts] for node, texts in result.texts.items()} == {
        "hi": [
            (GREET, "/nodes/1/config/text"),
            (YES, "/nodes/1/config/buttons/0/title"),
            ("/nodes/hi/config/buttons/n/title", "/nodes/1/config/buttons/1/title"),
        ],
        "bye": [(BYE, "/nodes/2/config/text")],
        "": [("/settings/handoff_text", "/settings/handoff_text")],
    }
    assert check({"name": "F"}, node_types()).texts == {}
