"""Files to Meta and from Meta: uploaded once in 30 days and channel, fetched with our token into our own store."""

from __future__ import annotations

import asyncio
import mimetypes
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from channels.outside import fetch_file
from channels.protocol import ChannelRef, Services
from channels.whatsapp.client import GraphClient, Trouble
from channels.whatsapp.errors import UNKNOWN_OBJECT, verdict
from channels.whatsapp.limits import INBOUND_BYTES, MEDIA, MEDIA_BYTES, MEDIA_LIFE, media_problem
from channels.whatsapp.read import text
from channels.whatsapp.refusal import refusal
from engine.runtime.protocol import CallFailed, Refused
from schemas.content import Media

MARGIN = timedelta(hours=12)  # an id that ends within it is not used any more: a message may wait for its turn
URL_LIFE = timedelta(minutes=10)  # how long an author's address is taken to show the same file; a campaign fetches it once
MAX_URLS = 256
PATIENCE_S = 12.0  # how long a send waits for its files: with connecting and the answer it stays below the sender's 30 s
AGAIN_S = 2.0


@dataclass(slots=True)
class Files:
    """The files of one channel. What Meta calls them is remembered in the store; addresses for some minutes here."""

    channel: ChannelRef
    services: Services
    client: GraphClient
    urls: OrderedDict[str, tuple[str, datetime]] = field(default_factory=OrderedDict)
    running: dict[tuple[str, str], asyncio.Task[str | Refused | None]] = field(default_factory=dict)
    patience_s: float = PATIENCE_S

    async def prepare(self, files: Sequence[Media]) -> Mapping[str, str] | Refused:
        """Meta's id of each file, uploaded where it must be; several sends of one file wait for one upload.

        An address that can't be fetched from here is left out: Meta may try it itself. What takes longer than `patience_s`
        goes on beside the sender, whose next try finds it done.
        """
        tasks = {file.media or file.url: self._start(file) for file in files if file.media or file.url}
        if not tasks:
            return {}
        _, pending = await asyncio.wait(tasks.values(), timeout=self.patience_s)
        if pending:
            return Refused("uploading", "The file is still on its way to Meta.", "retry", AGAIN_S)
        found: dict[str, str] = {}
        for name, task in tasks.items():
            made = task.result()
            if isinstance(made, Refused):
                return made
            if made:
                found[name] = made
        return found

    async def forget(self, files: Sequence[Media]) -> None:
        """Meta doesn't know these files any more: the next send uploads them again."""
        for file in files:
            media = file.media or self.urls.get(file.url, ("",))[0]
            if media:
                await self.services.media.forget_upload(self.channel.tenant, self.channel.id, media)

    async def close(self) -> None:
        """End the uploads under way."""
        for task in list(self.running.values()):
            task.cancel()
        await asyncio.gather(*self.running.values(), return_exceptions=True)

    async def fetch(self, provider_id: str) -> str:
        """Bring an inbound file into our store; its media id. Raises CallFailed, which says whether to try again.

        Meta keeps a webhook's file for 7 days; its address, asked for anew each time, for 5 minutes.
        """
        asked = await self.client.media(provider_id)
        if isinstance(asked, Trouble):
            raise _call_failed(asked, gone=asked.subcode == UNKNOWN_OBJECT)
        size = asked.data.get("file_size")
        if isinstance(size, int) and size > INBOUND_BYTES:
            raise CallFailed(f"The file has {size} bytes, more than {INBOUND_BYTES}.", reason="too_large", again=False)
        got = await self.client.download(text(asked.data.get("url")), INBOUND_BYTES)
        if isinstance(got, Trouble):
            if got.code is None and got.status in (401, 403, 404):  # an address that ran out: the next try gets a new one
                raise CallFailed(got.detail, reason=str(got.status))
            raise _call_failed(got)
        mime = (text(asked.data.get("mime_type"), 256) or got.mime).split(";")[0].strip().lower()
        name = provider_id + (mimetypes.guess_extension(mime) or "")
        return await self.services.media.save(self.channel.tenant, got.data, mime=mime, filename=name)

    def _start(self, file: Media) -> asyncio.Task[str | Refused | None]:
        key = (file.kind, file.media or file.url)
        task = self.running.get(key)
        if task is None:
            task = self.running[key] = asyncio.create_task(self._upload(file))
            task.add_done_callback(lambda _: self.running.pop(key, None))
        return task

    async def _upload(self, file: Media) -> str | Refused | None:
        now, store = self.services.clock.now(), self.services.media
        tenant, channel = self.channel.tenant, self.channel.id
        media = file.media or await self._stored(file, now)
        if media is None:
            return None
        if known := await store.uploaded(tenant, channel, media, now + MARGIN):
            return known
        opened = await store.open(tenant, media)
        if opened is None:
            return Refused("media", "The file isn't there any more. Upload it again.", "never")
        mime = opened.mime.split(";")[0].strip().lower()
        if problem := media_problem(file.kind, mime, len(opened.data)):
            return Refused("media", problem, "never")
        done = await self.client.upload(opened.data, mime, file.filename or opened.filename)
        if isinstance(done, Trouble):
            return refusal(done)  # also of a lost one: no message was sent yet
        provider_id = text(done.data.get("id"), 256)
        if not provider_id:
            return Refused("media", "Meta gave the file no id.", "retry")
        await store.remember_upload(tenant, channel, media, provider_id, now + MEDIA_LIFE)
        return provider_id

    async def _stored(self, file: Media, now: datetime) -> str | None:
        """Our media id of the file behind an author's address; None if it can't be fetched from here."""
        known = self.urls.get(file.url)
        if known and known[1] > now:
            return known[0]
        got = await fetch_file(self.services.outside(), file.url, MEDIA_BYTES[file.kind])
        if got is None:
            return None
        path = urlsplit(file.url).path
        mime = got.mime if got.mime in MEDIA else mimetypes.guess_type(path)[0] or got.mime
        name = file.filename or PurePosixPath(path).name
        media = await self.services.media.save(self.channel.tenant, got.data, mime=mime, filename=name)
        self.urls[file.url] = (media, now + URL_LIFE)
        self.urls.move_to_end(file.url)
        if len(self.urls) > MAX_URLS:
            self.urls.popitem(last=False)
        return media


def _call_failed(trouble: Trouble, *, gone: bool = False) -> CallFailed:
    if trouble.reached != "refused":
        return CallFailed(trouble.detail, reason=trouble.reached)
    found = verdict(trouble.code, status=trouble.status, subcode=trouble.subcode)
    again = not gone and found.remedy != "never"
    return CallFailed(trouble.detail, reason=str(trouble.code or trouble.status), again=again, after=trouble.after)
