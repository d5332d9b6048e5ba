"""What the engine answered, as the API tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.http.error import HttpError
from api.services import Submitted
from schemas.error import NotFound
from schemas.problem import Problem


class NotNow(HttpError):
    """This doesn't fit the present state. Load it again and decide anew."""

    code = "conflict"
    status = 409


def value_of(submitted: Submitted) -> Mapping[str, Any] | None:
    """The value that was answered; None where it is not decided yet: answer 202 with the event's id.

    Raises NotFound, or NotNow with the problem's code, where the engine refused.
    """
    answer = submitted.answer
    if not isinstance(answer, Problem):
        return answer
    message = f"{answer.message} {answer.hint}".strip()
    if answer.code in ("not_found", "unknown_contact"):
        raise NotFound(message)
    raise NotNow(message, type=answer.code)
