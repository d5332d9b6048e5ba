"""Our media files as channels see them: bytes on disk, rows in the tables."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from api.services import Store
from channels.media import StoredMedia
from crm.media import get_media, keep, link, save_bytes
from engine.runtime.protocol import Clock
from schemas.error import Invalid, NotFound
from schemas.public_id import public_id, read_id
from storage.table import MediaRow, MessageRow


class FileStore:
    """`channels.media.MediaStore` over the data directory."""

    def __init__(self, tables: Store, data_dir: Path, clock: Clock, random: Callable[[int], bytes]) -> None:
        self._tables = tables
        self._data_dir = data_dir
        self._clock = clock
        self._random = random

    async def open(self, tenant: int, media: str) -> StoredMedia | None:
        """The file with this public id; None if there is none."""
        row = await self._tables.read(lambda session: _find(session, tenant, media))
        if row is None:
            return None
        path = self._data_dir / row.path
        try:
            data = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            return None
        return StoredMedia(media, data, row.mime, row.filename, row.sha256)

    async def save(self, tenant: int, data: bytes, *, mime: str, filename: str) -> str:
        """Keep a file and give its public id."""
        file = await asyncio.to_thread(save_bytes, self._data_dir, self._random(16), data, filename)
        row, _ = await self._tables.write(lambda session: keep(session, tenant, file, self._clock.now()))
        return public_id("med", row.id)

    async def attach(self, tenant: int, message: int, media: str) -> None:
        """The message whose content names the provider's file shows ours from now on."""

        def work(session: Session) -> None:
            row = session.get(MessageRow, message)
            file = _find(session, tenant, media)
            if row is None or row.tenant != tenant or file is None:
                return
            row.content = {**row.content, "media": media, "url": link(file), "mime": file.mime, "filename": file.filename}
            session.add(row)

        await self._tables.write(work)

    async def uploaded(self, tenant: int, channel: int, media: str, now: datetime) -> str | None:
        """The provider's id of the file, still good at `now`."""
        row = await self._tables.read(lambda session: _find(session, tenant, media))
        upload = row.uploads.get(str(channel)) if row is not None else None
        if upload is None or datetime.fromisoformat(upload["until"]) <= now:
            return None
        return str(upload["id"])

    async def remember_upload(self, tenant: int, channel: int, media: str, provider_id: str, until: datetime) -> None:
        """The provider knows the file by this id until then."""
        upload = {"id": provider_id, "until": until.isoformat()}
        await self._tables.write(lambda session: _set_upload(session, tenant, channel, media, upload))

    async def forget_upload(self, tenant: int, channel: int, media: str) -> None:
        """The provider doesn't know the file any more."""
        await self._tables.write(lambda session: _set_upload(session, tenant, channel, media, None))


def _find(session: Session, tenant: int, media: str) -> MediaRow | None:
    try:
        return get_media(session, tenant, read_id("med", media))
    except (NotFound, Invalid):
        return None


def _set_upload(session: Session, tenant: int, channel: int, media: str, upload: dict[str, str] | None) -> None:
    row = _find(session, tenant, media)
    if row is None:
        return
    uploads = {key: value for key, value in row.uploads.items() if key != str(channel)}
    if upload is not None:
        uploads[str(channel)] = upload
    row.uploads = uploads
    session.add(row)
