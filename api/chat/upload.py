"""A visitor's file on its way in."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import BodyPartReader, web

from api.http.error import BadRequest, BodyTimeout, BodyTooLarge
from crm.media import Incoming, StoredFile
from schemas.error import Refused

FIELD = "file"
CHUNK = 256 * 1024
UPLOAD_SECONDS = 300.0
"""10 MB over a slow phone; whoever needs longer comes back with a better connection."""
SPARE = 64 * 1024
"""Bytes of a request around its file: boundaries and headers."""


async def take_file(request: web.Request, data_dir: Path, random: bytes, limit: int) -> StoredFile:
    """The file in the field `file` of a multipart body, on the disk. Raises errors with sentences for visitors."""
    if limit == 0:
        raise Refused("This chat takes no files. Write a message instead.")
    if not request.content_type.startswith("multipart/"):
        raise BadRequest("Send the file as multipart/form-data, in a field named file.")
    if (request.content_length or 0) > limit + SPARE:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            return await _read(await _part(request), data_dir, random, limit)
    except TimeoutError as error:
        raise BodyTimeout("The file took too long. Check your connection and try again.") from error
    except ValueError as error:  # aiohttp: a broken boundary, a header that never ends
        raise BadRequest("The file can't be read. Attach it again.") from error


async def _part(request: web.Request) -> BodyPartReader:
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if isinstance(part, BodyPartReader) and part.name == FIELD:
            return part
    raise BadRequest("There is no file in this request. Attach it again.")


async def _read(part: BodyPartReader, data_dir: Path, random: bytes, limit: int) -> StoredFile:
    incoming = await asyncio.to_thread(Incoming, data_dir, random, part.filename or "")
    try:
        size = 0
        while chunk := await part.read_chunk(CHUNK):
            size += len(chunk)
            if size > limit:
                raise _too_large(limit)
            await asyncio.to_thread(incoming.write, chunk)
        return await asyncio.to_thread(incoming.finish)
    finally:
        await asyncio.to_thread(incoming.drop)


def _too_large(limit: int) -> BodyTooLarge:
    size = f"{limit // 1024 // 1024} MB" if limit >= 1024 * 1024 else f"{max(1, limit // 1024)} kB"
    return BodyTooLarge(f"That file is too large. Choose one under {size}.")
