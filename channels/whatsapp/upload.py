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
from weakref import WeakValueDictionary

from channels.error import CallFailed
from channels.outside import fetch_file
from channels.protocol import ChannelRef, Services
from channels.whatsapp.client import GraphClient, Trouble
from channels.whatsapp.errors import UNKNOWN_OBJECT, verdict
from channels.whatsapp.limits import INBOUND_BYTES, MEDIA, MEDIA_BYTES, MEDIA_LIFE, media_problem
from channels.whatsapp.read import text
from schemas.content import Media

MARGIN = timedelta(hours=12)  # an id that ends within it is not used any more: a message may wait for its turn
URL_LIFE = timedelta(minutes=10)  # how long an author's address is taken to show the same file; a campaign fetches it once
MAX_URLS = 256


@dataclass(frozen=True, slots=True)
class NoFile:
    """The file can't be sent: by its author's fault (`reason` "") or by trouble with Meta."""

    detail: str
    trouble: Trouble | None = None


@dataclass(slots=True)
class Files:
    """The files of one channel. What Meta calls them is remembered in the store; addresses for some minutes here."""

    channel: ChannelRef
    services: Services
    client: GraphClient
    urls: OrderedDict[str, tuple[str, datetime]] = field(default_factory=OrderedDict)
    locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def prepare(self, files: Sequence[Media], *, fresh: bool = False) -> Mapping[str, str] | NoFile:
        """Meta's id of each file, uploaded where it must be; `fresh` forgets what was remembered and uploads again.

        An address that can't be fetched from here is left out: Meta may try it itself.
        """
        found: dict[str, str] = {}
        for file in files:
            name = file.media or file.url
            if not name:
                continue  # it has the provider's own id already
            lock = self.locks.setdefault(name, asyncio.Lock())
            async with lock:
                made = await self._prepare(file, fresh=fresh)
            if isinstance(made, NoFile):
                return made
            if made:
                found[name] = made
        return found

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

    async def _prepare(self, file: Media, *, fresh: bool) -> str | NoFile | None:
        now, store = self.services.clock.now(), self.services.media
        tenant, channel = self.channel.tenant, self.channel.id
        media = file.media or await self._stored(file, now)
        if media is None:
            return None
        if fresh:
            await store.forget_upload(tenant, channel, media)
        elif known := await store.uploaded(tenant, channel, media, now + MARGIN):
            return known
        opened = await store.open(tenant, media)
        if opened is None:
            return NoFile("The file isn't there any more. Upload it again.")
        mime = opened.mime.split(";")[0].strip().lower()
        if problem := media_problem(file.kind, mime, len(opened.data)):
            return NoFile(problem)
        done = await self.client.upload(opened.data, mime, file.filename or opened.filename)
        if isinstance(done, Trouble):
            return NoFile(done.detail, done)
        provider_id = text(done.data.get("id"), 256)
        if not provider_id:
            return NoFile("Meta gave the file no id.", Trouble("refused", "Meta gave the file no id.", 500))
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
