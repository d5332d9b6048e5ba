"""/media: files are taken in, listed, served and deleted."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from urllib.parse import quote

from aiohttp import BodyPartReader, web
from pydantic import Field

from api.http.error import BadRequest, UnsupportedMediaType
from api.http.model import IdOf, Instant, Output
from api.http.page import Page, PageQuery, page_of
from api.http.request import Request, Response
from api.http.route import Route
from api.services import Services
from crm.media import (
    SALT_BYTES,
    Incoming,
    StoredFile,
    delete_media,
    get_media,
    keep,
    link,
    linked_media,
    list_media,
    remove_file,
)
from crm.media_type import LARGEST, FileTooLarge, is_shown, kind_of
from crm.used_by import InUse
from schemas.error import NotFound
from storage.table import MediaRow

TAGS = ("Media",)
EDITORS = ("owner", "editor")
UPLOAD_LIMIT = LARGEST + 64 * 1024
"""Bytes of a body: the largest file and what stands around it."""
UPLOAD_TIMEOUT = 300.0
"""Seconds: 100 MB over a line of 3 Mbit/s."""
CONTENT_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


class Media(Output):
    """A file. `url` is public: whoever has it may read the file; nobody can guess it."""

    id: Annotated[int, IdOf("med")]
    kind: Annotated[str, Field(description="As what it is sent: image, video, audio, document or sticker.")]
    mime: str
    size: Annotated[int, Field(description="Bytes.")]
    sha256: str
    filename: str
    url: str
    created_at: Instant


class MediaRoutes:
    """Files."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def upload_media(self, request: Request) -> Media:
        """Upload a file, as multipart/form-data with one part `file`.

        What it is, its first bytes say. At most 5 MB for an image, 16 MB for audio and video, 100 MB for a document. The same
        file again gives the same id.
        """
        stored = await self._take(request)
        tenant = request.tenant
        try:
            row, new = await self._services.store.write(lambda session: keep(session, tenant, stored, request.now))
        except BaseException:
            remove_file(self._services.data_dir, stored.path)
            raise
        if new:
            self._services.worlds.changed(tenant)
        else:
            remove_file(self._services.data_dir, stored.path)
        return self._shown(row)

    async def list_media(self, request: Request[None, PageQuery]) -> Page[Media]:
        """List the files, the newest first."""
        query = request.query
        rows, total = await self._services.store.read(
            lambda session: list_media(session, request.tenant, query.offset, query.limit)
        )
        return page_of(Media, [self._shown(row) for row in rows], total, query)

    async def get_media(self, request: Request) -> Media:
        """Read what is known of a file."""
        row = await self._services.store.read(lambda session: get_media(session, request.tenant, request.id("media")))
        return self._shown(row)

    async def read_media_content(self, request: Request) -> Response:
        """Read a file's bytes."""
        row = await self._services.store.read(lambda session: get_media(session, request.tenant, request.id("media")))
        return self._file(row)

    async def read_linked_media(self, request: Request) -> Response:
        """Read a file's bytes by its public link."""
        media, signed = request.id("media"), request.name("signature")
        return self._file(await self._services.store.read(lambda session: linked_media(session, media, signed)))

    async def delete_media(self, request: Request) -> None:
        """Delete a file. Refused while a published flow sends it."""
        tenant, media, types = request.tenant, request.id("media"), self._services.node_types
        path = await self._services.store.write(lambda session: delete_media(session, tenant, media, types))
        self._services.worlds.changed(tenant)
        remove_file(self._services.data_dir, path)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        read, write, one = "media:read", "media:write", "/media/{media:med}"
        return (
            Route(
                "POST", "/media", self.upload_media, TAGS, 201, scope=write, body_limit=UPLOAD_LIMIT, timeout=UPLOAD_TIMEOUT,
                consumes=("multipart/form-data",), errors=(FileTooLarge, UnsupportedMediaType),
            ),
            Route("GET", "/media", self.list_media, TAGS, scope=read),
            Route("GET", one, self.get_media, TAGS, scope=read),
            Route("GET", one + "/content", self.read_media_content, TAGS, scope=read, produces="*/*"),
            Route("DELETE", one, self.delete_media, TAGS, scope=write, roles=EDITORS, errors=(InUse,)),
            Route(
                "GET", one + "/{signature}", self.read_linked_media, TAGS, public=True, profiles=(),
                produces="*/*", errors=(NotFound,),
            ),
        )  # fmt: skip

    async def _take(self, request: Request) -> StoredFile:
        if request.raw.content_type != "multipart/form-data":
            raise UnsupportedMediaType("Send the file as multipart/form-data, in a part named file.")
        try:
            reader = await request.raw.multipart()
            while (part := await reader.next()) is not None:
                if isinstance(part, BodyPartReader) and part.name == "file":
                    return await self._store(part)
        except (ValueError, AssertionError) as error:  # aiohttp's own for a broken boundary or header
            raise BadRequest("The multipart body is broken. Send the file in a part named file.", type="broken_body") from error
        raise BadRequest("There is no part named file. Send the file in it.", type="file_required")

    async def _store(self, part: BodyPartReader) -> StoredFile:
        incoming = Incoming(self._services.data_dir, self._services.random(SALT_BYTES), part.filename or "")
        try:
            while chunk := await part.read_chunk(256 * 1024):
                incoming.write(chunk)
            return await asyncio.to_thread(incoming.finish)
        finally:
            incoming.drop()

    def _file(self, row: MediaRow) -> Response:
        path = self._services.data_dir / row.path
        if not path.is_file():
            raise NotFound("The file is not on the disk any more. Upload it again.")
        return web.FileResponse(path, headers=file_headers(row))

    def _shown(self, row: MediaRow) -> Media:
        return Media(
            id=row.id,
            kind=kind_of(row.mime),
            mime=row.mime,
            size=row.size,
            sha256=row.sha256,
            filename=row.filename,
            url=self._services.public_url + link(row),
            created_at=row.created_at,
        )


def file_headers(row: MediaRow) -> dict[str, Any]:
    """Headers that keep a file from being anything but a file: it runs no scripts, and what a browser can't show is saved."""
    name = quote(row.filename or "file", safe="")
    way = "inline" if is_shown(row.mime) else "attachment"
    return {
        "Content-Type": row.mime,
        "Content-Disposition": f"{way}; filename*=UTF-8''{name}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": CONTENT_POLICY,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": "private, max-age=31536000, immutable",
    }
