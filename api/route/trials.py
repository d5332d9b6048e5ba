"""/flows/…/try: the call of one step is made once, for real, so that its author sees what comes back and what is kept of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from pydantic import Field
from sqlmodel import Session

from api.http.error import TooManyRequests, ValidationFailed
from api.http.model import Input, Output
from api.http.rate import RateLimiter, RatePolicy
from api.http.request import Request
from api.http.route import Route
from api.route.flow_model import PortShown
from api.route.flows import DOCUMENT_LIMIT, EDITORS, around_of
from api.route.free_json import JsonObject
from api.route.versions import refusal
from api.services import Services
from crm.flows import get_flow
from crm.path_list import Named, Readable, named, paths_at
from crm.publish import FlowInvalid
from crm.scope import load_scope
from engine.core.check import check
from engine.core.program import Ready
from engine.core.scope import Scope
from engine.core.trial import Ended, asked_of, begin_trial, node_at
from schemas.error import Invalid, NotFound
from schemas.problem import Problem, pointer

TAGS = ("Flows",)
TRIES = RatePolicy("try", 20, window=60, burst=10)
"""Of a workspace: a person presses a button and reads. It is no way to make many requests through this server."""
PATIENCE = 55.0
"""Seconds: a try takes 50 at most."""
MOST_SAMPLES = 50
LONGEST_BODY = 10_000
"""Characters of an answer that are shown: what an example may have, and more than anybody reads here."""
LONGEST_VALUE = 500


class NoSuchNode(NotFound):
    """There is no such step in this flow."""

    code = "no_such_node"


class NothingToTry(Invalid):
    """This step makes no call, so there is nothing to try."""

    code = "nothing_to_try"


class TryNode(Input):
    """A node of the document, or of the draft where there is no document, and what stands in for the contact."""

    node: Annotated[str, Field(max_length=64)]
    document: Annotated[JsonObject | None, Field(description="Any JSON object.")] = None
    values: Annotated[JsonObject, Field(max_length=MOST_SAMPLES, examples=[{"contact.name": "Anna"}])] = Field(
        default_factory=dict, description="Samples by path."
    )
    dry_run: Annotated[bool, Field(description="Only say what it asks for and what would be sent.")] = False


class Asked(Output):
    """A path that the node reads and that differs from contact to contact: give a sample for it."""

    path: str
    label: str
    type: str


class Kept(Output):
    """A variable that the node sets from the answer, in words; null where it is empty then."""

    name: str
    value: str | None


class TriedAnswer(Output):
    """What the other side answered. `body` is JSON, written out, where the answer is; it is cut where `cut` says so."""

    status: int
    headers: dict[str, str]
    body: str
    json_body: Annotated[bool, Field(description="The body is JSON.")]
    cut: bool


class NodeTried(Output):
    """What came of it. `sent` holds secrets by their names only; `port` is the way out that a run would take."""

    asks: tuple[Asked, ...]
    sent: Annotated[JsonObject, Field(description="The request.")]
    answer: TriedAnswer | None
    code: Annotated[str, Field(description="Why it failed; empty where it didn't.")]
    reason: str
    port: PortShown | None
    keeps: tuple[Kept, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Found:
    document: object
    scope: Scope
    named: Named


class TrialRoutes:
    """Trying the calls of steps."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._limiter = RateLimiter()

    async def try_node(self, request: Request[TryNode]) -> NodeTried:
        """Make the call of a step once, for real.

        Through the same guard and within the same limits as the calls of runs, with secrets by their names; but only once, and
        under an Idempotency-Key of its own. Nothing is kept of it. What contacts would bring is given in `values`. Refused while
        the step has errors. Twenty a minute.
        """
        body, tenant, services = request.body, request.tenant, self._services

        def work(session: Session) -> _Found:
            row = get_flow(session, tenant, request.id("flow"))
            document: object = row.draft if body.document is None else body.document
            around = around_of(services)
            scope = load_scope(session, tenant, around.capabilities, around.node_types, document, row.id)
            return _Found(document, scope, named(session, tenant))

        found = await services.store.read(work)
        ready, readables = await asyncio.to_thread(self._ready, found, body.node)
        asked = asked_of(ready)
        if unknown := sorted(body.values.keys() - set(asked)):
            raise ValidationFailed(f"The step doesn't read “{unknown[0][:64]}”, so it takes no value for it.")
        world = await services.worlds.get(tenant)
        trial = begin_trial(ready, body.values, world, int.from_bytes(services.random(7)), request.now)
        if trial.call is None and trial.ended is None:
            raise NothingToTry()
        asks = tuple(_asked(path, readables) for path in asked)
        sent = _sent(trial.call.data) if trial.call is not None else {}
        if body.dry_run or trial.call is None:
            return _tried(ready, asks, sent, None, trial.ended, 0.0)
        self._count(request)
        started = services.clock.now()
        answer = await services.try_call(tenant, trial.call)
        took = (services.clock.now() - started).total_seconds()
        ended = trial.answer(answer.ok, answer.code, answer.detail, answer.data)
        return _tried(ready, asks, sent, _answer(answer.data), ended, took)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        return (
            Route(
                "POST", "/flows/{flow:flow}/try", self.try_node, TAGS, scope="flows:write", roles=EDITORS, idempotency="off",
                body_limit=DOCUMENT_LIMIT, timeout=PATIENCE, errors=(NotFound, NoSuchNode, NothingToTry, FlowInvalid),
            ),
        )  # fmt: skip

    def _ready(self, found: _Found, node: str) -> tuple[Ready, dict[str, Readable]]:
        """The node, and words for what it reads. Raises FlowInvalid with what is wrong with it, NoSuchNode."""
        types = self._services.node_types
        problems = [each for each in check(found.document, types, found.scope).problems if each.level == "error"]
        if wrong := [each for each in problems if _is_of(each, found.document, node)]:
            raise refusal(FlowInvalid(tuple(wrong)))
        ready = node_at(found.document, node, types)
        if ready is None:
            raise NoSuchNode()
        return ready, {each.path: each for each in paths_at(found.document, node, found.named, types)}

    def _count(self, request: Request[TryNode]) -> None:
        counted = self._limiter.take(str(request.tenant), (TRIES,), request.now.timestamp())
        if not counted.allowed:
            headers = counted.headers(request.now.timestamp())
            raise TooManyRequests("That was tried often now. Wait a moment, then try again.", headers=headers)


def _is_of(problem: Problem, document: object, node: str) -> bool:
    """Whether a problem is one of this node."""
    nodes = document.get("nodes") if isinstance(document, dict) else None
    at = [
        index
        for index, each in enumerate(nodes if isinstance(nodes, list) else ())
        if isinstance(each, dict) and each.get("id") == node
    ]
    return bool(at) and f"{problem.pointer}/".startswith(f"{pointer('nodes', at[0])}/")


def _asked(path: str, readables: Mapping[str, Readable]) -> Asked:
    known = readables.get(path)
    return Asked(path=path, label=known.label if known else path, type=known.type if known else "text")


def _sent(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: data[key] for key in ("method", "url", "headers", "body") if data.get(key)}


def _answer(data: Mapping[str, Any]) -> TriedAnswer | None:
    status = data.get("status")
    if not isinstance(status, int):
        return None
    body = data.get("body")
    is_json = body is not None and not isinstance(body, str)
    text = orjson.dumps(body, option=orjson.OPT_INDENT_2).decode() if is_json else body or ""
    headers = dict(data.get("headers", {}))
    return TriedAnswer(
        status=status, headers=headers, body=text[:LONGEST_BODY], json_body=is_json, cut=len(text) > LONGEST_BODY
    )


def _tried(
    ready: Ready, asks: tuple[Asked, ...], sent: dict[str, Any], answer: TriedAnswer | None, ended: Ended | None, took: float
) -> NodeTried:
    port = next((each for each in ready.ports if ended is not None and each.id == ended.port), None)
    keeps = ended.sets if ended is not None else {}
    return NodeTried(
        asks=asks,
        sent=sent,
        answer=answer,
        code=ended.code if ended is not None else "",
        reason=ended.reason if ended is not None else "",
        port=PortShown(id=port.id, label=port.label, kind=port.kind) if port is not None else None,
        keeps=tuple(Kept(name=name, value=_words(value)) for name, value in keeps.items()),
        seconds=round(took, 2),
    )


def _words(value: Any) -> str | None:
    """A value as people read it.

    >>> _words("a"), _words(["a"]), _words(None)
    ('a', '["a"]', None)
    """
    if value is None:
        return None
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"
