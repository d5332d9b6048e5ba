"""Tags: which there are, renaming and removing them everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pydantic import ValidationError
from sqlmodel import Session, col, func, select

from crm.contacts import change_contact
from crm.used_by import InUse
from engine.core.fold import fold
from engine.core.program import NodeTypes
from schemas.contact import ContactChange
from schemas.error import Conflict, NotFound
from schemas.flow import FlowDocument
from storage.table import ContactTagRow, FlowRow, FlowVersionRow

AT_ONCE = 200
"""Contacts that one transaction moves to another tag, so that the writer is free again after some milliseconds."""
TAG_PATH = "contact.tags"


def list_tags(session: Session, tenant: int, *, offset: int = 0, limit: int = 50) -> tuple[list[tuple[str, int]], int]:
    """One page of the tags in use, each with its count of contacts, by name; and how many tags there are."""
    mine = ContactTagRow.tenant == tenant
    total = session.exec(select(func.count(func.distinct(ContactTagRow.tag))).where(mine)).one()
    page = select(ContactTagRow.tag, func.count()).where(mine).group_by(ContactTagRow.tag).order_by(col(ContactTagRow.tag))
    return [(tag, count) for tag, count in session.exec(page.offset(offset).limit(limit))], total


def check_tag_change(session: Session, tenant: int, tag: str, node_types: NodeTypes) -> None:
    """Raises NotFound for a tag that no contact has, InUse where a published flow starts by it or asks for it."""
    if not _tagged(session, tenant, tag, 1):
        raise NotFound("No contact has this tag.")
    names = [name for name, document in _published(session, tenant) if fold(tag) in tags_of(document, node_types)]
    if names:
        shown = ", ".join(f"“{name}”" for name in names[:5])
        raise InUse(f"The tag “{tag}” is used by the published flow {shown}. Publish without it, then try again.")


def replace_tag(session: Session, tenant: int, tag: str, new: str | None, *, now: datetime, actor: str) -> int:
    """Give the next contacts with the tag the new one instead (None: none); how many. Call it again until it gives 0."""
    if tag == new:
        raise Conflict("The tag has this name already.")
    contacts = _tagged(session, tenant, tag, AT_ONCE)
    changes = [ContactChange("remove_tag", tag), *([ContactChange("add_tag", new)] if new else [])]
    for contact in contacts:
        change_contact(session, tenant, contact, changes, now=now, actor=actor)
    return len(contacts)


def tags_of(document: FlowDocument, node_types: NodeTypes) -> frozenset[str]:
    """The tags that a flow starts by and those that its rules compare `contact.tags` with, folded as rules compare them."""
    found: set[str] = set()
    for node in document.nodes:
        try:
            config = node_types[node.type].Config.model_validate(node.config)
        except (KeyError, ValidationError):  # a node type that was removed since: it names nothing that we can read
            continue
        found.update(_named(config.model_dump(mode="json", by_alias=True)))
    return frozenset(fold(tag) for tag in found)


def _named(value: object) -> Iterator[str]:
    """Tags in a config: what stands under `tag`, and what a rule about the contact's tags compares with."""
    if isinstance(value, list):
        for item in value:
            yield from _named(item)
    if not isinstance(value, dict):
        return
    tag = value.get("tag")
    if isinstance(tag, str) and tag:
        yield tag
    if value.get("subject") == TAG_PATH:
        compared = value.get("value")
        yield from (item for item in (compared if isinstance(compared, list) else [compared]) if isinstance(item, str))
    for inner in value.values():
        yield from _named(inner)


def _tagged(session: Session, tenant: int, tag: str, limit: int) -> list[int]:
    wanted = select(ContactTagRow.contact).where(ContactTagRow.tenant == tenant, ContactTagRow.tag == tag)
    return list(session.exec(wanted.order_by(col(ContactTagRow.contact)).limit(limit)))


def _published(session: Session, tenant: int) -> Iterator[tuple[str, FlowDocument]]:
    wanted = (
        select(FlowRow.name, FlowVersionRow)
        .join(FlowVersionRow, col(FlowVersionRow.id) == col(FlowRow.live_version))
        .where(FlowRow.tenant == tenant, col(FlowRow.archived).is_(False))
    )
    for name, version in session.exec(wanted):
        yield name, FlowDocument.model_validate(version.document)
