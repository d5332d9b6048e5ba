"""What a node's check finds: each mistake at its pointer, with a sentence and a hint."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.cel.expressions import CelExpressions
from engine.core.build import Build
from engine.core.path import resolver
from engine.core.scope import Scope
from nodes import NODE_TYPES, node_types
from schemas.capability import Capabilities
from tests.nodes.test_goldens import cases

WHATSAPP = Capabilities(buttons=3, rows=10, templates=True, window=timedelta(hours=24))
SMS = Capabilities(text=160, media=(), location=False)
BUTTON = {"id": "y", "title": "Yes"}
ROW = {"id": "r", "title": "Row"}


def problems(type: str, config: Any, wired: tuple[str, ...] = (), channels: dict[str, Capabilities] | None = None) -> Any:
    node_type = node_types()[type]
    names = frozenset({"city", "appointment"})
    scope = Scope(Build("node", dict.fromkeys(wired, "x"), resolver(names)), channels or {}, variables=names)
    return list(node_type.check(node_type.Config.model_validate(config), scope))


def rows(count: int) -> dict[str, Any]:
    sections = [{"title": f"S{at}", "rows": [{"id": f"r{at}_{n}", "title": "x"} for n in range(count)]} for at in range(2)]
    return {"text": "?", "list": {"sections": sections}}


WHICH = {"text": "Which?", "answer": "choice", "choices": [BUTTON, BUTTON | {"id": "n"}]}
GIVEN = {"title": "Delivery", "text": "3 days"}
WAY = {"id": "order", "title": "An order", "examples": ["Where is it?"]}

WRONG = [
    ("ai_reply", {}, "no_texts", "/texts"),
    ("ai_reply", {"texts": [{"title": "Delivery", "text": " "}]}, "no_texts", "/texts"),
    ("ai_reply", {"texts": [GIVEN, {"title": "Returns"}]}, "empty_text", "/texts/1/text"),
    ("ai_reply", {"texts": [{"title": "All", "text": "x" * 9_999}] * 7}, "texts_too_long", "/texts"),
    ("ai_reply", {"texts": [GIVEN], "send": False}, "answer_unused", "/send"),
    ("ai_reply", {"texts": [GIVEN], "about": "{{cty}}"}, "unknown_variable", "/about"),
    ("ai_reply", {"texts": [GIVEN], "question": "{{x}}"}, "unknown_variable", "/question"),
    ("ai_choose", {}, "no_choices", "/choices"),
    ("ai_choose", {"choices": [WAY, WAY]}, "duplicate_id", "/choices/1/id"),
    ("ai_choose", {"choices": [{**WAY, "id": "unsure"}]}, "reserved_id", "/choices/0/id"),
    ("ai_choose", {"choices": [{"id": "order", "title": "An order"}]}, "thin_choice", "/choices/0/description"),
    ("ai_choose", {"choices": [WAY], "question": "{{x}}"}, "unknown_variable", "/question"),
    ("send_message", {}, "empty_content", ""),
    ("send_message", {"buttons": [BUTTON]}, "missing_text", ""),
    ("send_message", {"text": "a", "buttons": [BUTTON], "list": {"sections": [{"rows": [ROW]}]}}, "two_contents", "/list"),
    ("send_message", {"text": "a", "template": {"name": "t", "language": "en"}}, "two_contents", "/template"),
    ("send_message", {"text": "a", "location": {"latitude": 1, "longitude": 1}}, "two_contents", "/location"),
    ("send_message", {"text": "a", "media": {"kind": "image", "media": "med_1"}}, "two_contents", "/media"),
    ("send_message", {"text": "a", "buttons": [BUTTON, BUTTON]}, "duplicate_id", "/buttons/1/id"),
    ("send_message", {"text": "a", "buttons": [{"id": "timeout", "title": "x"}]}, "reserved_id", "/buttons/0/id"),
    ("send_message", {"text": "a", "buttons": [{"id": "next", "title": "x"}]}, "reserved_id", "/buttons/0/id"),
    ("send_message", rows(6), "too_many_rows", "/list/sections"),
    ("send_message", {"text": "?", "list": {"sections": [{"rows": [ROW]}, {"title": "B", "rows": [{"id": "q", "title": "Q"}]}]}},
     "missing_title", "/list/sections/0/title"),
    ("send_message", {"text": "Hi {{cty}}"}, "unknown_variable", "/text"),
    ("send_message", {"text": "a", "buttons": [{"id": "y", "title": "{{nobody}}"}]}, "unknown_variable", "/buttons/0/title"),
    ("send_message", {"template": {"name": "t", "language": "en", "parameters": ["{{x}}"]}}, "unknown_variable",
     "/template/parameters/0"),
    ("send_message", {"template": {"name": "t", "language": "en", "parameters": ["x"], "named": {"a": "b"}}}, "two_parameters",
     "/template/named"),
    ("send_message", {"template": {"name": "t", "language": "en", "buttons": {"first": "b"}}}, "bad_button",
     "/template/buttons/first"),
    ("send_message", {"template": {"name": "t", "language": "en"}, "fallback": {"name": "t", "language": "en"}},
     "unused_fallback", "/fallback"),
    ("send_message", {"media": {"kind": "image"}}, "missing_media", "/media"),
    ("send_message", {"media": {"kind": "image", "url": "http://x.y"}}, "bad_url", "/media/url"),
    ("send_message", {"media": {"kind": "image", "url": "https://x.y", "media": "med_1"}}, "two_media", "/media/url"),
    ("send_message", {"text": "a", "footer": "b"}, "unused_footer", "/footer"),
    ("send_message", {"text": "a", "timeout": "PT1H"}, "unused_timeout", "/timeout"),
    ("send_message", {"text": "a", "save_as": "b"}, "unused_save_as", "/save_as"),
    ("call_api", {"url": "https://"}, "bad_url", "/url"),
    ("call_api", {"url": "ftp://example.com"}, "bad_url", "/url"),
    ("call_api", {"url": "http://127.0.0.1/x"}, "private_address", "/url"),
    ("call_api", {"url": "https://{{city}}/x"}, "address_from_variable", "/url"),
    ("call_api", {"url": "{{city}}"}, "address_from_variable", "/url"),
    ("call_api", {"url": "http://example.com", "headers": {"A": "{{secret.K}}"}}, "secret_in_clear", "/url"),
    ("call_api", {"url": "https://example.com/{{cty}}"}, "unknown_variable", "/url"),
    ("call_api", {"url": "https://example.com", "headers": {"A": "{{cty}}"}}, "unknown_variable", "/headers/A"),
    ("call_api", {"url": "https://example.com", "send": "json"}, "no_json", "/json"),
    ("call_api", {"url": "https://example.com", "send": "json", "json": "{day: 1}"}, "bad_json", "/json"),
    ("call_api", {"url": "https://example.com", "send": "json", "json": '{"{{city}}": 1}'}, "merge_in_key", "/json"),
    ("call_api", {"url": "https://example.com", "save": {"a": "body.["}}, "bad_expression", "/save/a"),
    ("call_api", {"url": "https://example.com", "answers": [{"id": "ok", "status": "404"}]}, "reserved_id", "/answers/0/id"),
    ("call_api", {"url": "https://example.com", "answers": [{"id": "a", "status": "404"}, {"id": "b", "status": "404"}]},
     "duplicate_status", "/answers/1/status"),
    ("call_api", {"url": "https://example.com", "timeout": "PT1M"}, "too_long", "/timeout"),
    ("call_api", {"url": "https://example.com", "callback": True}, "callback_unnamed", "/callback"),
    ("call_api", {"url": "https://example.com?c={{callback.url}}"}, "callback_off", "/callback"),
    ("send_message", {"text": "{{secret.K}}"}, "secret_shown", "/text"),
    ("wait", {"for": {"kind": "reply", "expect": {"kind": "text", "pattern": "(a"}}}, "bad_pattern", "/for/expect/pattern"),
    ("wait", {"for": {"kind": "reply", "expect": {"kind": "number", "min": 5, "max": 1}}}, "empty_range", "/for/expect/min"),
    ("wait", {"for": {"kind": "reply", "expect": {"kind": "text", "min_length": 5, "max_length": 1}}}, "empty_range",
     "/for/expect/min_length"),
    ("wait", {"for": {"kind": "reply", "expect": {"kind": "date", "earliest": "2026-02-01", "latest": "2026-01-01"}}},
     "empty_range", "/for/expect/earliest"),
    ("wait", {"for": {"kind": "reply", "retry_text": "{{nobody}}"}}, "unknown_variable", "/for/retry_text"),
    ("wait", {"for": {"kind": "until"}}, "no_moment", "/for"),
    ("wait", {"for": {"kind": "until", "business_hours": True, "weekdays": ["mon"]}}, "two_moments", "/for"),
    ("wait", {"for": {"kind": "until", "at": "2026-02-31T10:00:00Z"}}, "bad_moment", "/for/at"),
    ("wait", {"for": {"kind": "until", "at": {"date": "2026-02-31"}}}, "bad_moment", "/for/at/date"),
    ("wait", {"for": {"kind": "until", "at": {"variable": "apointment"}}}, "unknown_variable", "/for/at/variable"),
    ("wait", {"for": {"kind": "until", "hours": {"weekly": []}}}, "never_open", "/for/hours/weekly"),
    ("condition", {"branches": [{"id": "else", "rule": {"subject": "city", "op": "is_set"}}]}, "reserved_id", "/branches/0/id"),
    ("condition", {"branches": [{"id": "a", "rule": {"subject": "city", "op": "is_set"}}] * 2}, "duplicate_id", "/branches/1/id"),
    ("condition", {"branches": [{"id": "a", "rule": {"all": [{"subject": "ctiy", "op": "is_set"}]}}]}, "unknown_subject",
     "/branches/0/rule/all/0/subject"),
    ("condition", {"branches": [{"id": "a", "rule": {"subject": "city", "op": "matches", "value": "(a"}}]}, "bad_pattern",
     "/branches/0/rule/value"),
    ("trigger", {"on": {"kind": "keyword", "words": ["(a"], "match": "pattern"}}, "bad_pattern", "/on/words/0"),
    ("trigger", {"on": {"kind": "keyword", "words": ["hi", " "]}}, "empty_keyword", "/on/words/1"),
    ("trigger", {"on": {"kind": "schedule", "cron": "61 * * * *", "tag": "a"}}, "bad_cron", "/on/cron"),
    ("trigger", {"on": {"kind": "schedule", "cron": "1 * * * *", "timezone": "Mars/Base", "tag": "a"}}, "unknown_timezone",
     "/on/timezone"),
    ("trigger", {"on": {"kind": "schedule", "cron": "1 * * * *"}}, "no_audience", "/on/tag"),
    ("trigger", {"on": {"kind": "schedule", "cron": "1 * * * *", "rule": {"subject": "city", "op": "is_set"}}}, "unknown_subject",
     "/on/rule/subject"),
    ("set", {"changes": [{"change": "variable", "value": "x"}]}, "missing_target", "/changes/0"),
    ("set", {"changes": [{"change": "opt_in"}, {"change": "add_tag"}]}, "missing_target", "/changes/1"),
    ("set", {"changes": [{"change": "name", "value": "{{cty}}"}]}, "unknown_variable", "/changes/0/value"),
    ("set", {"changes": [{"change": "variable", "variable": "n", "value": 1, "operation": "add", "operand": "{{m}}"}]},
     "unknown_variable", "/changes/0/operand"),
    ("set", {"changes": [{"change": "timezone", "value": "Mars/Base"}]}, "unknown_timezone", "/changes/0/value"),
    ("split", {"arms": [{"id": "a"}, {"id": "a"}]}, "duplicate_id", "/arms/1/id"),
    ("ask", {"text": "?", "answer": "choice"}, "no_choices", "/choices"),
    ("ask", {"text": "?", "answer": "choice", "choices": [{"id": "timeout", "title": "x"}]}, "reserved_id", "/choices/0/id"),
    ("ask", {"text": "?", "answer": "number", "min": 5, "max": 1}, "empty_range", "/min"),
    ("ask", {"text": "?", "pattern": "(a"}, "bad_pattern", "/pattern"),
    ("ask", {"text": "Hi {{cty}}"}, "unknown_variable", "/text"),
    ("trigger", {"on": {"kind": "message"}, "channels": ["ch_zzzzzzzzzzz"]}, "bad_channel", "/channels/0"),
]  # fmt: skip


@pytest.mark.parametrize(("type", "config", "code", "at"), WRONG, ids=lambda each: each if isinstance(each, str) else "")
def test_a_mistake_is_named_at_its_place(type: str, config: Any, code: str, at: str) -> None:
    found = problems(type, config)
    assert (code, at) in [(each.code, each.pointer) for each in found]
    for each in found:
        assert each.message.endswith(".") or each.code == "bad_pattern"  # RE2's own words
        assert each.level != "error" or each.hint


HARMLESS = [
    ("send_message", {"media": {"kind": "audio", "media": "med_1", "caption": "x"}}, "caption_lost", "/media/caption"),
    ("trigger", {"on": {"kind": "keyword", "words": ["hi", "HI"]}}, "duplicate_keyword", "/on/words/1"),
    ("trigger", {"on": {"kind": "api"}, "interrupts": True}, "unused_interrupts", "/interrupts"),
]


@pytest.mark.parametrize(("type", "config", "code", "at"), HARMLESS, ids=lambda each: each if isinstance(each, str) else "")
def test_what_only_looks_odd_is_a_warning(type: str, config: Any, code: str, at: str) -> None:
    assert [(each.code, each.pointer, each.level) for each in problems(type, config)] == [(code, at, "warning")]


@pytest.mark.parametrize("type", NODE_TYPES, ids=lambda each: each.name)
def test_the_goldens_have_no_mistakes(type: Any) -> None:
    for case in cases(type.name):
        given = case.get("given", {}).get("variables", {})
        names = frozenset({*given, *type.writes(type.Config.model_validate(case["config"]))})
        nodes = frozenset({"node", *(each["id"] for each in case.get("given", {}).get("nodes", [])), "gone"})
        types = dict.fromkeys(given, "text") | case.get("given", {}).get("types", {})
        build = Build("node", {}, resolver(names), types=types, expressions=CelExpressions())
        scope = Scope(build, {"WhatsApp": WHATSAPP}, variables=names, nodes=nodes)
        wrong = [each for each in type.check(type.Config.model_validate(case["config"]), scope) if each.level == "error"]
        assert [each.code for each in wrong] in ([], ["never_open"]), case["name"]


@pytest.mark.parametrize(
    ("type", "config"),
    [
        ("send_message", {"text": "?", "buttons": [BUTTON]}),
        ("wait", {"for": {"kind": "reply"}}),
        ("wait", {"for": {"kind": "event", "name": "paid"}}),
        ("assign_agent", {"timeout": None}),
        ("ask", {"text": "?"}),
    ],
)
def test_a_wired_timeout_needs_a_timeout(type: str, config: Any) -> None:
    assert [each.code for each in problems(type, config, ("timeout",))] == ["timeout_never"]
    assert problems(type, config) == []


def test_what_a_channel_cuts_or_shows_otherwise_is_said_per_channel() -> None:
    config = {"text": "x" * 200, "buttons": [{"id": "a", "title": "y" * 21}]}
    found = problems("send_message", config, channels={"WhatsApp": WHATSAPP, "SMS": SMS})
    assert [(each.code, each.level, each.pointer) for each in found] == [
        ("text_too_long", "warning", "/buttons/0/title"),
        ("shown_as_text", "info", "/buttons"),
        ("text_too_long", "warning", "/text"),
    ]
    picture = {"media": {"kind": "image", "media": "med_1"}}
    assert [each.code for each in problems("send_message", picture, channels={"SMS": SMS})] == ["media_not_shown"]
    listed = {"text": "?", "buttons": [BUTTON, {"id": "n", "title": "No"}]}
    found = problems("send_message", listed, channels={"X": Capabilities(buttons=1, rows=5)})
    assert [each.code for each in found] == ["shown_as_list"]


def test_a_near_name_is_the_hint() -> None:
    assert problems("send_message", {"text": "{{cty}}"})[0].hint == "Did you mean “city”?"


@pytest.mark.parametrize(
    ("type", "config", "where", "limits"),
    [
        ("send_message", {"text": "Hi", "buttons": [BUTTON]}, "/buttons/0/title", (20, None)),
        ("send_message", {"text": "Hi", "buttons": [BUTTON]}, "/text", (1024, 160)),
        ("send_message", {"text": "Hi"}, "/text", (4096, 160)),
        ("send_message", rows(2), "/list/sections/1/rows/0/title", (24, None)),
        ("ask", WHICH, "/choices/1/title", (20, None)),
        ("ask", {"text": "Your name?"}, "/text", (4096, 160)),
        ("wait", {"for": {"kind": "reply", "retry_text": "Once more?"}}, "/for/retry_text", (4096, 160)),
        ("wait", {"for": {"kind": "duration", "duration": "PT1H"}}, "/for/retry_text", (None, None)),
    ],
)
def test_a_text_has_the_limit_of_what_the_channel_shows(type: str, config: Any, where: str, limits: Any) -> None:
    node_type = node_types()[type]
    read = node_type.Config.model_validate(config)
    assert tuple(node_type.limits(read, each).get(where) for each in (WHATSAPP, SMS)) == limits
