"""What the models find, in plain words: one sentence and one hint for each kind of error, never a library's own text."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from schemas.flow import ID, NAME

_TYPES = {
    "string": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "tuple": "a list",
    "list": "a list",
    "dict": "an object with keys",
    "model": "an object with keys",
    "model_attributes": "an object with keys",
    "dataclass": "an object with keys",
    "date": "a date such as 2026-12-24",
    "datetime": "an instant such as 2026-12-24T18:00:00Z",
    "time": "a time of day such as 09:30",
    "none_required": "null",
}
_PATTERNS = {
    ID: "Use letters, digits, - and _, at most 64 of them.",
    NAME: "Start with a letter or _, then letters, digits and _, at most 64 of them.",
}

Words = tuple[str, str, str]
"""(code, message, hint)."""


def suggestion(wrong: str, known: list[str]) -> str:
    """The name that was probably meant, as a hint; "" when nothing is near.

    >>> suggestion("send_mesage", ["send_message", "wait"])
    'Did you mean “send_message”?'
    """
    near = get_close_matches(wrong[:100], known, n=1, cutoff=0.6)
    return f"Did you mean “{near[0]}”?" if near else ""


def listing(names: list[str], most: int = 12) -> str:
    """Some names in one phrase, at most so many.

    >>> listing(["a", "b", "c"]), listing(["a"]), listing(["a", "b", "c"], most=2)
    ('a, b and c', 'a', 'a, b and 1 more')
    """
    shown = names[:most]
    if rest := len(names) - len(shown):
        shown = [*shown, f"{rest:,} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""


def wanted_type(kind: str) -> str:
    """What an error such as `string_type` asks for; "" when it isn't about a type.

    >>> wanted_type("int_type"), wanted_type("missing")
    ('a whole number', '')
    """
    if kind in ("date_parsing", "date_from_datetime_parsing", "datetime_parsing", "time_parsing"):
        return _TYPES[kind.split("_", 1)[0]]
    return _TYPES.get(kind.removesuffix("_type"), "") if kind.endswith("_type") or kind == "none_required" else ""


def one_of_types(wanted: list[str]) -> str:
    """The sentence for a value that may be of several types.

    >>> one_of_types(["a whole number", "a number", "a text"])
    'This must be a number or a text.'
    """
    names = [name for name in dict.fromkeys(wanted) if name and not (name == "a whole number" and "a number" in wanted)]
    if not names:
        return "This value can't be used here."
    before = ", ".join(names[:-1])
    return f"This must be {before} or {names[-1]}." if before else f"This must be {names[0]}."


def words(kind: str, context: Mapping[str, Any], message: str) -> Words:
    """The code, sentence and hint for a model's error: its kind, its context, and the library's own text.

    >>> words("too_long", {"max_length": 3}, "")
    ('too_many', 'There are too many of these; at most 3 are allowed.', 'Remove some.')
    """
    if wanted := wanted_type(kind):
        return "wrong_type", f"This must be {wanted}.", ""
    match kind:
        case "missing":
            return "missing", "This is missing.", "Fill it in."
        case "extra_forbidden":
            return "unknown_key", "Nothing is known by this name.", "Remove it, or correct its name."
        case "string_too_long":
            return "too_long", f"This text is too long; at most {context['max_length']:,} characters are allowed.", "Shorten it."
        case "string_too_short" if context["min_length"] == 1:
            return "too_short", "This may not be empty.", "Write something."
        case "string_too_short":
            return "too_short", f"This text is too short; it needs at least {context['min_length']:,} characters.", ""
        case "too_long":
            return "too_many", f"There are too many of these; at most {context['max_length']:,} are allowed.", "Remove some."
        case "too_short":
            least = context["min_length"]
            return "too_few", "At least one is needed." if least == 1 else f"At least {least:,} are needed.", "Add one."
        case "string_pattern_mismatch":
            hint = _PATTERNS.get(str(context.get("pattern")), "")
            return "bad_format", "This is not written as it should be.", hint or f"It must look like {context.get('pattern')}."
        case "literal_error" | "enum":
            return "not_a_choice", f"This must be {context['expected']}.", ""
        case "union_tag_invalid":
            return "not_a_choice", f"This must be one of {context['expected_tags']}.", ""
        case "union_tag_not_found":
            return "missing", "This is missing.", "Say which kind it is."
        case "greater_than_equal":
            return "out_of_range", f"This must be at least {context['ge']}.", ""
        case "greater_than":
            return "out_of_range", f"This must be more than {context['gt']}.", ""
        case "less_than_equal":
            return "out_of_range", f"This must be at most {context['le']}.", ""
        case "less_than":
            return "out_of_range", f"This must be less than {context['lt']}.", ""
        case "finite_number":
            return "bad_number", "This is not a finite number.", "Write a number."
        case "value_error" | "assertion_error":
            return "bad_value", str(context.get("error") or message), ""
        case _:
            return "bad_value", "This value can't be used here.", ""
