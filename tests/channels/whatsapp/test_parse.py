"""Webhooks as they really come: nested, repeated, with missing phones, unknown words and nonsense."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels.protocol import ChannelRef
from channels.whatsapp.parse import parse
from schemas.contact import ContactChange, Identity
from schemas.content import Cards, Choice, Content, Location, Media, Reaction, Text, Unsupported
from schemas.event import ChangeContact, MessageReceived, NewEvent, StatusReported, decode_body, encode_body
from tests.channels.whatsapp.sample import BSUID, CHANNEL, EXAMPLES, NOW, NUMBER_ID, WA_ID, hook, message


def events(body: bytes, channel: ChannelRef = CHANNEL) -> tuple[NewEvent, ...]:
    return parse(body, channel, NOW).events


def only(body: bytes) -> NewEvent:
    (event,) = events(body)
    return event


def content(**more: Any) -> Content:
    body = only(hook(message(**more))).body
    assert isinstance(body, MessageReceived)
    return body.content


def status(word: str = "delivered", **more: Any) -> dict[str, Any]:
    return {"id": "wamid.9", "status": word, "timestamp": "1750000000", "recipient_id": WA_ID, **more}


def test_every_element_of_every_array_is_taken() -> None:
    def value(*ids: str) -> dict[str, Any]:
        metadata = {"phone_number_id": NUMBER_ID}
        return {"metadata": metadata, "messages": [message(id=one) for one in ids], "statuses": [status(id=f"{ids[0]}.s")]}

    change = [{"field": "messages", "value": value(*ids)} for ids in ("ab", "cd", "ef")]
    body = json.dumps({"entry": [{"changes": change[:2]}, {"changes": change[2:]}]}).encode()
    keys = [event.external_id for event in events(body)]
    assert keys == ["a", "b", "a.s:delivered", "c", "d", "c.s:delivered", "e", "f", "e.s:delivered"]


def test_the_same_message_twice_in_a_body_is_one_event() -> None:
    assert [event.external_id for event in events(hook(message(), message(), message(id="wamid.2")))] == ["wamid.1", "wamid.2"]


def test_a_message_without_id_has_the_same_key_each_time() -> None:
    nameless = {key: value for key, value in message().items() if key != "id"}
    keys = {only(hook(nameless)).external_id, only(hook(dict(reversed(nameless.items())))).external_id}
    assert len(keys) == 1
    assert only(hook({**nameless, "timestamp": "1750000001"})).external_id not in keys


@pytest.mark.parametrize(
    ("sender", "contact", "expected"),
    [
        (WA_ID, {"wa_id": WA_ID, "user_id": BSUID}, [("whatsapp", WA_ID), ("bsuid", BSUID), ("phone", f"+{WA_ID}")]),
        (WA_ID, {}, [("whatsapp", WA_ID), ("phone", f"+{WA_ID}")]),
        (None, {"user_id": BSUID}, [("bsuid", BSUID)]),
        (None, {"user_id": "US.ENT.1349"}, [("bsuid", "US.ENT.1349")]),
        (
            "553188888888",
            {"wa_id": "553188888888"},
            [("whatsapp", "553188888888"), ("phone", "+5531988888888"), ("phone", "+553188888888")],
        ),
        (
            "5215512345678",
            {"wa_id": "5215512345678"},
            [("whatsapp", "5215512345678"), ("phone", "+525512345678"), ("phone", "+5215512345678")],
        ),
        (
            "5491112345678",
            {"wa_id": "5491112345678"},
            [("whatsapp", "5491112345678"), ("phone", "+5491112345678"), ("phone", "+541112345678")],
        ),
    ],
)
def test_identities(sender: str | None, contact: dict[str, str], expected: list[tuple[str, str]]) -> None:
    event = only(hook(message(sender=sender), contacts=[{"profile": {"name": "Ann"}, **contact}]))
    assert [(one.kind, one.value) for one in event.identities] == expected


def test_each_message_of_a_batch_meets_its_own_contact() -> None:
    contacts = [{"wa_id": "16505550002", "profile": {"name": "Bo"}}, {"user_id": BSUID, "profile": {"username": "ann"}}]
    body = hook(message(sender=None, from_user_id=BSUID), message(id="wamid.2", sender="16505550002"), contacts=contacts)
    ann, bo = events(body)
    assert (ann.body.name, ann.identities) == ("ann", (Identity("bsuid", BSUID),))  # type: ignore[union-attr]
    assert (bo.body.name, bo.identities[0].value) == ("Bo", "16505550002")  # type: ignore[union-attr]


def test_somebody_elses_contact_lends_no_name_and_no_address() -> None:
    event = only(hook(message(), contacts=[{"wa_id": "16505559999", "user_id": BSUID, "profile": {"name": "Bo"}}]))
    assert event.body.name == ""  # type: ignore[union-attr]
    assert [one.value for one in event.identities] == [WA_ID, f"+{WA_ID}"]


def test_a_message_from_nobody_is_kept_as_attention() -> None:
    parsed = parse(hook(message(sender=None)), CHANNEL, NOW)
    assert not parsed.events
    assert parsed.attention[0].code == "unknown_sender"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"kind": "text", "text": {"body": "Grüße"}}, Text("Grüße")),
        ({"kind": "text", "text": {"body": "a\x00b"}}, Text("ab")),
        (
            {"kind": "audio", "audio": {"id": "9", "mime_type": "audio/ogg; codecs=opus", "voice": True}},
            Media("audio", provider_id="9", mime="audio/ogg; codecs=opus", voice=True),
        ),
        (
            {"kind": "document", "document": {"id": "9", "filename": "a.pdf", "url": "https://lookaside.fbsbx.com/x"}},
            Media("document", provider_id="9", filename="a.pdf"),
        ),
        ({"kind": "sticker", "sticker": {"id": "9", "animated": True}}, Media("sticker", provider_id="9")),
        ({"kind": "video", "video": {"id": "9", "caption": "Look"}}, Media("video", provider_id="9", caption="Look")),
        ({"kind": "location", "location": {"latitude": "1.5", "longitude": 2}}, Location(1.5, 2.0)),
        ({"kind": "reaction", "reaction": {"message_id": "wamid.5"}}, Reaction("", "wamid.5")),
        ({"kind": "contacts", "contacts": [{"name": {"formatted_name": "Bo"}}]}, Cards(({"name": {"formatted_name": "Bo"}},))),
        ({"kind": "button", "button": {"text": "Stop"}, "context": {"id": "wamid.5"}}, Choice("Stop", "Stop", "wamid.5")),
        (
            {"kind": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "y", "title": "Yes"}}},
            Choice("y", "Yes"),
        ),
    ],
)
def test_kinds(given: dict[str, Any], expected: Content) -> None:
    assert content(**given) == expected


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"kind": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"response_json": "{}"}}}, "nfm_reply"),
        ({"kind": "edit", "edit": {"original_message_id": "wamid.0", "message": {}}}, "edit"),
        ({"kind": "revoke", "revoke": {"original_message_id": "wamid.0"}}, "revoke"),
        ({"kind": "text", "text": 7}, "text"),
        ({"kind": "image", "image": {"caption": "lost"}}, "image"),
        ({"kind": "location", "location": {"latitude": 91, "longitude": 0}}, "location"),
        ({"kind": "hologram"}, "hologram"),
    ],
)
def test_what_is_not_known_is_kept_raw(given: dict[str, Any], kind: str) -> None:
    found = content(**given)
    assert isinstance(found, Unsupported)
    assert found.type == kind
    assert found.raw["id"] == "wamid.1"


def test_a_raw_payload_is_bounded() -> None:
    deep: Any = 1
    for _ in range(200):
        deep = {"a": deep}
    found = content(kind="hologram", deep=deep)
    assert isinstance(found, Unsupported)
    assert list(found.raw) == ["json"]
    found = content(kind="hologram", long="x" * 100_000)
    assert isinstance(found, Unsupported)
    assert (len(found.raw["json"]), found.raw["cut"]) == (65_536, True)


@pytest.mark.parametrize(
    ("more", "hours"),
    [
        ({}, 24),
        ({"referral": {"source_type": "ad"}}, 72),
        ({"referral": {"source_type": "post"}}, 24),
        ({"kind": "system", "system": {}}, 0),
        ({"kind": "edit"}, 0),
    ],
)
def test_how_long_free_text_may_follow(more: dict[str, Any], hours: int) -> None:
    assert only(hook(message(**more))).body.window_hours == hours  # type: ignore[union-attr]


@pytest.mark.parametrize("bad", ["", "soon", "-5", "99999999999999999999", None, True, [], "1", "1.5e9", "١٧٥٠٠٠٠٠٠٠"])
def test_a_bad_timestamp_is_now(bad: Any) -> None:
    assert only(hook({**message(), "timestamp": bad})).at == NOW


def test_a_timestamp_never_lies_in_the_future() -> None:
    assert only(hook({**message(), "timestamp": str(int(NOW.timestamp()) + 3600)})).at == NOW
    assert only(hook({**message(), "timestamp": 1750000000})).at == datetime.fromtimestamp(1750000000, UTC)


def test_a_new_number_is_learned() -> None:
    system = {"type": "user_changed_number", "wa_id": "12195555358", "body": "changed"}
    told, change = events(hook(message("system", system=system)))
    assert isinstance(told.body, MessageReceived)
    assert change.external_id == "wamid.1:number"
    added = (ContactChange("add_identity", "whatsapp", "12195555358"), ContactChange("add_identity", "phone", "+12195555358"))
    assert change.body == ChangeContact(added, actor="whatsapp")
    assert change.identities == told.identities


def test_a_number_shared_on_request_is_the_persons_own() -> None:
    card = {"name": {"formatted_name": "Ann"}, "phones": [{"wa_id": WA_ID}]}
    own = only(hook(message("contacts", sender=None, from_user_id=BSUID, contacts=[{**card, "origin": "contact_request"}])))
    other = only(hook(message("contacts", sender=None, from_user_id=BSUID, contacts=[{**card, "origin": "other"}])))
    assert [one.kind for one in own.identities] == ["whatsapp", "bsuid", "phone"]
    assert [one.kind for one in other.identities] == ["bsuid"]


# --- statuses ----------------------------------------------------------------------------------------------------------------
def test_a_status_names_our_message() -> None:
    event = only(hook(status(biz_opaque_callback_data="42", recipient_user_id=BSUID), key="statuses"))
    assert event.external_id == "wamid.9:delivered"
    people = (Identity("whatsapp", WA_ID), Identity("bsuid", BSUID), Identity("phone", f"+{WA_ID}"))
    assert event.body == StatusReported(7, "wamid.9", "delivered", message=42, identities=people)


def test_a_played_voice_message_was_read() -> None:
    event = only(hook(status("played"), key="statuses"))
    assert (event.external_id, event.body.status) == ("wamid.9:played", "read")  # type: ignore[union-attr]


def test_a_failure_brings_its_code() -> None:
    event = only(hook(status("failed", errors=[{"code": 131026}]), key="statuses"))
    assert event.body.code == "131026"  # type: ignore[union-attr]


def test_a_closed_window_has_the_name_of_its_port_and_says_what_to_do() -> None:
    error = {"code": 131047, "title": "Re-engagement message", "error_data": {"details": "More than 24 hours"}}
    event = only(hook(status("failed", errors=[error]), key="statuses"))
    assert event.body.code == "window_closed"  # type: ignore[union-attr]
    assert event.body.detail.startswith("More than 24 hours. ")  # type: ignore[union-attr]
    assert event.body.detail.endswith("Only a template can be sent.")  # type: ignore[union-attr]


def test_a_stop_of_marketing_withdraws_consent() -> None:
    failed, stop = events(hook(status("failed", errors=[{"code": 131050}]), key="statuses"))
    assert isinstance(failed.body, StatusReported)
    assert stop.external_id == "wamid.9:opt_out"
    assert stop.body == ChangeContact((ContactChange("set_consent", value=False),), actor="whatsapp")


@pytest.mark.parametrize(("code", "level", "pause"), [(131042, "broken", False), (131048, "warning", True)])
def test_a_failure_of_the_account_alarms(code: int, level: str, pause: bool) -> None:
    parsed = parse(hook(status("failed", errors=[{"code": code}]), key="statuses"), CHANNEL, NOW)
    assert [(item.level, item.pause_campaigns) for item in parsed.attention] == [(level, pause)]
    assert len(parsed.events) == 1


def test_errors_of_the_account() -> None:
    parsed = parse(hook(errors=[{"code": 130429, "title": "Rate limit hit"}, {"code": 190}, {"title": "?"}]), CHANNEL, NOW)
    assert [(item.code, item.level) for item in parsed.attention] == [
        ("130429", "warning"),
        ("190", "broken"),
        ("account_error", "warning"),
    ]


def test_an_unknown_status_is_kept() -> None:
    parsed = parse(hook(status("pondered"), {"status": "sent"}, key="statuses"), CHANNEL, NOW)
    assert not parsed.events
    assert [item.code for item in parsed.attention] == ["unknown_status"] * 2


@pytest.mark.parametrize("data", ["order-7", "", "9" * 30, "-1", "4 2", None, {"a": 1}])
def test_foreign_callback_data_names_no_message(data: Any) -> None:
    event = only(hook(status(biz_opaque_callback_data=data), key="statuses"))
    assert event.body.message == 0  # type: ignore[union-attr]


# --- several numbers, other fields -------------------------------------------------------------------------------------------
def test_another_number_of_the_tenant_has_its_own_channel() -> None:
    event = only(hook(message(), metadata={"phone_number_id": "222"}))
    assert (event.source, event.body.channel) == ("channel:8", 8)  # type: ignore[union-attr]


def test_a_number_of_nobody_takes_no_message() -> None:
    parsed = parse(hook(message(), metadata={"phone_number_id": "333"}), CHANNEL, NOW)
    assert not parsed.events
    assert (parsed.attention[0].code, parsed.attention[0].level) == ("unknown_number", "warning")


def test_a_group_message_starts_nothing() -> None:
    parsed = parse(hook(message(group_id="Y2Fw")), CHANNEL, NOW)
    assert not parsed.events
    assert parsed.attention[0].code == "group_message"


@pytest.mark.parametrize(
    ("event", "expected"),
    [("APPROVED", "approved"), ("REJECTED", "rejected"), ("PAUSED", "paused"), ("DISABLED", "disabled"), ("FLAGGED", "")],
)
def test_template_status(event: str, expected: str) -> None:
    told: dict[str, Any] = {
        "event": event,
        "message_template_id": 594425479261596,
        "message_template_name": "welcome",
        "message_template_language": "en_US",
        "reason": "INVALID_FORMAT",
        "rejection_info": {"reason": "Add a sample."},
    }
    (report,) = parse(hook(field="message_template_status_update", **told), CHANNEL, NOW).templates
    assert (report.name, report.language, report.provider_id) == ("welcome", "en_US", "594425479261596")
    assert (report.status, report.event, report.reason) == (expected, event, "INVALID_FORMAT: Add a sample.")


def test_template_quality_and_category() -> None:
    named = {"message_template_name": "welcome", "message_template_language": "en"}
    (quality,) = parse(hook(field="message_template_quality_update", new_quality_score="RED", **named), CHANNEL, NOW).templates
    (category,) = parse(hook(field="template_category_update", new_category="MARKETING", **named), CHANNEL, NOW).templates
    assert (quality.quality, quality.status, category.category) == ("RED", "", "MARKETING")


@pytest.mark.parametrize(
    ("field", "value", "level"),
    [
        ("phone_number_quality_update", {"event": "FLAGGED", "current_limit": "TIER_1K"}, "warning"),
        ("phone_number_quality_update", {"event": "THROUGHPUT_UPGRADE"}, "info"),
        ("account_update", {"event": "DISABLED_UPDATE"}, "broken"),
        ("account_alerts", {"alert_description": "Verify your business"}, "warning"),
        ("calls", {"calls": [{"id": "wacid.1", "event": "connect"}]}, "info"),
        ("something_new", {"a": 1}, "info"),
    ],
)
def test_account_news(field: str, value: dict[str, Any], level: str) -> None:
    (item,) = parse(hook(field=field, **value), CHANNEL, NOW).attention
    assert item.level == level
    assert item.raw["metadata"] == {"phone_number_id": NUMBER_ID}


@pytest.mark.parametrize(("word", "consent"), [("stop", False), ("resume", True)])
def test_marketing_preferences_change_consent(word: str, consent: bool) -> None:
    told = {"wa_id": WA_ID, "category": "marketing_messages", "value": word, "timestamp": 1750000000}
    event = only(hook(told, key="user_preferences", field="user_preferences"))
    assert event.external_id == f"preference:{WA_ID}:1750000000:{word}"
    assert event.body == ChangeContact((ContactChange("set_consent", value=consent),), actor="whatsapp")
    assert event.identities[0] == Identity("whatsapp", WA_ID)


def test_an_echo_is_a_persons_own_message() -> None:
    sent = {"from": "15550783881", "to": WA_ID, "id": "wamid.E", "type": "text", "text": {"body": "I'll call you"}}
    parsed = parse(hook(sent, sent, key="message_echoes", field="smb_message_echoes"), CHANNEL, NOW)
    (echo,) = parsed.echoes
    assert (echo.external_id, echo.content, echo.to[0].value) == ("wamid.E", Text("I'll call you"), WA_ID)
    assert not parsed.events


# --- anything at all ---------------------------------------------------------------------------------------------------------
leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
words = ["entry", "changes", "field", "value", "messages", "statuses", "contacts", "errors", "from", "id", "type", "text", "body"]
words += [
    "image",
    "wa_id",
    "user_id",
    "profile",
    "name",
    "status",
    "recipient_id",
    "interactive",
    "timestamp",
    "metadata",
    "system",
]
anything = st.recursive(
    leaf,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(words) | st.text(max_size=5), inner, max_size=5),
    max_leaves=30,
)


def sound(parsed_events: tuple[NewEvent, ...]) -> None:
    for event in parsed_events:
        assert decode_body(event.body.kind, encode_body(event.body)).kind == event.body.kind
        assert event.external_id
        assert event.at <= NOW


@given(anything)
def test_no_json_is_too_strange(value: Any) -> None:
    sound(events(json.dumps(value).encode("utf-8", "surrogatepass")))


@given(st.binary(max_size=300))
@example(b'{"entry": "\\ud800"}')
def test_no_bytes_are_too_strange(body: bytes) -> None:
    sound(events(body))


@given(st.sampled_from(sorted(EXAMPLES["hooks"])), st.data())
def test_an_example_with_one_part_replaced_is_still_read(name: str, data: st.DataObject) -> None:
    body = json.loads(json.dumps(EXAMPLES["hooks"][name]))
    spot, key = body, data.draw(st.sampled_from(sorted(body)))
    while isinstance(spot[key], dict | list) and spot[key] and data.draw(st.integers(0, 9)):
        spot = spot[key]
        key = data.draw(st.sampled_from(sorted(spot) if isinstance(spot, dict) else range(len(spot))))
    spot[key] = data.draw(anything)
    sound(events(json.dumps(body).encode("utf-8", "surrogatepass")))


def test_lone_surrogates_and_nul_are_cleaned() -> None:
    body = hook(message(text={"body": "@@"})).replace(b"@@", b"a\\ud83d\\u0000b\\\\u0000")
    assert only(body).body.content == Text("a?b\\u0000")  # type: ignore[union-attr]
