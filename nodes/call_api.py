"""Call API: asks another system by HTTP, waits for its answer and keeps parts of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import orjson

from engine.core.build import Build
from engine.core.node import Behaviour, Fail, Go, Look, NodeType, Outcome, Park, Port, Probe, Uses
from engine.core.scope import Scope
from engine.core.visit import Visit
from nodes.call_api_check import call_problems, call_reads, request_texts
from nodes.call_api_config import CallApiConfig
from nodes.fill import Part, address, escaped, filling, json_maker, read_json, secret_references
from nodes.finding import field_references
from nodes.jmes import Missed, saver
from schemas.duration import parse_duration
from schemas.event import Body, CallAnswered, WaitDue
from schemas.problem import Problem

HTTP = "http"
"""The kind of its calls: whose handler makes them."""
OK, FAILED = "ok", "failed"
RESERVED = (OK, FAILED, "next")
"""Ids that no status may have: they are ports of their own."""
MAX_REQUEST = 256_000
"""JSON bytes of a request: the call's row and the run's history keep it."""
MAX_HOST = 260
"""Characters of a host with its port: a name has at most 253."""
STATUS = "status_"
"""So begins the code of a call that was given up with a status."""


class CallApi(NodeType[CallApiConfig]):
    """Asks another system by HTTP, with retries, and keeps parts of its answer.

    ```json
    {"method": "POST", "url": "https://api.example.com/holds", "send": "json",
     "headers": {"Authorization": "Bearer {{secret.BOOKING}}"},
     "json": "{\\"name\\": \\"{{contact.name}}\\", \\"phone\\": \\"{{contact.phone}}\\"}",
     "save": {"reference": "body.reference"}, "answers": [{"id": "taken", "status": "409"}]}
    ```

    Ports: `ok` for 200 to 299, one for each status that has its own, and `failed` for all else, also where nothing answers.
    The call is made outside of the conversation's lane, at least once; `Idempotency-Key` is the same each time.
    """

    name = "call_api"
    Config = CallApiConfig
    look = Look(
        label="Call API",
        group="actions",
        icon="world",
        colour="cyan",
        description="Asks another system and keeps parts of its answer.",
        card="{method} {url}",
    )
    starter: Mapping[str, Any] = {"url": "https://"}
    example: Mapping[str, Any] = {
        "method": "POST",
        "url": "https://api.example.com/holds",
        "send": "json",
        "headers": {"Authorization": "Bearer {{secret.BOOKING}}"},
        "json": '{"name": "{{contact.name}}", "phone": "{{contact.phone}}"}',
        "save": {"reference": "body.reference"},
        "answers": [{"id": "taken", "status": "409"}],
    }

    def ports(self, config: CallApiConfig) -> tuple[Port, ...]:
        """It worked, a status that has a way of its own, or it failed."""
        own = tuple(Port(each.id, each.title or each.status, "branch") for each in config.answers)
        return (Port(OK, "Answered"), *own, Port(FAILED, "Failed", "error"))

    def compile(self, config: CallApiConfig, build: Build) -> Behaviour:
        """Texts are split and expressions compiled here."""
        make = _request(config, build)
        save = saver(config.save, build.types)
        seconds = int(parse_duration(config.callback_timeout if config.callback else config.patience).total_seconds())
        patience = parse_duration(config.patience)

        def enter(visit: Visit) -> Outcome:
            data = {**make(visit), "until": (visit.now + patience).isoformat()}
            try:
                size = len(orjson.dumps(data))
            except TypeError:  # a variable that another node type set holds what is no JSON
                return Fail(FAILED, "request_not_json", "the request holds what JSON can't")
            if size > MAX_REQUEST:
                return Fail(FAILED, "request_too_large", f"the request has more than {MAX_REQUEST:,} bytes")
            return Park("call", timeout=seconds, data={"call": visit.call(HTTP, data, place=_host(data["url"]))})

        def resume(visit: Visit, body: Body) -> Outcome | None:
            match body:
                case CallAnswered():
                    return _outcome(config, body, save(visit, body.data))
                case WaitDue():
                    return Fail(FAILED, "timeout", "no answer in time")
                case _:
                    return None

        return Behaviour(enter, resume)

    def writes(self, config: CallApiConfig) -> tuple[str, ...]:
        """The variables that take parts of the answer."""
        return tuple(config.save)

    def uses(self, config: CallApiConfig, build: Build) -> Uses:
        """The merge fields of its request. It doesn't count as a pause: a circle of calls spins as fast as they are answered."""
        reads = call_reads(config, build)
        sent = secret_references(request_texts(config))
        return Uses(reads=reads, references=(*field_references(reads), *sent))

    def check(self, config: CallApiConfig, scope: Scope) -> Iterable[Problem]:
        """Addresses that can't be called, JSON and expressions that are none, secrets that don't exist."""
        return call_problems(config, scope, RESERVED)

    def elapsed(self, config: CallApiConfig, port: str) -> timedelta | None:
        """All tries together, or until the call-back."""
        return parse_duration(config.callback_timeout if config.callback else config.patience)

    def probes(self, config: CallApiConfig) -> tuple[Probe, ...]:
        """The author's examples, and an answer for each way out that none of them takes."""
        given = [Probe("call", _answer(each.status, each.body), each.name) for each in config.examples]
        taken = {_port(config, each.status) for each in config.examples}
        made = [] if OK in taken else [Probe("call", _answer(200, ""), "ok")]
        made += [
            Probe("call", _answer(int(each.status.replace("x", "0")), ""), each.title or each.status)
            for each in config.answers
            if each.id not in taken
        ]
        failed = Probe("call", {"code": "timeout", "detail": "simulated"}, "no answer")
        return (*(given or made[:1]), *(made if given else made[1:]), failed)


def _host(url: str) -> str:
    """The host and port of an address, as it is shown; what is no address is called nowhere.

    >>> _host("https://API.example.com:8443/slots?day=5")
    'api.example.com:8443'
    """
    return re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0].lower()[:MAX_HOST]


def _request(config: CallApiConfig, build: Build) -> Any:
    """Makes a call's data: the request as it may be shown, and under `fill` the places that are filled when it leaves."""
    url = address(config.url, config.query, build)
    headers = {name: filling(text, build) for name, text in config.headers.items()}
    form = {name: filling(text, build) for name, text in config.form.items()} if config.send == "form" else {}
    body = json_maker(read_json(config.json_), build) if config.send == "json" else None
    fixed: dict[str, Any] = {
        "method": config.method,
        "send": config.send,
        "timeout": int(parse_duration(config.timeout).total_seconds()),
        "tries": config.tries,
    }
    if config.callback:
        fixed["callback"] = int(parse_duration(config.callback_timeout).total_seconds())

    def make(visit: Visit) -> dict[str, Any]:
        fill: dict[str, list[Part]] = {}
        made = {**fixed, "url": url.text(visit), "headers": {}}
        if url.late:
            fill["/url"] = url.parts(visit)
        for key, texts in (("headers", headers), ("body", form)):
            if texts:
                made[key] = {name: text.text(visit) for name, text in texts.items()}
                fill |= {f"/{key}/{escaped(name)}": text.parts(visit) for name, text in texts.items() if text.late}
        if body is not None:
            made["body"] = body(visit, "/body", fill)
        return {**made, "fill": fill} if fill else made

    return make


def _outcome(config: CallApiConfig, answer: CallAnswered, missed: Missed | None) -> Outcome:
    status = answer.data.get("status")
    if not isinstance(status, int) or (not answer.ok and not answer.code.startswith(STATUS)):
        return Fail(FAILED, answer.code or "failed", answer.detail or answer.code)
    port = _port(config, status)
    if port == FAILED:
        return Fail(FAILED, f"{STATUS}{status}", f"status {status}")
    if missed is not None and port == OK:
        return Fail(FAILED, missed.code, missed.message)
    return Go(port, f"status {status}")


def _port(config: CallApiConfig, status: int) -> str:
    """The way out for a status: its own, its range's, or ok for 200 to 299."""
    whole, kind = str(status), f"{status // 100}xx"
    own = {each.status: each.id for each in reversed(config.answers)}
    return own.get(whole) or own.get(kind) or (OK if kind == "2xx" else FAILED)


def _answer(status: int, body: str) -> dict[str, Any]:
    try:
        found = orjson.loads(body) if body.strip() else None
    except orjson.JSONDecodeError:
        found = body
    return {"status": status, "headers": {}, "body": found}
