"""People to try a flow with: ready-made ones, each of whom has broken somebody's flow."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.scenario import Person


@dataclass(frozen=True, slots=True)
class Persona:
    """A ready-made contact."""

    key: str
    label: str
    why: str
    contact: Person


PERSONAS = (
    Persona("new", "A new customer", "Nobody knows their name yet.", Person()),
    Persona(
        "known",
        "A customer you know",
        "Has a name, a language and a tag.",
        Person(name="Ann Example", phone="+4915112345678", language="en", timezone="Europe/Berlin", tags=("customer",)),
    ),
    Persona(
        "abroad",
        "A customer far away",
        "Writes another script, and lives where it is another day.",
        Person(name="田中 さくら", phone="+819012345678", language="ja", timezone="Asia/Tokyo"),
    ),
    Persona(
        "right-to-left",
        "A customer who writes from right to left",
        "Texts around the name must still read well.",
        Person(name="ليلى حداد", phone="+971501234567", language="ar", timezone="Asia/Dubai"),
    ),
    Persona(
        "long-name",
        "A customer with a long name",
        "Headers and buttons are short.",
        Person(name="Maximiliane-Alexandra von und zu Hohenstein-Waldeck 🌻", phone="+436601234567", language="de-AT"),
    ),
    Persona("anonymous", "A visitor without a phone number", "As in web chat.", Person(phone="")),
)


def persona(key: str) -> Persona | None:
    """The ready-made contact with this key."""
    return next((each for each in PERSONAS if each.key == key), None)
