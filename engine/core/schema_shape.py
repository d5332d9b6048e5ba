"""What pydantic's own JSON Schema lacks to say the same as its models, and to point at the same place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, get_args

from pydantic import AfterValidator
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from schemas.duration import Duration, parse_duration
from schemas.hours import ZoneName, is_zone

Json = dict[str, Any]

DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_EXAMPLES = "\n\n>>>"


def _parses(text: str) -> bool:
    parse_duration(text)
    return True


def _is_day(text: str) -> bool:
    return text == "today" or bool(date.fromisoformat(text))


FORMATS: dict[str, Callable[[str], bool]] = {
    "postdog-day": _is_day,
    "postdog-duration": _parses,
    "postdog-timezone": is_zone,
}
"""Formats of our own for what no keyword says: a day of the calendar or `today`, a duration of at most 366
days, a time zone that exists.

Other validators ignore them. What remains to the models alone: how deep rules nest and how many tests they hold.
"""


def _validator(annotated: Any) -> Any:
    return next(each.func for each in get_args(annotated) if isinstance(each, AfterValidator))


_FORMAT_OF = {_validator(Duration): "postdog-duration", _validator(ZoneName): "postdog-timezone"}


class SchemaWithFormats(GenerateJsonSchema):
    """Pydantic's generator, which also names the format that a validator of ours stands for."""

    def function_after_schema(self, schema: core_schema.AfterValidatorFunctionSchema) -> JsonSchemaValue:
        """The inner type's schema, with the format."""
        made = super().function_after_schema(schema)
        name = _FORMAT_OF.get(schema["function"]["function"])
        return {**made, "format": name} if name else made


def polish(schema: Any, definitions: Json) -> Any:
    """The schema with choices as if/then, patterns that mean the same to every engine, and texts for people."""
    if isinstance(schema, list):
        return [polish(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: _polished(key, value, definitions) for key, value in schema.items()}
    if isinstance(schema.get("description"), str):
        schema["description"] = schema["description"].split(_EXAMPLES)[0]
    if isinstance(schema.get("oneOf"), list):
        schema = _choice(schema, definitions)
    if schema.get("type") == "array":
        schema = {_ITEMS.get(key, key): value for key, value in schema.items()}
    if len(schema.get("patternProperties", ())) == 1 and "additionalProperties" not in schema:
        # A bound on keys comes out as a schema for the keys that fit; the others must not pass.
        ((pattern, value),) = schema.pop("patternProperties").items()
        schema |= {"propertyNames": polish({"pattern": pattern}, definitions), "additionalProperties": value}
    if schema.get("format") == "date":
        schema["pattern"] = DATE
    if isinstance(schema.get("pattern"), str) and schema["pattern"].endswith("$"):
        # Python lets $ match before a last line break, ECMA-262 and the models' engine don't.
        schema["pattern"] = schema["pattern"][:-1] + r"(?!\n)$"
    return schema


def _polished(keyword: str, value: Any, definitions: Json) -> Any:
    if keyword in _NAMED:
        return {name: polish(each, definitions) for name, each in value.items()}
    return value if keyword in _VALUES else polish(value, definitions)


_NAMED = frozenset({"properties", "patternProperties", "$defs"})
"""Keywords whose keys are names, not keywords."""
_VALUES = frozenset({"default", "examples", "enum", "const"})
"""Keywords whose values are data."""
_ITEMS = {"maxLength": "maxItems", "minLength": "minItems"}
"""A bound that stands behind a validator of ours comes out as a text's."""


def _choice(schema: Json, definitions: Json) -> Json:
    """One of several shapes: by the key that says which (kind), else by the key that only one of them has."""
    rest = {key: value for key, value in schema.items() if key not in ("oneOf", "discriminator")}
    if "discriminator" in schema:
        key, mapping = schema["discriminator"]["propertyName"], schema["discriminator"]["mapping"]
        rest |= {"type": "object", "properties": {key: {"enum": sorted(mapping)}}, "required": [key]}
        rest["allOf"] = [
            {"if": {"properties": {key: {"const": value}}, "required": [key]}, "then": {"$ref": target}}
            for value, target in sorted(mapping.items())
        ]
        return rest
    *branches, last = schema["oneOf"]
    chain: dict[str, Any] = last
    for branch in reversed(branches):
        required = definitions[branch["$ref"].rpartition("/")[2]]["required"]
        chain = {"if": {"required": required, "type": "object"}, "then": branch, "else": chain}
    return rest | chain
