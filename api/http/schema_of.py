"""JSON Schemas of the fields whose look depends on the profile: public ids and phone numbers."""

from __future__ import annotations

from typing import Any

from api.http.profile import Profile
from schemas.public_id import LARGEST_ID, noun, public_id

Schema = dict[str, Any]


def settle(schema: Any, profile: Profile) -> Any:
    """The schema with the marks of IdOf and PhoneNumber replaced by what the profile shows."""
    if isinstance(schema, list):
        return [settle(item, profile) for item in schema]
    if not isinstance(schema, dict):
        return schema
    rest = {name: settle(inner, profile) for name, inner in schema.items() if name not in ("x-id", "x-phone", "x-mode")}
    if "x-id" in schema:
        shown = schema["x-mode"] == "serialization"
        return {**(shown_id(schema["x-id"], profile) if shown else id_schema(schema["x-id"])), **rest}
    if "x-phone" in schema:
        return {**phone_schema(schema["x-mode"] == "serialization", schema["x-phone"], profile), **rest}
    return rest


def id_schema(prefix: str) -> Schema:
    """An id as it is taken, in either form. The lengths keep every match within 64 bits."""
    return {
        "anyOf": [
            {"type": "string", "pattern": f"^({prefix}_[1-9A-Za-z][0-9A-Za-z]{{0,9}}|[1-9][0-9]{{0,17}})$"},
            {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
        ],
        "description": f"The id of a {noun(prefix)}.",
        "examples": [public_id(prefix, 1001)],
    }


def shown_id(prefix: str, profile: Profile) -> Schema:
    """An id as the profile shows it."""
    form: Schema = {"type": "string", "pattern": f"^{prefix}_[1-9A-Za-z][0-9A-Za-z]*$"}
    if profile.integer_ids:
        form = {"type": "integer", "minimum": 1}
    return {**form, "description": f"The id of a {noun(prefix)}.", "examples": [profile.id(prefix, 1001)]}


def phone_schema(shown: bool, bare: bool, profile: Profile) -> Schema:
    """A phone number as it is taken or as it is shown."""
    plus = r"\+" if profile.plus_in_phones else ""
    if not shown and (bare or not profile.plus_in_phones):
        plus = r"\+?"
    return {"type": "string", "pattern": rf"^{plus}[1-9][0-9]{{6,14}}$", "examples": [profile.phone("+14155550123")]}
