"""/runs: contacts on their way through flows, and what happened to them there."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from api.http.model import IdOf, Input, Instant, Output
from api.http.page import Page, PageQuery, page_of
from api.http.request import Answer, Request
from api.http.route import Route
from api.route.external import external_id
from api.route.message_model import ContactId, ConversationId
from api.route.outcome import NotNow, value_of
from api.services import Services
from crm.replay import load_record
from crm.runs import Chapter, Story, get_run, history, list_runs
from schemas.event import NewEvent, StopRun

TAGS = ("Runs",)
Status = Literal["waiting", "suspended", "completed", "expired", "interrupted", "failed", "stopped"]
FlowId = Annotated[int, IdOf("flow")]


class ListRuns(PageQuery):
    """Which runs."""

    contact_id: ContactId | None = None
    flow_id: FlowId | None = None
    status: Status | None = None
    live: Annotated[bool | None, Field(description="True: those that have not ended.")] = None
    node: Annotated[str | None, Field(max_length=64, description="Only those that stand at this node.")] = None
    version: Annotated[int | None, Field(ge=1, le=1_000_000, description="Of this version of the flow, by its number.")] = None


class StopInput(Input):
    """Why a run is stopped."""

    reason: Annotated[str, Field(max_length=200)] = ""


class WaitShown(Output):
    """Why a run stands still, and until when."""

    kind: str
    since: Instant
    until: Instant | None


class RunShown(Output):
    """One contact's way through a flow. `node` is where it stands, `reason` why it ended or was suspended."""

    id: Annotated[int, IdOf("run")]
    flow_id: FlowId
    flow: str
    version: int
    contact_id: ContactId
    contact_name: str | None
    conversation_id: ConversationId | None
    status: Status
    reason: str
    node: str | None
    label: str | None
    wait: WaitShown | None
    variables: dict[str, Any]
    started_at: Instant
    expires_at: Instant
    ended_at: Instant | None


class PassedShown(Output):
    """A node that the run passed: the port by which it left (null while it waits there), and why."""

    node: str
    label: str
    port: str | None
    reason: str


class StepShown(Output):
    """What one event did to a run."""

    number: int
    at: Instant
    event_id: Annotated[int, IdOf("ev")]
    event: str
    text: Annotated[str, Field(description="What happened, in words.", examples=["Wrote “menu”"])]
    path: tuple[PassedShown, ...]
    message_ids: tuple[Annotated[int, IdOf("msg")], ...]
    reason: str


class ReplayedShown(Output):
    """A step, made again. `differences` say in plain words what came to something else, or why it can't be made again."""

    number: int
    at: Instant
    event_id: Annotated[int, IdOf("ev")]
    event: str
    equal: bool
    differences: tuple[str, ...]


class ReplayShown(Output):
    """A run's history, made again by the same interpreter on the same version. `equal`: every step came to the same.

    `total` counts the run's steps; of a long history only the first 1,000 are made again. Templates, teams, channels and
    settings are those of today: where one changed since, a step may honestly come to something else.
    """

    run_id: Annotated[int, IdOf("run")]
    flow: str
    version: int
    equal: bool
    total: int
    steps: tuple[ReplayedShown, ...]


class RunRoutes:
    """Runs."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def list_runs(self, request: Request[None, ListRuns]) -> Page[RunShown]:
        """List runs, the newest first."""
        query = request.query
        stories, total = await self._services.store.read(
            lambda session: list_runs(
                session,
                request.tenant,
                contact=query.contact_id,
                flow=query.flow_id,
                status=query.status,
                live=query.live,
                node=query.node,
                number=query.version,
                offset=query.offset,
                limit=query.limit,
            )
        )
        return page_of(RunShown, [_shown(story) for story in stories], total, query)

    async def get_run(self, request: Request) -> RunShown:
        """Read a run with its variables."""
        return await self._read(request.tenant, request.id("run"))

    async def list_steps(self, request: Request[None, PageQuery]) -> Page[StepShown]:
        """Read a run's history, the first step first."""
        query, tenant, id = request.query, request.tenant, request.id("run")
        chapters, total = await self._services.store.read(
            lambda session: history(session, tenant, id, offset=query.offset, limit=query.limit)
        )
        return page_of(StepShown, [_step(chapter) for chapter in chapters], total, query)

    async def replay_run(self, request: Request) -> ReplayShown:
        """Replay a run's history on its version, and show each difference. Nothing is changed or sent."""
        tenant, id = request.tenant, request.id("run")
        record = await self._services.store.read(lambda session: load_record(session, tenant, id))
        world = await self._services.worlds.get(tenant, record.versions)
        steps = record.replay(world)
        return ReplayShown(
            run_id=id,
            flow=record.story.flow,
            version=record.story.version,
            equal=all(step.equal for step in steps),
            total=record.total,
            steps=tuple(
                ReplayedShown(
                    number=step.past.number,
                    at=step.past.at,
                    event_id=step.past.event,
                    event=step.past.data["event"]["kind"],
                    equal=step.equal,
                    differences=step.differences,
                )
                for step in steps
            ),
        )

    async def stop_run(self, request: Request[StopInput | None]) -> Answer[RunShown]:
        """Stop a run. What the bot still had to say is not said."""
        tenant, id = request.tenant, request.id("run")
        reason = request.body.reason if request.body else ""
        story = await self._services.store.read(lambda session: get_run(session, tenant, id))
        key = external_id(request, self._services.random)
        submitted = await self._services.engine.submit(
            NewEvent(tenant, "api", key, request.now, StopRun(id, reason), contact=story.row.contact)
        )
        decided = value_of(submitted) is not None
        return Answer(await self._read(tenant, id), status=200 if decided else 202)

    async def _read(self, tenant: int, id: int) -> RunShown:
        return _shown(await self._services.store.read(lambda session: get_run(session, tenant, id)))

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        read, one = "runs:read", "/runs/{run:run}"
        return (
            Route("GET", "/runs", self.list_runs, TAGS, scope=read),
            Route("GET", one, self.get_run, TAGS, scope=read),
            Route("GET", one + "/steps", self.list_steps, TAGS, scope=read),
            Route("GET", one + "/replay", self.replay_run, TAGS, scope=read),
            Route("POST", one + "/stop", self.stop_run, TAGS, also=(202,), errors=(NotNow,), scope="runs:write"),
        )


def _shown(story: Story) -> RunShown:
    row, wait = story.row, story.run.wait
    live = story.run.live
    return RunShown(
        id=row.id,
        flow_id=row.flow,
        flow=story.flow,
        version=story.version,
        contact_id=row.contact,
        contact_name=story.contact,
        conversation_id=row.conversation or None,
        status=story.run.status,
        reason=row.reason,
        node=row.node or None,
        label=story.labels.get(row.node),
        wait=WaitShown(kind=wait.kind, since=wait.opened_at, until=story.until) if wait and live else None,
        variables=story.variables,
        started_at=row.started_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
    )


def _step(chapter: Chapter) -> StepShown:
    return StepShown(
        number=chapter.number,
        at=chapter.at,
        event_id=chapter.event,
        event=chapter.kind,
        text=chapter.text,
        path=tuple(
            PassedShown(node=each.node, label=each.label, port=each.port or None, reason=each.reason) for each in chapter.path
        ),
        message_ids=chapter.messages,
        reason=chapter.reason,
    )
