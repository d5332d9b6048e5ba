"""/hooks/call/{token}: another system posts the answer for which a run waits, to an address that was made for this one call."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sqlmodel import Session

from api.http.json_body import parse
from api.http.model import IdOf, Output
from api.http.request import Request
from api.http.route import Route
from api.services import Services
from schemas.base62 import decode, encode
from schemas.error import NotFound
from schemas.event import CallAnswered, NewEvent
from storage.secret import SecretBox
from storage.table import CallRow, TenantRow

TAGS = ("Webhooks in",)
BODY_LIMIT = 256 * 1024
"""Bytes, as of any answer of another system."""
LONGEST_ID = 11
"""Digits of the largest id in base 62."""


class CallTaken(Output):
    """The answer was taken: the flow goes on with it, if it still waits."""

    status: Literal["accepted"]
    event_id: Annotated[int, IdOf("ev")]
    duplicate: Annotated[bool, Field(description="This call was answered before; nothing was changed.")]


def callback_address(public_url: str, box: SecretBox, call: int) -> str:
    """The one address to which a call's answer may be posted: nobody can guess it, and each try of the call makes the same."""
    return f"{public_url}/hooks/call/{encode(call)}{box.sign(f'call:{call}')}"


class CallHookRoutes:
    """The one-time addresses of calls whose answer comes later."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def answer_call(self, request: Request) -> CallTaken:
        """Post the answer for which a flow waits.

        The body is any JSON of at most 256 kB; the first answer counts, and repeating it changes nothing.
        """
        row = await self._call(request.name("token"))
        body = parse(await request.raw.read() or b"null")
        answer = CallAnswered(row.run, row.wait, row.id, True, data={"status": 200, "headers": {}, "body": body})
        event = NewEvent(row.tenant, "call", str(row.id), request.now, answer, contact=row.contact)
        taken = (await self._services.engine.append([event]))[0]
        return CallTaken(status="accepted", event_id=taken.id, duplicate=taken.duplicate)

    async def _call(self, token: str) -> CallRow:
        """The call behind an address, if it waits for such an answer and its workspace is active."""
        digits, signature = token[:-32], token[-32:]
        known = 0 < len(digits) <= LONGEST_ID and digits.isascii() and digits.isalnum()
        if known and self._services.secrets.signed(f"call:{decode(digits)}", signature):
            found = await self._services.store.read(lambda session: _waiting(session, decode(digits)))
            if found is not None:
                return found
        raise NotFound("Nothing waits for an answer at this address. It is good for one answer, for a limited time.")

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        return (
            Route(
                "POST", "/hooks/call/{token}", self.answer_call, TAGS, 202, public=True, profiles=(), body_limit=BODY_LIMIT,
                consumes=("application/json",), errors=(NotFound,),
            ),
        )  # fmt: skip


def _waiting(session: Session, call: int) -> CallRow | None:
    row = session.get(CallRow, call)
    if row is None or not row.run or not row.data.get("callback"):
        return None
    tenant = session.get(TenantRow, row.tenant)
    if tenant is None or tenant.status != "active":
        return None
    session.expunge(row)
    return row
