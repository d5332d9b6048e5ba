"""Small sound flow documents that together use every key of every node type."""

from __future__ import annotations

from typing import Any

RULE = {
    "all": [{"subject": "contact.tags", "op": "has", "value": "vip"}, {"not": {"subject": "time.hour", "op": "lt", "value": 9}}]
}
TEMPLATE = {
    "name": "reminder", "language": "en_US", "parameters": ["{{contact.name}}"], "named": {"day": "Monday"}, "header": ["Hi"],
    "header_media": {"kind": "image", "media": "med_1"}, "buttons": {"0": "x"},
}  # fmt: skip
HOURS = {
    "weekly": [{"days": ["mon", "fri"], "from": "09:00", "to": "17:00"}], "holidays": ["2026-12-25"], "timezone": "Europe/Berlin"
}  # fmt: skip

CONFIGS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("trigger", {"on": {"kind": "message"}, "channels": ["ch_1"], "priority": 5, "interrupts": True, "once": False}),
    ("trigger", {"on": {"kind": "keyword", "words": ["hi", "hello"], "match": "exact"}, "again_after": "P1D"}),
    ("trigger", {"on": {"kind": "message"}, "hours": "shop", "when": "closed"}),
    ("trigger", {"on": {"kind": "webhook", "identity": {"phone": "a.b"}, "name": "n", "variables": {"item": "items[0].name"}}}),
    ("trigger", {"on": {"kind": "api"}}),
    ("trigger", {"on": {"kind": "contact_created"}}),
    ("trigger", {"on": {"kind": "tag_added", "tag": "vip"}}),
    ("trigger", {"on": {"kind": "schedule", "cron": "0 9 * * *", "timezone": "UTC", "tag": "vip", "rule": RULE}}),
    ("send_message", {"text": "Hi", "buttons": [{"id": "y", "title": "Yes"}], "header": "H", "footer": "F", "timeout": "PT1H"}),
    (
        "send_message",
        {
            "text": "Hi",
            "list": {"button": "Open", "sections": [{"title": "A", "rows": [{"id": "r", "title": "R", "description": "D"}]}]},
        },
    ),
    ("send_message", {"media": {"kind": "document", "url": "https://example.com/a.pdf", "caption": "A", "filename": "a.pdf"}}),
    ("send_message", {"template": TEMPLATE, "on_unknown": "keep"}),
    ("send_message", {"text": "Hi", "fallback": TEMPLATE, "save_as": "x"}),
    ("send_message", {"location": {"latitude": 52.5, "longitude": 13, "name": "N", "address": "A"}}),
    (
        "wait",
        {
            "for": {
                "kind": "reply",
                "expect": {"kind": "number", "min": 1, "max": 10.5, "integer": True},
                "save_as": "x",
                "timeout": "P1D",
                "retries": 2,
                "retry_text": "?",
                "accept_earlier": True,
            }
        },
    ),
    ("wait", {"for": {"kind": "reply", "expect": {"kind": "date", "earliest": "today", "latest": "2026-12-31"}}}),
    ("wait", {"for": {"kind": "reply", "expect": {"kind": "text", "min_length": 2, "max_length": 5, "pattern": "^[a-z]+$"}}}),
    ("wait", {"for": {"kind": "reply", "expect": {"kind": "media", "media": ["image", "audio"]}}}),
    (
        "call_api",
        {
            "method": "POST", "url": "https://example.com/{{x}}", "query": {"a": "{{x}}"}, "headers": {"X-Key": "{{secret.K}}"},
            "send": "json", "json": "{}", "form": {"a": "b"}, "save": {"x": "body.a"},
            "answers": [{"id": "gone", "status": "404", "title": "Gone"}],
            "examples": [{"name": "all is well", "status": 200, "body": "{}"}],
            "callback": True, "callback_timeout": "PT1H", "timeout": "PT10S", "tries": 3, "patience": "PT5M",
        },
    ),
    ("wait", {"for": {"kind": "duration", "duration": "PT10M"}}),
    ("wait", {"for": {"kind": "until", "at": "2026-12-24T18:00:00Z"}}),
    ("wait", {"for": {"kind": "until", "at": {"date": "2026-12-24", "time": "10:00"}}}),
    ("wait", {"for": {"kind": "until", "at": {"variable": "contact.fields.renewal", "time": "10:00", "before": "P1D"}}}),
    ("wait", {"for": {"kind": "until", "weekdays": ["mon"], "from": "09:00", "to": "24:00"}}),
    ("wait", {"for": {"kind": "until", "hours": HOURS}}),
    ("wait", {"for": {"kind": "until", "hours": "shop"}}),
    ("wait", {"for": {"kind": "until", "business_hours": True}}),
    ("wait", {"for": {"kind": "event", "name": "paid", "timeout": "P1D", "save_as": "x"}}),
    (
        "condition",
        {"branches": [{"id": "a", "label": "A", "rule": RULE}, {"id": "b", "rule": {"any": [RULE]}}], "else_label": "E"},
    ),
    ("condition", {"branches": [{"id": "a", "rule": {"any": [{"expression": "x > 1"}, RULE]}}]}),
    ("condition", {"branches": [{"id": "a", "rule": {"subject": "x", "op": "between", "value": [1, 2.5]}}]}),
    (
        "assign_agent",
        {"team": "team_1", "agent": "u_1", "strategy": "least_open", "timeout": "PT10M", "if_nobody_online": "queue"},
    ),
    (
        "ask",
        {
            "text": "?", "answer": "choice", "choices": [{"id": "a", "title": "A"}], "yes": "Y", "no": "N", "scale": 5, "min": 1,
            "max": 2.5, "integer": True, "pattern": "x", "earliest": "today", "latest": "2026-12-24", "media": ["image"],
            "save_as": "x", "save_field": "f", "timeout": "PT1H", "retries": 2, "retry_text": "Again?",
        },
    ),
    (
        "ai_reply",
        {
            "texts": [{"title": "T", "text": "3 days"}], "instructions": "Brief.", "question": "{{x}}", "about": "{{x}}",
            "send": True, "save_as": "x", "longest": 500, "history": 2, "examples": [{"message": "When?", "answer": "3"}],
        },
    ),
    (
        "ai_choose",
        {
            "choices": [{"id": "a", "title": "A", "description": "The first", "examples": ["one"]}, {"id": "b", "title": "B"}],
            "instructions": "Be strict.", "question": "{{x}}", "about": "{{x}}", "confidence": 0.5, "save_as": "x", "history": 2,
        },
    ),
    ("end", {"outcome": "booked", "close": True}),
    ("close_conversation", {"note": "Answered"}),
    ("add_to_drip", {"flow": "flow_2", "again": "restart", "give": [{"variable": "x", "value": 1.5}, {"variable": "y"}]}),
    ("remove_from_drip", {"flow": "flow_2"}),
    ("notify", {"to": "address", "team": "team_1", "channel": "ch_1", "address": "+1", "text": "x", "template": TEMPLATE}),
    ("emit_event", {"event": "lead.qualified", "data": [{"name": "a", "value": True}, {"name": "b", "value": "{{x}}"}]}),
    ("split", {"arms": [{"id": "a", "label": "A", "weight": 1}, {"id": "b"}]}),
    (
        "set",
        {"changes": [{"change": "field", "field": "a", "value": 1.5, "operation": "add", "operand": "2"}, {"change": "opt_in"}]},
    ),
    (
        "run_flow",
        {
            "flow": "flow_1",
            "inputs": {"topic": "{{x}}", "n": 5, "b": True},
            "outputs": {"stars": "x"},
            "outcome": "y",
            "waits_for_replies": False,
        },
    ),
    ("go_to_flow", {"flow": "flow_1", "inputs": {"topic": "delivery"}}),
    ("jump", {"node": "n"}),
)

SETTINGS = {
    "expires_after": "P30D", "on_error": "handoff", "on_timeout": "end", "on_no_match": "repeat",
    "reply_timeout": "P1D", "retry_text": "Please choose one of these.",
    "handoff_words": ["agent"], "handoff_after_invalid": 3,
    "handoff_team": "team_1",
}  # fmt: skip

DOCUMENTS: tuple[dict[str, Any], ...] = (
    *({"schema": 1, "name": "F", "nodes": [{"id": "n", "type": type, "config": config}]} for type, config in CONFIGS),
    {
        "name": "F",
        "nodes": [{"id": "n", "type": "send_message", "label": "L"}],
        "edges": [{"from": "n", "port": "next", "to": "n"}],
    },
    {"schema": 1, "name": "F", "settings": SETTINGS, "layout": {"n": {"x": 1, "y": 2.5}}},
    {"schema": 1, "name": "F", "variables": [{"name": "x", "type": "number", "default": 5}, {"name": "y", "default": None}]},
    {
        "name": "F",
        "language": "en",
        "translations": {"pt-BR": {"/nodes/n/config/buttons/y/title": {"text": "Sim", "source": "Yes"}}, "de": {}},
    },
)
