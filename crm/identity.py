"""Addresses of people as they are written to us, brought to the form in which they are kept."""

from __future__ import annotations

from crm.users import EMAIL
from engine.core.phone import digits, normalise_phone
from schemas.contact import Identity
from schemas.error import Invalid


class InvalidIdentity(Invalid):
    """This is no address of this kind."""

    code = "invalid_identity"


def read_identity(kind: str, value: str, country: str | None = None) -> Identity:
    """The identity. Raises InvalidIdentity, which says how such an address is written.

    >>> read_identity("phone", "+49 151 12345678")
    Identity(kind='phone', value='+4915112345678')
    """
    text = value.strip()
    match kind:
        case "phone":
            phone = normalise_phone(text, country)
            if phone is None:
                raise InvalidIdentity("Invalid phone number format. Use E.164 format: +1234567890")
            return Identity(kind, phone)
        case "whatsapp":
            number = digits(text)
            if not 7 <= len(number) <= 15:
                raise InvalidIdentity("A WhatsApp id is a phone number in digits with its country code, such as 14155550123.")
            return Identity(kind, number)
        case "email":
            if not EMAIL.fullmatch(text):
                raise InvalidIdentity("This is not an e-mail address. It looks like name@example.com.")
            return Identity(kind, text.lower())
        case _:
            if not text:
                raise InvalidIdentity("The address is empty.")
            return Identity(kind, text)
