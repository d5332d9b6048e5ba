"""/hooks/flow/{token}: another system starts a flow by a secret address."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from pydantic import Field
from sqlmodel import Session

from api.http.error import Detail, ValidationFailed
from api.http.json_body import parse
from api.http.model import IdOf, Output
from api.http.request import Request
from api.http.route import Route
from api.route.outcome import NotNow
from api.route.token import fresh_token
from api.services import Services
from crm.triggers import address_of
from engine.core.trigger import OnWebhook
from engine.core.typed import typed
from engine.core.webhook import Called, map_webhook
from schemas.contact import ContactChange, Identity
from schemas.error import NotFound
from schemas.event import ChangeContact, NewEvent
from schemas.event import StartFlow as StartFlowBody
from storage.table import ContactRow, IdentityRow, TenantRow, TriggerAddressRow

TAGS = ("Webhooks in",)
BODY_LIMIT = 256 * 1024
"""Bytes: an order with hundreds of lines; a file belongs elsewhere."""
KEY_HEADERS = ("Idempotency-Key", "Webhook-Id", "Id")
"""What may name a call, so that its repetition starts nothing: ours, Standard Webhooks', and a plain one."""


class HookTaken(Output):
    """The call was taken: the flow starts for this contact, unless the contact opted out or may not start again yet."""

    status: Literal["accepted"]
    event_id: Annotated[int, IdOf("ev")]
    duplicate: Annotated[bool, Field(description="This call had been taken before; nothing was started again.")]


class FlowHookRoutes:
    """The secret addresses of webhook triggers."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def call_flow(self, request: Request) -> HookTaken:
        """Start a flow from another system.

        The body is any JSON of at most 256 kB; the trigger's mapping says where the contact's address and the variables stand.
        Calls under one Idempotency-Key (or Webhook-Id) start once.
        """
        token = request.name("token")
        address = await self._services.store.read(lambda session: _active(session, token))
        if address is None:
            raise NotFound("There is no flow at this address. Copy it again from the flow's webhook trigger.")
        tenant = address.tenant
        world = await self._services.worlds.get(tenant)
        program = world.programs.get(world.live.get(address.flow, 0))
        trigger = program.triggers.get(address.node) if program is not None else None
        if program is None or trigger is None or not isinstance(trigger.on, OnWebhook):
            raise NotNow("The flow at this address is not published, or has no such trigger any more.", type="not_published")
        called = map_webhook(trigger.on, parse(await request.raw.read() or b"{}"), world.country)
        if not isinstance(called, Called):
            details = [Detail(field=each.pointer, message=f"{each.message} {each.hint}".strip()) for each in called]
            first = f"{details[0].message}" if details else "The trigger maps no address."
            raise ValidationFailed(f"The call names nobody. {first}", type="missing_identity", details=details)
        where = f"{address.flow}:{address.node}:"
        key = next((request.raw.headers[name] for name in KEY_HEADERS if request.raw.headers.get(name)), None)
        own = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest() if key else fresh_token(self._services.random)
        named = await self._services.store.read(lambda session: has_name(session, tenant, called.identities))
        body = StartFlowBody(
            address.flow, node=address.node, variables=typed(program, called.variables, strict=False), reason="webhook"
        )
        events = [NewEvent(tenant, "hook", where + own, request.now, body, identities=called.identities)]
        if called.name and not named:
            change = ChangeContact((ContactChange("set_name", value=called.name),), actor="webhook")
            events.insert(
                0, NewEvent(tenant, "hook", f"{where}{own}:name", request.now, change, identities=called.identities)
            )
        taken = (await self._services.engine.append(events))[-1]
        return HookTaken(status="accepted", event_id=taken.id, duplicate=taken.duplicate)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        return (
            Route(
                "POST", "/hooks/flow/{token}", self.call_flow, TAGS, 202, public=True, profiles=(), body_limit=BODY_LIMIT,
                consumes=("application/json",), errors=(NotFound, NotNow),
            ),
        )  # fmt: skip


def has_name(session: Session, tenant: int, identities: tuple[Identity, ...]) -> bool:
    """Whether we know a name for the first of these addresses that we know; a webhook's name doesn't replace it."""
    for identity in identities:
        row = session.get(IdentityRow, (tenant, identity.kind, identity.value))
        contact = session.get(ContactRow, row.contact) if row is not None else None
        if contact is not None:
            return bool(contact.name)
    return False


def _active(session: Session, token: str) -> TriggerAddressRow | None:
    """The address, as long as its workspace is active."""
    address = address_of(session, token)
    tenant = session.get(TenantRow, address.tenant) if address is not None else None
    return address if tenant is not None and tenant.status == "active" else None


