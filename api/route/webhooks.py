"""/webhooks: addresses of your own systems that are told what happens."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from pydantic import Field
from sqlmodel import Session

from api.http.model import IdOf, Input, Instant, Output
from api.http.page import Page, PageQuery, page_of
from api.http.request import Request
from api.http.route import Route
from api.route.listing import Items
from api.services import Services
from crm.deliveries import Parcel, list_deliveries, note_test, redeliver
from crm.notification import envelope
from crm.signature import SECRET_BYTES
from crm.webhooks import (
    DEFAULT,
    LONGEST_TIMEOUT,
    USUAL_TIMEOUT,
    BadAddress,
    change_webhook,
    create_webhook,
    delete_webhook,
    get_webhook,
    list_webhooks,
    rotate_secret,
    secrets_of,
    set_default,
)
from schemas.base62 import encode
from schemas.error import Conflict
from schemas.notification import EVENTS, FLOW_EVENT, PATTERN, TEST
from schemas.public_id import public_id
from storage.table import DeliveryRow, WebhookRow

TAGS = ("Webhooks",)
OWNER = ("owner",)
Url = Annotated[
    str, Field(min_length=1, max_length=2_000, description="Begins with https://.", examples=["https://example.com/postdog"])
]
Label = Annotated[str, Field(max_length=100, description="A name for people.", examples=["Shop"])]
Asked = Annotated[
    str,
    Field(
        pattern=PATTERN,
        max_length=100,
        description=f"One of {', '.join(EVENTS)}; {FLOW_EVENT} or the name of a flow's own event; message.*; or *.",
        examples=["message.received", "lead.qualified", "*"],
    ),
]
Events = Annotated[tuple[Asked, ...], Field(min_length=1, max_length=50)]


Timeout = Annotated[int, Field(ge=1, le=LONGEST_TIMEOUT, description="Seconds within which the address must answer.")]


class CreateWebhook(Input):
    """An address, and what it is to be told."""

    url: Url
    events: Events
    label: Label = ""
    timeout: Timeout = USUAL_TIMEOUT


class ChangeWebhook(Input):
    """What is to change. Switching it on forgets that it failed."""

    url: Url | None = None
    events: Events | None = None
    label: Label | None = None
    timeout: Timeout | None = None
    status: Literal["on", "off"] | None = None


class SetWebhook(Input):
    """The one address that is told of deliveries."""

    webhook_url: Annotated[Url | None, Field(description="null switches it off.")]
    rotate_secret: Annotated[bool, Field(description="Make a new secret; for 24 hours the old one signs beside it.")] = False


class WebhookSet(Output):
    """The one address that is told of deliveries. `webhook_secret` is shown where it is new, once; else null."""

    webhook_url: str | None
    webhook_secret: str | None
    id: Annotated[int, IdOf("whk")] | None


class Webhook(Output):
    """An address and how it does. `reason` says why PostDog switched it off; `failures` counts those in a row."""

    id: Annotated[int, IdOf("whk")]
    url: str
    label: str
    events: tuple[str, ...]
    timeout: int
    status: Literal["on", "off"]
    reason: str
    failures: int
    failing_since: Instant | None
    created_at: Instant


class Webhooks(Items[Webhook]):
    """The webhooks. `webhook_url` is the address that `PUT /webhooks` set, while it is on."""

    webhook_url: str | None


class NewWebhook(Webhook):
    """A webhook with its secret, which is shown this once."""

    secret: str


class Delivery(Output):
    """One notification: what was sent, how often it was tried, and what came back last. `code` 0: no answer."""

    id: Annotated[int, IdOf("dlv")]
    webhook_id: Annotated[int, IdOf("whk")]
    key: Annotated[str, Field(description="The header webhook-id; the same at every attempt.")]
    event: str
    status: Literal["waiting", "delivered", "failed"]
    attempts: int
    code: int
    answer: str
    error: str
    created_at: Instant
    last_at: Instant | None
    next_at: Instant | None
    payload: Annotated[dict[str, Any], Field(description="The body.")]


class ListDeliveries(PageQuery):
    """Which deliveries."""

    status: Literal["waiting", "delivered", "failed"] | None = None


class WebhookRoutes:
    """Webhooks."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def list_webhooks(self, request: Request) -> Webhooks:
        """List the webhooks."""
        rows = await self._services.store.read(lambda session: list_webhooks(session, request.tenant))
        url = next((row.url for row in rows if row.label == DEFAULT and row.status == "on"), None)
        return Webhooks(data=tuple(Webhook(**_facts(row)) for row in rows), webhook_url=url)

    async def create_webhook(self, request: Request[CreateWebhook]) -> NewWebhook:
        """Add a webhook. Its secret is shown once, here.

        Each notification is a POST with `{"id", "type", "event", "timestamp", "created_at", "data"}`, signed as
        [Standard Webhooks](https://www.standardwebhooks.com) say. Answer with any 2xx within its `timeout`; else it comes again,
        over 24 hours. The same `webhook-id` is the same notification.
        """
        body, tenant, services = request.body, request.tenant, self._services
        random = services.random(SECRET_BYTES)

        def work(session: Session) -> NewWebhook:
            row, secret = create_webhook(
                session, tenant, body.url, body.events, services.secrets, random, request.now,
                label=body.label, timeout=body.timeout, plain_http=services.plain_http_webhooks,
            )  # fmt: skip
            return NewWebhook(secret=secret, **_facts(row))

        made = await services.store.write(work)
        services.worlds.changed(tenant)
        return made

    async def set_webhook(self, request: Request[SetWebhook]) -> WebhookSet:
        """Set one address for all deliveries, or switch it off.

        It is the webhook with the label `default`, and is told `delivery.sent`, `delivery.failed` and `delivery.skipped` where it
        is made here. Its address, events and deliveries are seen and changed like those of any other.
        """
        body, tenant, services = request.body, request.tenant, self._services
        random = services.random(SECRET_BYTES)

        def work(session: Session) -> WebhookSet:
            row, secret = set_default(
                session, tenant, body.webhook_url, services.secrets, random, request.now,
                rotate=body.rotate_secret, plain_http=services.plain_http_webhooks,
            )  # fmt: skip
            url = row.url if row is not None and row.status == "on" else None
            return WebhookSet(webhook_url=url, webhook_secret=secret or None, id=row.id if row is not None else None)

        found = await services.store.write(work)
        services.worlds.changed(tenant)
        return found

    async def get_webhook(self, request: Request) -> Webhook:
        """Read a webhook."""
        row = await self._services.store.read(lambda session: get_webhook(session, request.tenant, request.id("webhook")))
        return Webhook(**_facts(row))

    async def change_webhook(self, request: Request[ChangeWebhook]) -> Webhook:
        """Change a webhook's address, label or events, or switch it off and on."""
        tenant, webhook = request.tenant, request.id("webhook")
        changes = {key: value for key, value in request.body.model_dump(exclude_unset=True).items() if value is not None}
        plain = self._services.plain_http_webhooks
        row = await self._services.store.write(
            lambda session: change_webhook(session, tenant, webhook, changes, request.now, plain_http=plain)
        )
        self._services.worlds.changed(tenant)
        return Webhook(**_facts(row))

    async def delete_webhook(self, request: Request) -> None:
        """Delete a webhook. What was still to be delivered is dropped."""
        tenant, webhook = request.tenant, request.id("webhook")
        await self._services.store.write(lambda session: delete_webhook(session, tenant, webhook))
        self._services.worlds.changed(tenant)

    async def rotate_secret(self, request: Request) -> NewWebhook:
        """Make a new secret, shown once, here. For 24 hours the old one signs beside it."""
        tenant, webhook, services = request.tenant, request.id("webhook"), self._services
        random = services.random(SECRET_BYTES)

        def work(session: Session) -> NewWebhook:
            row, secret = rotate_secret(session, tenant, webhook, services.secrets, random, request.now)
            return NewWebhook(secret=secret, **_facts(row))

        return await services.store.write(work)

    async def test_webhook(self, request: Request) -> Delivery:
        """Send a test, once and now, and say what came back."""
        tenant, webhook, services, now = request.tenant, request.id("webhook"), self._services, request.now
        key = "evt_test_" + encode(int.from_bytes(services.random(8), "big"))

        def pack(session: Session) -> Parcel:
            row = get_webhook(session, tenant, webhook)
            data = {"webhook_id": public_id("whk", row.id), "message": "It works: PostDog reaches this address."}
            body = orjson.dumps(envelope(key, TEST, now, data))
            return Parcel(row.id, row.url, tuple(secrets_of(row, services.secrets, now)), key, TEST, body, 1, 0, row.timeout)

        parcel = await services.store.read(pack)
        outcome = await services.deliver(parcel)
        row = await services.store.write(lambda session: note_test(session, tenant, parcel, outcome, services.clock.now()))
        return _delivery(row)

    async def list_deliveries(self, request: Request[None, ListDeliveries]) -> Page[Delivery]:
        """List what a webhook was told, the newest first. Kept for 30 days."""
        query, tenant, webhook = request.query, request.tenant, request.id("webhook")
        rows, total = await self._services.store.read(
            lambda session: list_deliveries(
                session, tenant, webhook, status=query.status, offset=query.offset, limit=query.limit
            )
        )
        return page_of(Delivery, [_delivery(row) for row in rows], total, query)

    async def redeliver(self, request: Request) -> Delivery:
        """Send a delivery again: the same body under the same id."""
        tenant, webhook, delivery = request.tenant, request.id("webhook"), request.id("delivery")
        row = await self._services.store.write(
            lambda session: redeliver(session, tenant, webhook, delivery, request.now)
        )
        return _delivery(row)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file. What shows a secret is never stored under an Idempotency-Key."""
        read, write = "webhooks:read", "webhooks:write"
        one = "/webhooks/{webhook:whk}"
        return (
            Route("GET", "/webhooks", self.list_webhooks, TAGS, scope=read, roles=OWNER),
            Route(
                "POST", "/webhooks", self.create_webhook, TAGS, 201, scope=write, roles=OWNER, idempotency="off",
                errors=(BadAddress, Conflict),
            ),
            Route(
                "PUT", "/webhooks", self.set_webhook, TAGS, scope=write, roles=OWNER, idempotency="off",
                errors=(BadAddress, Conflict),
            ),
            Route("GET", one, self.get_webhook, TAGS, scope=read, roles=OWNER),
            Route("PATCH", one, self.change_webhook, TAGS, scope=write, roles=OWNER, errors=(BadAddress,)),
            Route("DELETE", one, self.delete_webhook, TAGS, scope=write, roles=OWNER),
            Route("POST", one + "/secret", self.rotate_secret, TAGS, scope=write, roles=OWNER, idempotency="off"),
            Route("POST", one + "/test", self.test_webhook, TAGS, scope=write, roles=OWNER, idempotency="off"),
            Route("GET", one + "/deliveries", self.list_deliveries, TAGS, scope=read, roles=OWNER),
            Route(
                "POST", one + "/deliveries/{delivery:dlv}/redeliver", self.redeliver, TAGS, scope=write, roles=OWNER,
                errors=(Conflict,),
            ),
        )  # fmt: skip


def _facts(row: WebhookRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "url": row.url,
        "label": row.label,
        "events": tuple(row.events),
        "timeout": row.timeout,
        "status": row.status,
        "reason": row.reason,
        "failures": row.failures,
        "failing_since": row.failing_since,
        "created_at": row.created_at,
    }


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        id=row.id,
        webhook_id=row.webhook,
        key=row.key,
        event=row.event,
        status=row.status,  # type: ignore[arg-type]  # the column holds these words
        attempts=row.attempts,
        code=row.code,
        answer=row.answer,
        error=row.error,
        created_at=row.created_at,
        last_at=row.last_at,
        next_at=row.next_at,
        payload=orjson.loads(row.payload),
    )
