"""What is wrong with a Call API node: its address, its JSON, its expressions, its secrets."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

import orjson

from engine.core.build import Build
from engine.core.scope import Scope
from nodes.call_api_config import MAX_CALLBACK, MAX_PATIENCE, MAX_TIMEOUT, CallApiConfig
from nodes.fill import CALLBACK, LATER, MERGE, json_texts, only_merges, read_json, secrets_in
from nodes.finding import Read, id_problems, text_problems, text_reads
from nodes.jmes import expression_trouble
from schemas.duration import format_duration, parse_duration
from schemas.problem import Problem, pointer

LOCAL = ("localhost", "127.0.0.1", "::1")


def call_reads(config: CallApiConfig, build: Build) -> tuple[Read, ...]:
    """Every path that its request reads, with where."""
    return text_reads({at: only_merges(source) for at, source in request_texts(config).items()}, build)


def call_problems(config: CallApiConfig, scope: Scope, reserved: Sequence[str]) -> Iterable[Problem]:
    """Everything at once."""
    texts = request_texts(config)
    yield from text_problems({at: only_merges(source) for at, source in texts.items()}, scope)
    yield from _address_problems(config)
    if config.send == "json":
        yield from _json_problems(config)
    for name, expression in config.save.items():
        if trouble := expression_trouble(expression):
            hint = "Name the part of the answer, such as body.slots[0].id."
            yield Problem("bad_expression", "error", pointer("save", name), f"This is no JMESPath: {trouble}.", hint)
    yield from id_problems({pointer("answers", at, "id"): each.id for at, each in enumerate(config.answers)}, reserved)
    yield from _status_problems(config)
    for at, text, most, hint in _lengths(config):
        if parse_duration(text) > most:
            yield Problem("too_long", "error", at, f"This may be at most {format_duration(most)}.", hint)
    yield from _callback_problems(config, list(texts.values()))


def request_texts(config: CallApiConfig) -> dict[str, str]:
    """The texts of its request by their pointer; only those that are sent."""
    found = {"/url": config.url}
    found |= {pointer("query", name): text for name, text in config.query.items()}
    found |= {pointer("headers", name): text for name, text in config.headers.items()}
    if config.send == "json":
        found["/json"] = config.json_
    if config.send == "form":
        found |= {pointer("form", name): text for name, text in config.form.items()}
    return found


def _address_problems(config: CallApiConfig) -> Iterator[Problem]:
    url = config.url.strip()
    if url.startswith("{{"):
        if not LATER.match(url):
            words = "The address comes from a variable: whoever sets it decides where this request and its secrets go."
            yield Problem("address_from_variable", "warning", "/url", words, "Begin it with https:// and a host of your own.")
        return
    scheme = url.partition("://")[0].lower()
    try:
        host = urlsplit(MERGE.sub("x", url)).hostname or ""
    except ValueError:
        host = ""
    if scheme not in ("http", "https") or not host:
        yield Problem("bad_url", "error", "/url", "This is no address.", "Begin it with https:// and a host.")
        return
    if "{{" in url.partition("://")[2].partition("/")[0]:
        words = "The host comes from a variable: whoever sets it decides where this request and its secrets go."
        yield Problem("address_from_variable", "warning", "/url", words, "Name the host in the address.")
    elif _is_private(host):
        words = "This address lies inside the server's own network, where calls go only if whoever runs PostDog allows it."
        yield Problem("private_address", "warning", "/url", words, "Ask them for POSTDOG_CALL_ALLOW, or use a public address.")
    if scheme == "http" and secrets_in(request_texts(config).values()) and not _is_private(host):
        words = "A secret would be sent over a line that others can read."
        yield Problem("secret_in_clear", "warning", "/url", words, "Use https://.")


def _is_private(host: str) -> bool:
    if host in LOCAL or host.endswith((".local", ".internal", ".localhost")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def _json_problems(config: CallApiConfig) -> Iterator[Problem]:
    if not config.json_.strip():
        yield Problem("no_json", "error", "/json", "Nothing is said to send.", "Write JSON, or choose to send nothing.")
        return
    try:
        found = read_json(config.json_)
    except orjson.JSONDecodeError as error:
        hint = 'Write it as {"day": "{{day}}"}.'
        yield Problem("bad_json", "error", "/json", f"This is no JSON, from character {error.pos + 1} on.", hint)
        return
    outside = MERGE.findall(config.json_)
    inside = [each for text in json_texts(found) for each in MERGE.findall(text)]
    if len(outside) > len(inside):
        words = "A merge field stands in a name, where it is not filled."
        yield Problem("merge_in_key", "warning", "/json", words, "Use merge fields in values.")


def _lengths(config: CallApiConfig) -> Iterator[tuple[str, str, timedelta, str]]:
    yield "/timeout", config.timeout, MAX_TIMEOUT, "For what takes longer, use the call-back."
    yield "/patience", config.patience, MAX_PATIENCE, "For what takes longer, use the call-back."
    if config.callback:
        yield "/callback_timeout", config.callback_timeout, MAX_CALLBACK, "For what takes longer, use an event and a Wait."


def _status_problems(config: CallApiConfig) -> Iterator[Problem]:
    seen: set[str] = set()
    for at, each in enumerate(config.answers):
        if each.status in seen:
            words = f"Two ways out are for {each.status}: only the first is taken."
            yield Problem("duplicate_status", "error", pointer("answers", at, "status"), words, "Remove one.")
        seen.add(each.status)


def _callback_problems(config: CallApiConfig, texts: Sequence[str]) -> Iterator[Problem]:
    named = any(CALLBACK in LATER.findall(text) for text in texts)
    if named and not config.callback:
        words = "{{callback.url}} is sent, but no answer is waited for there."
        yield Problem("callback_off", "error", "/callback", words, "Switch on that the answer comes later.")
    if config.callback and not named:
        words = "The other side is not told where to post its answer."
        hint = "Send it {{callback.url}}, in the address, a header or the body."
        yield Problem("callback_unnamed", "error", "/callback", words, hint)
