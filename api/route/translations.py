"""/flows/{flow}/translations: a flow's texts for translators, and their work back into its draft."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal
from urllib.parse import quote

from aiohttp import web
from pydantic import Field
from sqlmodel import Session

from api.http.error import PreconditionFailed
from api.http.model import Output, Query
from api.http.read import body_bytes
from api.http.request import Answer, Request, Response
from api.http.route import Route
from api.route.flows import EDITORS, TAGS, flow_etag, matched_flow
from api.route.telling import tell_flow
from api.services import Services
from crm.flows import FlowTooLarge, get_flow, read_document, save_draft
from crm.translation import NoLanguage, rows_of, take_in
from crm.translation_file import MAX_FILE_BYTES, MEDIA_TYPES, BadFile, read, write
from schemas.language import LanguageTag
from schemas.migration import migrate
from storage.table import FlowRow

MOST_TOLD = 200
"""Places of each kind that an answer names: more, nobody reads; the counts are whole."""
TIMEOUT_S = 60.0


class TranslationsQuery(Query):
    """Which file."""

    language: LanguageTag
    format: Annotated[Literal["csv", "po"], Field(description="CSV for spreadsheets, gettext PO for translators' tools.")] = "po"


class Refused(Output):
    """A text that was not taken."""

    place: str
    reason: str


class ImportReport(Output):
    """What came of an import. It removes nothing: an empty translation leaves what is there."""

    revision: Annotated[int, Field(description="The draft's revision now.")]
    applied: Annotated[int, Field(description="Texts that are new, changed, or confirmed.")]
    unchanged: int
    missing: Annotated[int, Field(description="Texts without a translation in the file.")]
    stale: Annotated[
        tuple[str, ...], Field(description="Places that were taken, though their texts have changed since the file was made.")
    ]
    unknown: Annotated[tuple[str, ...], Field(description="Places that are not in the flow.")]
    refused: tuple[Refused, ...]


class TranslationRoutes:
    """Translations as files."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def export_translations(self, request: Request[None, TranslationsQuery]) -> Response:
        """Export the texts of a flow's draft for a translator.

        Each text comes with its place in the flow, what it is part of, and its translation where there is one. In a PO file
        stale translations are fuzzy.
        """
        query, types = request.query, self._services.node_types
        row = await self._services.store.read(lambda session: get_flow(session, request.tenant, request.id("flow")))
        name, key, draft = row.name, row.key, migrate(row.draft)

        def work() -> bytes:
            return write(rows_of(draft, types, query.language), query.format, flow=name, language=query.language)

        data = await asyncio.to_thread(work)
        file = quote(f"{key}.{query.language}.{query.format}")
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{file}",
            "X-Content-Type-Options": "nosniff",
            "ETag": flow_etag(row),
        }
        return web.Response(body=data, content_type=MEDIA_TYPES[query.format], charset="utf-8", headers=headers)

    async def import_translations(self, request: Request[None, TranslationsQuery]) -> Answer[ImportReport]:
        """Take a translator's file into the draft. The body is the file; needs If-Match, as saving a draft does.

        Each text is judged alone: one that lost a merge field, or is too long for its field, is refused with the reason, and
        the others are taken. A language that the flow doesn't have yet is added.
        """
        query, types = request.query, self._services.node_types
        row = await self._services.store.read(lambda session: matched_flow(self._services, session, request))
        data = await body_bytes(request.raw, MAX_FILE_BYTES, TIMEOUT_S)
        entries = await asyncio.to_thread(read, data, query.format, language=query.language)
        before = row.revision
        taken = await asyncio.to_thread(take_in, read_document(row.draft), types, query.language, entries)

        def keep(session: Session) -> FlowRow:
            now = matched_flow(self._services, session, request)
            if now.revision != before:  # If-Match: * lets pass what somebody saved meanwhile
                raise PreconditionFailed
            return save_draft(session, now, taken.document, request.now)

        saved = await self._services.store.write(keep)
        if saved.revision != before:
            tell_flow(self._services, request, saved.id, "saved", {"revision": saved.revision, "name": saved.name})
        report = ImportReport(
            revision=saved.revision,
            applied=taken.applied,
            unchanged=taken.unchanged,
            missing=taken.missing,
            stale=taken.stale[:MOST_TOLD],
            unknown=taken.unknown[:MOST_TOLD],
            refused=tuple(Refused(place=place, reason=reason) for place, reason in list(taken.refused.items())[:MOST_TOLD]),
        )
        return Answer(report, etag=flow_etag(saved))

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        one = "/flows/{flow:flow}/translations"
        return (
            Route(
                "GET", one, self.export_translations, TAGS, scope="flows:read", produces="text/*", errors=(NoLanguage,),
            ),
            Route(
                "POST", one, self.import_translations, TAGS, scope="flows:write", roles=EDITORS, body_limit=MAX_FILE_BYTES,
                timeout=TIMEOUT_S, if_match=True, consumes=tuple(MEDIA_TYPES.values()),
                errors=(BadFile, FlowTooLarge, NoLanguage),
            ),
        )  # fmt: skip
