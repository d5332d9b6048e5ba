"""Contacts in the tables: who is found under an address, what a change writes, what the engine is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, create_engine, select

from crm.contact_delete import delete_contact
from crm.contacts import AddressTaken, Draft, TooManyTags, change_contact, find_contacts, get_contact, list_contacts, save_contact
from crm.render import render_for
from crm.tags import replace_tag, tags_of
from engine.core.value import Contact
from nodes import node_types
from schemas.contact import ContactChange, Identity
from schemas.error import NotFound
from schemas.flow import FlowDocument
from storage.table import METADATA, ContactRow, ContactTagRow, EventRow, IdentityRow

NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    METADATA.create_all(engine)
    with Session(engine) as session:
        yield session


def save(session: Session, draft: Draft, nonce: str = "1", tenant: int = 1):
    return save_contact(session, tenant, draft, now=NOW, nonce=nonce, actor="key:test")


def known_on_whatsapp(session: Session, id: int = 7) -> None:
    session.add(ContactRow(id=id, tenant=1, part=3, name="Ann", created_at=NOW, updated_at=NOW))
    session.add(IdentityRow(tenant=1, kind="whatsapp", value="49301234567", contact=id))
    session.commit()


def test_a_phone_number_finds_who_is_known_by_it_on_whatsapp(session):
    known_on_whatsapp(session)
    assert find_contacts(session, 1, [Identity("phone", "+49301234567")]) == [7]
    record, created = save(session, Draft(phone="+49301234567", tags=("vip",)))
    assert (record.contact.id, created, record.contact.version) == (7, False, 2)
    assert record.contact.identities == (Identity("whatsapp", "49301234567"), Identity("phone", "+49301234567"))
    assert find_contacts(session, 2, [Identity("phone", "+49301234567")]) == []


def test_the_number_of_the_version_is_raised_once_per_change_that_changes_something(session):
    known_on_whatsapp(session)
    same = (ContactChange("set_name", value="Ann"), ContactChange("remove_tag", "none"))
    assert change_contact(session, 1, 7, same, now=NOW, actor="").contact.version == 1
    two = (ContactChange("add_tag", "a"), ContactChange("set_field", "plan", "gold"))
    assert change_contact(session, 1, 7, two, now=NOW, actor="").contact.version == 2
    event = session.exec(select(EventRow)).one()
    assert (event.contact, event.external_id, event.part) == (7, "contact:7:2", 3)


def test_tags_stay_the_same_in_both_places(session):
    record, _ = save(session, Draft(name="A", tags=("a", "b", "a")))
    change_contact(
        session, 1, record.contact.id, (ContactChange("remove_tag", "a"), ContactChange("add_tag", "c")), now=NOW, actor=""
    )
    row = session.get(ContactRow, record.contact.id)
    kept = session.exec(select(ContactTagRow.tag).where(ContactTagRow.contact == row.id)).all()
    assert sorted(row.tags) == sorted(kept) == ["b", "c"]


def test_more_tags_than_one_contact_may_have_are_refused(session):
    record, _ = save(session, Draft(name="A"))
    many = [ContactChange("add_tag", f"t{number}") for number in range(201)]
    with pytest.raises(TooManyTags):
        change_contact(session, 1, record.contact.id, many, now=NOW, actor="")
    change_contact(session, 1, record.contact.id, many[:200], now=NOW, actor="")


def test_an_address_of_another_contact_is_not_taken_away(session):
    save(session, Draft(email="a@example.com"), "1")
    other, _ = save(session, Draft(email="b@example.com"), "2")
    with pytest.raises(AddressTaken):
        change_contact(session, 1, other.contact.id, [ContactChange("add_identity", "email", "a@example.com")], now=NOW, actor="")


def test_the_same_person_in_two_workspaces_is_two(session):
    first, _ = save(session, Draft(phone="+49301234567"), "1")
    second, created = save(session, Draft(phone="+49301234567"), "2", tenant=2)
    assert created
    assert first.contact.id != second.contact.id
    with pytest.raises(NotFound):
        get_contact(session, 2, first.contact.id)
    with pytest.raises(NotFound):
        delete_contact(session, 2, first.contact.id, now=NOW, actor="")
    assert list_contacts(session, 2)[1] == 1


def test_a_merged_contact_is_found_no_more(session):
    known_on_whatsapp(session)
    session.get(ContactRow, 7).merged_into = 8
    session.commit()
    with pytest.raises(NotFound):
        get_contact(session, 1, 7)
    assert list_contacts(session, 1) == ([], 0)


def test_replacing_a_tag_ends(session):
    for number in range(3):
        save(session, Draft(name="A", tags=("old",)), str(number))
    assert [replace_tag(session, 1, "old", "new", now=NOW, actor="") for _ in range(2)] == [3, 0]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Hello {name}, your code is 1234", "Hello {{x}}{a|b}, your code is 1234"),
        ("{Save|Save} {custom} {phone}", "Save VIP +49301234567"),
        ("{{contact.first_name|there}} {unknown}", "{{x}}{a|b} {unknown}"),
        ("{{contact.fields.plan|none}} {{contact.email|no mail}}", "none no mail"),
    ],
)
def test_texts_are_filled_in_and_names_never_read_again(source, text):
    contact = Contact(1, name="{{x}}{a|b}", fields={"custom": "VIP"}, identities=(Identity("phone", "+49301234567"),))
    assert render_for(source, contact, "1") == text


def test_the_tags_that_a_flow_names():
    other = {"subject": "contact.plan", "op": "is", "value": "x"}
    rule = {"all": [{"subject": "contact.tags", "op": "has", "value": "VIP"}, other]}
    nodes = [
        {"id": "start", "type": "trigger", "config": {"on": {"kind": "tag_added", "tag": "Löwe"}}},
        {"id": "if", "type": "condition", "config": {"branches": [{"id": "a", "rule": rule}]}},
    ]
    document = FlowDocument.model_validate({"schema": 1, "name": "F", "nodes": nodes, "edges": []})
    assert tags_of(document, node_types()) == {"lowe", "vip"}


def test_a_repeated_call_makes_nobody_twice(session):
    first, _ = save(session, Draft(name="A"), "key:1")
    again, _ = save(session, Draft(name="A"), "key:1")
    other, _ = save(session, Draft(name="A"), "key:2")
    assert first.contact.id == again.contact.id != other.contact.id
    assert len(session.exec(select(ContactRow)).all()) == 2
