"""/flows/…/explore: every path of a flow is played, and it is told as it goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any

import orjson
from aiohttp import web
from pydantic import Field
from sqlmodel import Session

from api.http.model import Input
from api.http.request import Request, Response
from api.http.route import Route
from api.route.flows import around_of
from api.route.simulations import UnknownChannelKind
from api.route.versions import refusal
from api.services import Services
from crm.flows import get_flow
from crm.publish import FlowInvalid, get_version
from crm.scope import load_scope
from engine.core.check import check
from engine.core.scope import Scope
from schemas.capability import Capabilities
from schemas.error import NotFound
from simulator.explore.explorer import BUDGET, Explorer
from simulator.explore.report import MOST_PATHS, report, report_json
from simulator.explore.run import explorer_around

TAGS = ("Simulations",)
SLICE = 100
"""Places tried between two looks at the client: some 30 ms of another thread's work."""
LONGEST = 120.0
"""Seconds: the largest budget needs a tenth of it."""
AT_ONCE = 1
"""Explorations that work at the same time: they share the processor with the conversations."""


class ExploreFlow(Input):
    """What is explored: the flow's draft, unless a version is named; on all kinds of channels, unless some are named."""

    version: Annotated[int, Field(ge=1, le=1_000_000, description="A published version's number.")] | None = None
    channels: Annotated[
        tuple[Annotated[str, Field(max_length=40)], ...],
        Field(max_length=10, description="Kinds of channels.", examples=[["whatsapp"]]),
    ] = ()
    budget: Annotated[int, Field(ge=1, le=BUDGET, description="How many places are tried at most.")] = BUDGET
    paths: Annotated[int, Field(ge=1, le=1_000, description="How many conversations the report tells.")] = MOST_PATHS


class ExploreRoutes:
    """Exploring flows."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._room = asyncio.Semaphore(AT_ONCE)

    async def explore_flow(self, request: Request[ExploreFlow | None]) -> Response:
        """Play every path of a flow.

        The answer comes line by line (NDJSON), each a JSON object. First `{"state": "running", "tried": 400, "states": 120,
        "budget": 20000, "nodes": ["menu"]}`, again and again, where `nodes` are those that were reached so far; in the end
        `{"state": "done", "report": {…}}` with coverage, what no input reaches and why, findings, and the paths as
        conversations. Closing the connection stops it. Nothing real is touched.
        """
        body, tenant, flow, services = request.body or ExploreFlow(), request.tenant, request.id("flow"), self._services
        capabilities = self._capabilities(body)

        def work(session: Session) -> tuple[object, Scope]:
            row = get_flow(session, tenant, flow)
            document = row.draft if body.version is None else get_version(session, tenant, flow, body.version).document
            around = around_of(services)
            return document, load_scope(session, tenant, around.capabilities, around.node_types, document, row.id)

        document, scope = await services.store.read(work)
        checked = await asyncio.to_thread(check, document, services.node_types, scope)
        if checked.program is None:
            raise refusal(FlowInvalid(checked.problems))
        program = replace(checked.program, flow=flow)
        world = await services.worlds.get(tenant)
        exploring = await asyncio.to_thread(
            explorer_around, world, program, services.node_types, capabilities, budget=body.budget
        )
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson", "X-Accel-Buffering": "no"})
        await response.prepare(request.raw)
        try:
            async for line in self._lines(exploring, body.paths):
                await response.write(line)
        except ConnectionResetError:
            pass  # the client is gone: so is its exploration
        return response

    async def _lines(self, exploring: Explorer, most: int) -> AsyncIterator[bytes]:
        """What is told: progress after each slice, then the report. The loop is free while another thread works."""
        yield _line(_progress(exploring))
        done = False
        while not done:
            async with self._room:
                done = await asyncio.to_thread(exploring.work, SLICE)
            yield _line(_progress(exploring))
        async with self._room:
            yield await asyncio.to_thread(_done, exploring, most)

    def _capabilities(self, body: ExploreFlow) -> dict[str, Capabilities]:
        known = self._services.channel_types
        for kind in body.channels:
            if kind not in known:
                raise UnknownChannelKind(f"There is no channel kind {kind}. Known: {', '.join(known)}.")
        return {kind: known[kind].capabilities for kind in body.channels or known}

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        return (
            Route(
                "POST",
                "/flows/{flow:flow}/explore",
                self.explore_flow,
                TAGS,
                scope="flows:read",
                idempotency="off",
                errors=(NotFound, UnknownChannelKind, FlowInvalid),
                produces="application/x-ndjson",
                timeout=LONGEST,
            ),
        )


def _progress(exploring: Explorer) -> dict[str, Any]:
    found = exploring.found
    return {
        "state": "running",
        "tried": found.tried,
        "states": len(found.states),
        "budget": found.budget,
        "nodes": sorted(found.nodes),
    }


def _done(exploring: Explorer, most: int) -> bytes:
    return _line({"state": "done", "report": report_json(report(exploring.found, most=most))})


def _line(data: dict[str, Any]) -> bytes:
    return orjson.dumps(data) + b"\n"
