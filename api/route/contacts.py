"""/contacts: people, made or updated under their phone number and email address."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from pydantic import Field
from sqlmodel import Session

from api.http.error import Detail, ValidationFailed
from api.http.model import IdOf, Input, Output
from api.http.page import Page, page_of
from api.http.profile import COMPAT, NATIVE
from api.http.request import Answer, Request
from api.http.route import Route
from api.route.actor import actor_of
from api.route.contact_model import (
    BulkAnswer,
    BulkError,
    ChangeContactInput,
    ContactShown,
    ListContacts,
    NamedContact,
    NamedContacts,
    PhonedContact,
    PhonedContacts,
    TagContactInput,
    plain,
    shown,
)
from api.route.external import external_id
from api.route.free_json import JsonObject
from api.route.outcome import value_of
from api.services import Services
from crm.contact_delete import delete_contact
from crm.contacts import AddressTaken, Draft, TooManyTags, change_contact, get_contact, list_contacts, save_contact
from crm.field_values import CUSTOM, UnknownField, UnknownTimezone, WrongFieldType, check_draft, check_fields, check_timezone
from engine.core.value import Contact
from schemas.contact import ContactChange
from schemas.error import Conflict, Invalid
from schemas.event import ChangeContact, EventNamed, NewEvent

TAGS = ("Contacts",)
AT_ONCE = 50
"""Contacts of a bulk request that one transaction writes, so that others may write between."""
REFUSALS = (AddressTaken, TooManyTags, UnknownField, UnknownTimezone, WrongFieldType)


class PhoneImmutable(Invalid):
    """A contact's phone number can't be changed. Delete the contact and create it anew with the other number."""

    code = "phone_immutable"


class RaiseEvent(Input):
    """Something that happened to the contact."""

    name: Annotated[str, Field(min_length=1, max_length=100, examples=["paid"])]
    data: Annotated[JsonObject, Field(max_length=100, description="Becomes variables of the runs that waited.")] = Field(
        default_factory=dict
    )


class EventRaised(Output):
    """The event, and how many runs it woke; null while it is not decided yet."""

    event_id: Annotated[int, IdOf("ev")]
    resumed: int | None


class ContactRoutes:
    """Contacts."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def create_contact(self, request: Request[NamedContact]) -> Answer[ContactShown]:
        """Create a contact, or update it.

        A contact with this phone number or email address is updated (200), else a new one is made (201).
        """
        return await self._save(request, request.body.draft(request.body.name, request.body.phone))

    async def upsert_contact(self, request: Request[PhonedContact]) -> Answer[ContactShown]:
        """Create a contact, or update the one with this phone number."""
        return await self._save(request, request.body.draft(request.body.name, request.body.phone))

    async def create_contacts(self, request: Request[NamedContacts]) -> BulkAnswer:
        """Create or update up to 1,000 contacts.

        A contact whose values can't be used is left out and named in `errors`; the others are taken.
        """
        return await self._save_all(request, [each.draft(each.name, each.phone) for each in request.body.contacts])

    async def upsert_contacts(self, request: Request[PhonedContacts]) -> BulkAnswer:
        """Create or update up to 1,000 contacts by their phone numbers."""
        return await self._save_all(request, [each.draft(each.name, each.phone) for each in request.body.contacts])

    async def list_contacts(self, request: Request[None, ListContacts]) -> Page[ContactShown]:
        """List the contacts, the newest first."""
        query = request.query
        records, total = await self._services.store.read(
            lambda session: list_contacts(
                session,
                request.tenant,
                tag=query.tag,
                search=query.search,
                opted_out=query.opted_out,
                offset=query.offset,
                limit=query.limit,
            )
        )
        return page_of(ContactShown, [shown(record) for record in records], total, query)

    async def get_contact(self, request: Request) -> ContactShown:
        """Read a contact."""
        return await self._shown(request.tenant, request.id("contact"))

    async def change_contact(self, request: Request[ChangeContactInput]) -> Answer[ContactShown]:
        """Change a contact.

        `tag` is added, `tags` replaces all tags, `fields` and `custom` are set, null clears a value. The phone number stays:
        delete the contact and create it anew for another one. Opting out stops what runs for the contact.
        """
        body, tenant, id = request.body, request.tenant, request.id("contact")

        def work(session: Session) -> None:
            contact = get_contact(session, tenant, id).contact
            check_fields(session, tenant, plain(body.fields))
            check_timezone(body.timezone)
            changes = changes_of(body, contact)
            change_contact(session, tenant, id, changes, now=request.now, actor=actor_of(request))

        await self._services.store.write(work)
        decided = True
        if body.opted_out is not None:
            changes = (ContactChange("set_consent", value=not body.opted_out),)
            event = ChangeContact(changes, actor=actor_of(request))
            key = external_id(request, self._services.random)
            submitted = await self._services.engine.submit(NewEvent(tenant, "api", key, request.now, event, contact=id))
            decided = value_of(submitted) is not None
        return Answer(await self._shown(tenant, id), status=200 if decided else 202)

    async def tag_contact(self, request: Request[TagContactInput]) -> ContactShown:
        """Say which tags a contact has; all others are taken away."""
        tenant, id = request.tenant, request.id("contact")

        def work(session: Session) -> None:
            changes = changes_of(ChangeContactInput(tags=request.body.tags), get_contact(session, tenant, id).contact)
            change_contact(session, tenant, id, changes, now=request.now, actor=actor_of(request))

        await self._services.store.write(work)
        return await self._shown(tenant, id)

    async def delete_contact(self, request: Request) -> None:
        """Delete a contact with its conversations, messages and runs."""
        tenant, id, actor = request.tenant, request.id("contact"), actor_of(request)
        await self._services.store.write(lambda session: delete_contact(session, tenant, id, now=request.now, actor=actor))

    async def raise_event(self, request: Request[RaiseEvent]) -> Answer[EventRaised]:
        """Tell of something that happened to a contact.

        Runs that wait for an event of this name go on. 202 where that is not decided within 5 seconds.
        """
        body, tenant, id = request.body, request.tenant, request.id("contact")
        await self._services.store.read(lambda session: get_contact(session, tenant, id))
        key = external_id(request, self._services.random)
        event = NewEvent(tenant, "api", key, request.now, EventNamed(body.name, body.data), contact=id)
        submitted = await self._services.engine.submit(event)
        answer = value_of(submitted)
        told = EventRaised(event_id=submitted.event, resumed=answer.get("resumed") if answer is not None else None)
        return Answer(told, status=202 if answer is None else 200)

    async def _shown(self, tenant: int, id: int) -> ContactShown:
        return shown(await self._services.store.read(lambda session: get_contact(session, tenant, id)))

    async def _save(self, request: Request[Any, Any], draft: Draft) -> Answer[ContactShown]:
        nonce, tenant, actor = external_id(request, self._services.random), request.tenant, actor_of(request)

        def work(session: Session) -> tuple[ContactShown, bool]:
            check_draft(session, tenant, draft)
            record, created = save_contact(session, tenant, draft, now=request.now, nonce=nonce, actor=actor)
            return shown(record), created

        contact, created = await self._services.store.write(work)
        return Answer(contact, status=201 if created else 200)

    async def _save_all(self, request: Request[Any, Any], drafts: Sequence[Draft]) -> BulkAnswer:
        nonce, tenant, actor = external_id(request, self._services.random), request.tenant, actor_of(request)
        outcomes: list[bool] = []
        errors: list[BulkError] = []

        def work(session: Session, start: int) -> tuple[list[bool], list[BulkError]]:
            made, failed = [], []
            for index, draft in enumerate(drafts[start : start + AT_ONCE], start):
                try:
                    check_draft(session, tenant, draft)
                    key = f"{nonce}:{index}"
                    made.append(save_contact(session, tenant, draft, now=request.now, nonce=key, actor=actor)[1])
                except (Conflict, Invalid) as error:  # raised before anything of this contact was written
                    failed.append(BulkError(index=index, message=error.message))
            return made, failed

        for start in range(0, len(drafts), AT_ONCE):
            made, failed = await self._services.store.write(partial(work, start=start))
            outcomes += made
            errors += failed
        created = sum(outcomes)
        return BulkAnswer(
            created=created, updated=len(outcomes) - created, total_processed=len(outcomes), errors=tuple(errors)
        )

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        read, write, one, bulk = "contacts:read", "contacts:write", "/contacts/{contact:ct}", "/contacts/bulk"
        native, compat = (NATIVE,), (COMPAT,)
        return (
            Route("POST", "/contacts", self.create_contact, TAGS, 201, (200,), REFUSALS, scope=write, profiles=native),
            Route("POST", "/contacts", self.upsert_contact, TAGS, 201, (200,), REFUSALS, scope=write, profiles=compat),
            Route("POST", bulk, self.create_contacts, TAGS, scope=write, profiles=native, timeout=60),
            Route("POST", bulk, self.upsert_contacts, TAGS, scope=write, profiles=compat, timeout=60),
            Route("GET", "/contacts", self.list_contacts, TAGS, scope=read),
            Route("GET", one, self.get_contact, TAGS, scope=read),
            Route("PATCH", one, self.change_contact, TAGS, also=(202,), errors=(*REFUSALS, PhoneImmutable), scope=write),
            Route("PUT", one + "/tags", self.tag_contact, TAGS, scope="contacts:tag", profiles=native),
            Route("DELETE", one, self.delete_contact, TAGS, scope=write),
            Route("POST", one + "/events", self.raise_event, TAGS, also=(202,), scope=write),
        )


def changes_of(body: ChangeContactInput, contact: Contact) -> list[ContactChange]:
    """The operations that a change asks for. Raises PhoneImmutable, and ValidationFailed for a missing name."""
    if body.phone is not None and body.phone != contact.identity("phone"):
        raise PhoneImmutable
    sent = body.model_fields_set
    if "email" in sent and body.email is None and contact.identity("email") is not None:
        detail = Detail(field="email", message="An email address can't be taken away. Send another one to add it.")
        raise ValidationFailed(detail.message, details=[detail])
    changes = [ContactChange("add_identity", "email", body.email.lower())] if body.email else []
    if "name" in sent:
        changes.append(ContactChange("set_name", value=body.name))
    if "language" in sent:
        changes.append(ContactChange("set_language", value=body.language))
    if "timezone" in sent:
        changes.append(ContactChange("set_timezone", value=body.timezone))
    if "custom" in sent:
        changes.append(ContactChange("set_field", CUSTOM, body.custom))
    changes += [ContactChange("set_field", key, value) for key, value in plain(body.fields).items()]
    if body.tags is not None:
        changes += [ContactChange("remove_tag", tag) for tag in contact.tags if tag not in body.tags]
        changes += [ContactChange("add_tag", tag) for tag in dict.fromkeys(body.tags)]
    if body.tag is not None:
        changes.append(ContactChange("add_tag", body.tag))
    return changes
