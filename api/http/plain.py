"""pydantic's findings in plain sentences, each with the path of its field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from api.http.error import Detail, ValidationFailed

MOST_DETAILS = 50
"""More findings than this help nobody, and a list of 1,000 broken contacts would be a large answer."""

SENTENCES = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no field with this name.",
    "string_type": "Must be text.",
    "string_sub_type": "Must be text.",
    "string_unicode": "Must be text in UTF-8.",
    "string_too_short": "Must have at least {min_length} characters.",
    "string_too_long": "Must have at most {max_length} characters.",
    "string_pattern_mismatch": "Doesn't have the expected form: {pattern}",
    "int_type": "Must be a whole number.",
    "int_parsing": "Must be a whole number.",
    "int_parsing_size": "The number is too large.",
    "int_from_float": "Must be a whole number.",
    "float_type": "Must be a number.",
    "float_parsing": "Must be a number.",
    "finite_number": "Must be a finite number.",
    "decimal_type": "Must be a number.",
    "decimal_parsing": "Must be a number.",
    "bool_type": "Must be true or false.",
    "bool_parsing": "Must be true or false.",
    "none_required": "Must be null.",
    "list_type": "Must be a list.",
    "tuple_type": "Must be a list.",
    "set_type": "Must be a list.",
    "frozen_set_type": "Must be a list.",
    "dict_type": "Must be an object.",
    "mapping_type": "Must be an object.",
    "model_type": "Must be an object.",
    "model_attributes_type": "Must be an object.",
    "dataclass_type": "Must be an object.",
    "too_short": "Must have at least {min_length} entries.",
    "too_long": "Must have at most {max_length} entries.",
    "greater_than": "Must be more than {gt}.",
    "greater_than_equal": "Must be at least {ge}.",
    "less_than": "Must be less than {lt}.",
    "less_than_equal": "Must be at most {le}.",
    "multiple_of": "Must be a multiple of {multiple_of}.",
    "literal_error": "Must be {expected}.",
    "enum": "Must be {expected}.",
    "union_tag_invalid": "{discriminator} must be one of: {expected_tags}.",
    "union_tag_not_found": "The field {discriminator} is required here.",
    "url_type": "Must be a web address such as https://example.com/hook.",
    "url_parsing": "Must be a web address such as https://example.com/hook.",
    "url_syntax_violation": "Must be a web address such as https://example.com/hook.",
    "url_scheme": "The address must begin with {expected_schemes}.",
    "url_too_long": "The address must have at most {max_length} characters.",
    "datetime_type": "Must be a date and time such as 2026-04-01T09:00:00Z.",
    "datetime_parsing": "Must be a date and time such as 2026-04-01T09:00:00Z.",
    "datetime_from_date_parsing": "Must be a date and time such as 2026-04-01T09:00:00Z.",
    "timezone_aware": "Must say its time zone, as in 2026-04-01T09:00:00Z or 2026-04-01T11:00:00+02:00.",
    "date_type": "Must be a date such as 2026-04-01.",
    "date_parsing": "Must be a date such as 2026-04-01.",
    "date_from_datetime_parsing": "Must be a date such as 2026-04-01.",
    "time_type": "Must be a time such as 09:30.",
    "time_parsing": "Must be a time such as 09:30.",
    "time_delta_type": "Must be a duration such as PT30M.",
    "time_delta_parsing": "Must be a duration such as PT30M.",
    "uuid_type": "Must be a UUID.",
    "uuid_parsing": "Must be a UUID.",
    "value_error": "{error}",
    "assertion_error": "{error}",
}
PYDANTIC_TYPES = frozenset(get_args(ErrorType))
"""pydantic's own error types. Any other type comes from our validators and becomes the answer's `type`."""


def explain(error: ValidationError, sent: Any) -> ValidationFailed:
    """The answer to a failed validation; `sent` is the value that was validated.

    One finding of a type of our own (`invalid_phone`) gives the answer its type and its message.
    """
    findings = error.errors(include_url=False, include_input=False)
    details = tuple(dict.fromkeys(detail(finding, sent) for finding in findings))
    own = [finding for finding in findings if finding["type"] not in PYDANTIC_TYPES]
    if len(details) == 1 and own:
        return ValidationFailed(details[0].message, type=own[0]["type"], details=details)
    return ValidationFailed(summary(details), details=details[:MOST_DETAILS])


def summary(details: tuple[Detail, ...]) -> str:
    """All findings in one sentence.

    >>> summary((Detail(field="name", message="This field is required."),))
    'name: This field is required.'
    """
    first = details[0]
    text = f"{first.field}: {first.message}" if first.field else first.message
    if len(details) == 1:
        return text
    return f"{len(details)} values can't be used. The first is {text}"


def detail(finding: ErrorDetails, sent: Any) -> Detail:
    """One finding with the path of its field."""
    return Detail(field=field_path(finding["loc"], sent, finding["type"]), message=sentence(finding))


def sentence(finding: ErrorDetails) -> str:
    """One finding in plain words; our own validators already speak plainly."""
    if finding["type"] not in PYDANTIC_TYPES:
        return finding["msg"]
    pattern = SENTENCES.get(finding["type"])
    if pattern is None:
        return plain(finding["msg"])
    return capital(fill(pattern, finding.get("ctx", {})))


def fill(pattern: str, values: Mapping[str, Any]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: str(values.get(found[1], found[1])), pattern)


def plain(message: str) -> str:
    """pydantic's sentence without its jargon.

    >>> plain("Input should be a valid tuple")
    'Must be a valid tuple.'
    """
    text = re.sub(r"^(Input|Value) should", "Must", message)
    return capital(text if text.endswith((".", "!", "?")) else text + ".").replace("Must have been", "Must be")


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def field_path(location: Iterable[int | str], sent: Any, kind: str) -> str:
    """The path of a field as people write it. Parts that name a branch of a union are not in the data: left out.

    >>> field_path(("contacts", 3, "phone"), {"contacts": [{}, {}, {}, {"phone": 1}]}, "string_type")
    'contacts[3].phone'
    """
    parts = list(location)
    path = ""
    value = sent
    for position, part in enumerate(parts):
        last = position == len(parts) - 1
        if isinstance(part, int):
            if not isinstance(value, list) or part >= len(value):
                continue
            path, value = f"{path}[{part}]", value[part]
        elif isinstance(value, dict) and part in value:
            path, value = join(path, part), value[part]
        elif last and kind == "missing":
            path = join(path, part)
    return path


def join(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part
