"""A connected number: sends, reads, fetches files, and says how it is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from channels.error import CallFailed
from channels.protocol import ChannelRef, Health, Services
from channels.whatsapp.client import GraphClient, Reply, Trouble
from channels.whatsapp.errors import STALE_MEDIA, TRIES, verdict
from channels.whatsapp.identity import address, learned
from channels.whatsapp.limits import CAPABILITIES
from channels.whatsapp.read import mapping, objects, text
from channels.whatsapp.render import files_of, render
from channels.whatsapp.upload import Files, NoFile
from engine.runtime.protocol import Accepted, Lost, Outgoing, Refused
from schemas.capability import Capabilities

MAX_COUNTED = 1000  # messages whose tries are counted, see errors.TRIES


@dataclass(slots=True, repr=False)
class WhatsAppChannel:
    """One phone number on the Cloud API."""

    ref: ChannelRef
    client: GraphClient
    services: Services
    files: Files
    tries: OrderedDict[tuple[str, int], int] = field(default_factory=OrderedDict)

    def __repr__(self) -> str:
        return f"WhatsAppChannel({self.ref.id}, {self.client!r})"

    @property
    def capabilities(self) -> Capabilities:
        """Meta's limits."""
        return CAPABILITIES

    async def send(self, outgoing: Outgoing) -> Accepted | Refused | Lost:
        """Hand the message to Meta, with its files uploaded first.

        A refusal that means that Meta has forgotten an uploaded file leads to one new upload and one more try.
        """
        if not address(outgoing.to):
            return Refused("no_address", "This contact has no number on WhatsApp.", "never")
        files = files_of(outgoing.content)
        uploads = await self.files.prepare(files)
        answer = await self._send(outgoing, uploads)
        if isinstance(answer, Trouble) and answer.code in STALE_MEDIA and uploads:
            answer = await self._send(outgoing, await self.files.prepare(files, fresh=True))
        return self._outcome(outgoing, answer)

    async def call(self, kind: str, data: Mapping[str, Any]) -> None:
        """`mark_read` {message_id, typing}: show that it was read, and perhaps the dots, for 25 s or until the reply.
        `fetch_media` {provider_id, message}: bring an inbound file into our store and show it in the message.

        Raises CallFailed, which says whether to try again.
        """
        match kind:
            case "mark_read":
                await self.mark_read(text(data.get("message_id")), typing=data.get("typing") is True)
            case "fetch_media":
                media = await self.files.fetch(text(data.get("provider_id")))
                if message := data.get("message"):
                    await self.services.media.attach(self.ref.tenant, int(message), media)
            case _:
                raise CallFailed(f"WhatsApp knows no work named {kind!r}.", reason="unknown_call", again=False)

    async def mark_read(self, wamid: str, *, typing: bool = False) -> None:
        """Show the person that a message was read. Raises CallFailed; it is never worth a second try."""
        body: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
        if typing:
            body["typing_indicator"] = {"type": "text"}
        answer = await self.client.message(body)
        if isinstance(answer, Trouble):
            raise CallFailed(answer.detail, reason=str(answer.code or answer.reached), again=False)

    async def check(self) -> Health:
        """What Meta says of the number."""
        answer = await self.client.number()
        if isinstance(answer, Trouble):
            if answer.reached != "refused":
                return Health(problem=f"{answer.detail} Check the connection and the base URL.")
            advice = verdict(answer.code, status=answer.status, subcode=answer.subcode).advice
            return Health(problem=f"{answer.detail} {advice}")
        data = answer.data
        status = text(data.get("status"), 64)
        problem = "" if status in ("", "CONNECTED") else f"Meta says that the number is {status.lower()}. See WhatsApp Manager."
        return Health(
            name=text(data.get("verified_name"), 256),
            address=text(data.get("display_phone_number"), 64),
            quality=text(data.get("quality_rating"), 64),
            limit=text(data.get("messaging_limit_tier"), 64),
            status=status,
            problem=problem,
        )

    async def _send(self, outgoing: Outgoing, uploads: Mapping[str, str] | NoFile) -> Reply | Trouble | Refused:
        if isinstance(uploads, NoFile):
            return _no_file(uploads)
        body = render(outgoing, uploads)
        if body is None:
            return Refused("cannot_render", f"WhatsApp can't show a message of kind {outgoing.content.kind}.", "never")
        return await self.client.message(body)

    def _outcome(self, outgoing: Outgoing, answer: Reply | Trouble | Refused) -> Accepted | Refused | Lost:
        match answer:
            case Reply(data=data):
                sent = next(objects(data.get("messages")), {})
                wamid = text(mapping(sent).get("id"), 512)
                return Accepted(wamid, learned(data)) if wamid else Lost("Meta's answer names no message.")
            case Trouble(reached="lost", detail=detail):
                return Lost(detail)
            case Trouble():
                return self._bounded(outgoing.key, answer.code, refusal(answer))
            case Refused():
                return answer

    def _bounded(self, key: str, code: int | None, refused: Refused) -> Refused:
        """The refusal, or the last one where a code is worth only so many tries."""
        if code not in TRIES:
            return refused
        count = self.tries[(key, code)] = self.tries.pop((key, code), 0) + 1
        if len(self.tries) > MAX_COUNTED:
            self.tries.popitem(last=False)
        return refused if count < TRIES[code] else Refused(refused.code, refused.detail, "never")


def refusal(trouble: Trouble) -> Refused:
    """What the sender is told of a request that was refused or never left."""
    if trouble.reached == "unsent":
        return Refused("unreachable", trouble.detail, "retry")
    found = verdict(trouble.code, status=trouble.status, subcode=trouble.subcode)
    code = str(trouble.code) if trouble.code is not None else f"http_{trouble.status}"
    return Refused(code, trouble.detail, found.remedy, trouble.after)


def _no_file(missing: NoFile) -> Refused:
    """A file that could not be uploaded: nothing was sent yet, so also a lost upload may be tried again."""
    if missing.trouble is None:
        return Refused("media", missing.detail, "never")
    if missing.trouble.reached != "refused":
        return Refused("unreachable", missing.detail, "retry")
    return refusal(missing.trouble)
