"""/flows/…/publish and versions: what is live, what was, and what becomes of the runs."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlmodel import Session

from api.http.error import Detail, PreconditionFailed, ValidationFailed
from api.http.read import UnknownId
from api.http.request import Answer, Request
from api.http.route import Route
from api.route.flow_model import (
    CompareQuery,
    Comparison,
    Flow,
    InsideShown,
    LiveVersion,
    Publication,
    PublishFlow,
    PublishPreview,
    RollBack,
    Version,
    VersionWithDocument,
    change_shown,
    finding,
    standing_runs,
    version_facts,
)
from api.route.flows import EDITORS, around_of, flow_etag, shown_flow
from api.route.listing import Items
from api.route.telling import tell_flow
from api.services import Services
from crm.compare import compare
from crm.flows import NewerFlow, get_flow, read_document, save_draft
from crm.preview import Preview, preview_draft, read_draft
from crm.publish import (
    FlowInvalid,
    Published,
    deactivate_flow,
    get_version,
    list_versions,
    publish_flow,
    roll_back,
)
from schemas.error import Conflict, NotFound

TAGS = ("Publishing",)
MOST_DETAILS = 50


class VersionRoutes:
    """Publishing."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def publish_flow(self, request: Request[PublishFlow | None]) -> Publication:
        """Make the draft live.

        Refused while the flow has errors. Content that was published before makes that version live again. A dry run says how
        many runs stand where, and changes nothing.
        """
        body, tenant, flow = request.body or PublishFlow(), request.tenant, request.id("flow")
        around, user = around_of(self._services), request.principal.user or 0

        def work(session: Session) -> Published:
            return publish_flow(
                session,
                tenant,
                flow,
                around,
                request.now,
                note=body.note,
                policy=body.policy,
                user=user,
                dry_run=body.dry_run,
            )

        store = self._services.store
        try:
            done = await (store.read(work) if body.dry_run else store.write(work))
        except FlowInvalid as error:
            raise refusal(error) from error
        if not body.dry_run:
            self._services.worlds.changed(tenant)
            self._tell(request, done)
        return _publication(done, body.policy, body.dry_run)

    async def preview_publish(self, request: Request) -> PublishPreview:
        """Say what publishing the draft would do: the difference, the problems, and what becomes of the contacts inside."""
        tenant, flow, around = request.tenant, request.id("flow"), around_of(self._services)
        read = await self._services.store.read(lambda session: read_draft(session, tenant, flow, around))
        return _preview(await asyncio.to_thread(preview_draft, read, around.node_types))

    async def compare_version(self, request: Request[None, CompareQuery]) -> Comparison:
        """Say what is different between a version and another one, or the draft."""
        number, other = number_of(request), request.query.version
        tenant, flow, types = request.tenant, request.id("flow"), self._services.node_types

        def work(session: Session) -> tuple[Any, Any]:
            before = get_version(session, tenant, flow, number).document
            after = get_version(session, tenant, flow, other).document if other else get_flow(session, tenant, flow).draft
            return before, after

        before, after = await self._services.store.read(work)
        changes = await asyncio.to_thread(compare, before, after, types)
        return Comparison(before=number, after=other, changes=tuple(map(change_shown, changes)))

    async def restore_version(self, request: Request) -> Answer[Flow]:
        """Make a version's document the draft again. What is live stays. If-Match is heeded where it is sent."""
        number, tenant, flow = number_of(request), request.tenant, request.id("flow")

        def work(session: Session) -> Answer[Flow]:
            row = get_flow(session, tenant, flow)
            if request.if_match:
                request.require_match(flow_etag(row))
            document = read_document(get_version(session, tenant, flow, number).document)
            return shown_flow(session, save_draft(session, row, document, request.now), self._services.node_types)

        answer = await self._services.store.write(work)
        tell_flow(self._services, request, flow, "saved", {"revision": answer.model.revision, "name": answer.model.name})
        return answer

    async def roll_back(self, request: Request[RollBack | None]) -> Publication:
        """Make an older version live again."""
        policy = request.body.policy if request.body else "stay"
        tenant, flow, around, number = request.tenant, request.id("flow"), around_of(self._services), number_of(request)
        try:
            done = await self._services.store.write(
                lambda session: roll_back(session, tenant, flow, number, around, request.now, policy=policy)
            )
        except FlowInvalid as error:
            raise refusal(error) from error
        self._services.worlds.changed(tenant)
        self._tell(request, done)
        return _publication(done, policy, False)

    async def deactivate_flow(self, request: Request) -> Answer[Flow]:
        """Take a flow off the air. Nothing starts it any more; runs that are inside go on to their end."""
        tenant, flow = request.tenant, request.id("flow")

        def work(session: Session) -> Answer[Flow]:
            return shown_flow(session, deactivate_flow(session, tenant, flow), self._services.node_types)

        answer = await self._services.store.write(work)
        self._services.worlds.changed(tenant)
        tell_flow(self._services, request, flow, "deactivated", {"revision": answer.model.revision})
        return answer

    async def list_versions(self, request: Request) -> Items[Version]:
        """List what was published of a flow, the newest first."""

        def work(session: Session) -> Items[Version]:
            live = get_flow(session, request.tenant, request.id("flow")).live_version
            rows = list_versions(session, request.tenant, request.id("flow"))
            return Items[Version](data=tuple(Version(**version_facts(row, live)) for row in rows))

        return await self._services.store.read(work)

    async def get_version(self, request: Request) -> VersionWithDocument:
        """Read a version with its document."""
        number = number_of(request)

        def work(session: Session) -> VersionWithDocument:
            live = get_flow(session, request.tenant, request.id("flow")).live_version
            row = get_version(session, request.tenant, request.id("flow"), number)
            return VersionWithDocument(**version_facts(row, live), document=row.document)

        return await self._services.store.read(work)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        read, write, one = "flows:read", "flows:publish", "/flows/{flow:flow}"
        numbered = one + "/versions/{number}"
        refusals = (Conflict, FlowInvalid)
        return (
            Route("POST", one + "/publish", self.publish_flow, TAGS, scope=write, roles=EDITORS, errors=refusals),
            Route("GET", one + "/preview", self.preview_publish, TAGS, scope=read),
            Route("POST", one + "/deactivate", self.deactivate_flow, TAGS, scope=write, roles=EDITORS),
            Route("GET", one + "/versions", self.list_versions, TAGS, scope=read),
            Route("GET", numbered, self.get_version, TAGS, scope=read, errors=(NotFound,)),
            Route("GET", numbered + "/compare", self.compare_version, TAGS, scope=read, errors=(NotFound,)),
            Route(
                "POST", numbered + "/restore", self.restore_version, TAGS, scope="flows:write", roles=EDITORS,
                errors=(NotFound, NewerFlow, PreconditionFailed),
            ),
            Route(
                "POST", numbered + "/publish", self.roll_back, TAGS, scope=write, roles=EDITORS,
                errors=(*refusals, NotFound),
            ),
        )  # fmt: skip

    def _tell(self, request: Request[Any, Any], done: Published) -> None:
        version = done.version.number if done.version is not None else None
        tell_flow(self._services, request, done.flow.id, "published", {"version": version, "revision": done.flow.revision})


def number_of(request: Request[Any, Any]) -> int:
    """The version's number in the path. Raises NotFound for what is no number."""
    text = request.name("number")
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise UnknownId("This flow has no such version. A version is named by its number, such as 3.")
    return int(text)


def refusal(error: FlowInvalid) -> ValidationFailed:
    """Every problem of the flow as a detail of the refusal; `field` is the pointer into the document."""
    details = [
        Detail(field=problem.pointer, message=f"{problem.message} {problem.hint}".strip())
        for problem in error.problems
        if problem.level == "error"
    ]
    return ValidationFailed(error.message, type=error.code, details=details[:MOST_DETAILS])


def _publication(done: Published, policy: str, dry_run: bool) -> Publication:
    version = done.version
    return Publication(
        version=Version(**version_facts(version, done.flow.live_version)) if version is not None else None,
        new=done.new,
        dry_run=dry_run,
        policy=policy,
        problems=tuple(finding(problem, done.document) for problem in done.problems),
        runs=sum(each.runs for each in done.standing),
        standing=tuple(map(standing_runs, done.standing)),
    )


def _preview(found: Preview) -> PublishPreview:
    live = found.live
    return PublishPreview(
        publishable=found.sound and not found.row.archived,
        live=LiveVersion(id=live.id, number=live.number, published_at=live.published_at) if live else None,
        new=found.same is None,
        changed=live is None or found.same is None or found.same.id != live.id,
        changes=tuple(map(change_shown, found.changes)),
        problems=tuple(finding(problem, found.row.draft) for problem in found.problems),
        runs=found.runs,
        moved=found.moved,
        inside=tuple(
            InsideShown(
                version=each.version, number=each.number, node=each.node, label=each.label, runs=each.runs, moves=each.moves
            )
            for each in found.inside
        ),
    )
