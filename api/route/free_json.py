"""JSON objects of any shape in bodies."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from pydantic import AfterValidator


def storable(value: dict[str, Any]) -> dict[str, Any]:
    """The object, if it can be stored. Raises ValueError for what other programs couldn't read either.

    >>> storable({"a": [1, None]})
    {'a': [1, None]}
    """
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        raise ValueError("Whole numbers must fit into 64 bits, and nothing may be nested more than 250 deep.") from error
    return value


JsonObject = Annotated[dict[str, Any], AfterValidator(storable)]
"""Any JSON object that can be stored as it is."""
