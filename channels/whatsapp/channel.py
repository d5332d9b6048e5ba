"""A connected number: sends, reads, fetches files, and says how it is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from channels.protocol import ChannelRef, Health, Services
from channels.whatsapp.client import GraphClient, Reply, Trouble
from channels.whatsapp.errors import STALE_MEDIA, TRIES, verdict
from channels.whatsapp.identity import address, learned
from channels.whatsapp.limits import CAPABILITIES
from channels.whatsapp.read import objects, text
from channels.whatsapp.refusal import refusal
from channels.whatsapp.render import files_of, render
from channels.whatsapp.upload import AGAIN_S, Files
from engine.runtime.protocol import Accepted, CallFailed, Lost, Outgoing, Refused
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
        """Hand the message to Meta, with its files uploaded first; answers within about 27 s."""
        if not address(outgoing.to):
            return Refused("no_address", "This contact has no number on WhatsApp.", "never")
        files = files_of(outgoing.content)
        uploads = await self.files.prepare(files)
        if isinstance(uploads, Refused):
            return uploads
        body = render(outgoing, uploads)
        if body is None:
            return Refused("cannot_render", f"WhatsApp can't show a message of kind {outgoing.content.kind}.", "never")
        answer = await self.client.message(body)
        if isinstance(answer, Reply):
            sent = next(iter(objects(answer.data.get("messages"))), {})
            wamid = text(sent.get("id"), 512)
            return Accepted(wamid, learned(answer.data)) if wamid else Lost("Meta's answer names no message.")
        if answer.reached == "lost":
            return Lost(answer.detail)
        if answer.code in STALE_MEDIA and uploads and self._tried(outgoing.key, answer.code) == 1:
            await self.files.forget(files)
            return replace(refusal(answer), remedy="retry", after=AGAIN_S)
        if answer.code in TRIES and self._tried(outgoing.key, answer.code) >= TRIES[answer.code]:
            return replace(refusal(answer), remedy="never")
        return refusal(answer)

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

    async def close(self) -> None:
        """End the uploads under way."""
        await self.files.close()

    def _tried(self, key: str, code: int) -> int:
        """How often this message has met this code, now included; remembered for the last MAX_COUNTED of them."""
        count = self.tries[(key, code)] = self.tries.pop((key, code), 0) + 1
        if len(self.tries) > MAX_COUNTED:
            self.tries.popitem(last=False)
        return count
