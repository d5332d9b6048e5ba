"""The errors that all layers raise, by what they mean for the caller. Each layer derives its own from these."""

from __future__ import annotations

import inspect
from typing import ClassVar


class PostDogError(Exception):
    """Something went wrong in PostDog."""

    code: ClassVar[str] = "error"
    """Stable and for machines; a message may be reworded, a code never."""

    def __init__(self, message: str | None = None) -> None:
        self.message = message or default_message(type(self))
        super().__init__(self.message)


def default_message(kind: type[BaseException]) -> str:
    """The first paragraph of an error class's docstring, as one line.

    >>> default_message(NotFound)
    'There is no such thing here.'
    """
    return " ".join(inspect.cleandoc(kind.__doc__ or kind.__name__).split("\n\n")[0].split())


class Invalid(PostDogError):
    """What was sent can't be used as it is."""

    code = "invalid"


class NotFound(PostDogError):
    """There is no such thing here."""

    code = "not_found"


class Conflict(PostDogError):
    """This doesn't fit the present state. Load it again and decide anew."""

    code = "conflict"


class Refused(PostDogError):
    """You may not do this."""

    code = "forbidden"


class PlanLimit(PostDogError):
    """Your plan's limit is reached."""

    code = "plan_limit"


class OutOfCredits(PostDogError):
    """There are not enough credits."""

    code = "insufficient_credits"


class Unavailable(PostDogError):
    """This isn't available at the moment. Try again later."""

    code = "unavailable"
