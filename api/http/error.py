"""Errors of the HTTP layer itself, the status of every error, and the envelope in which they leave.

The envelope serves all readers at once: {"error": {"code": 400, "type": "invalid_phone", "message": "…",
"details": [{"field", "message"}], "request_id": "req_…"}, "message": "…"}.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from api.http.profile import NATIVE, Profile
from schemas.error import Conflict, Invalid, NotFound, OutOfCredits, PlanLimit, PostDogError, Refused, Unavailable


class Detail(BaseModel):
    """What is wrong with one field. `field` is a path such as `contacts[3].phone`, empty for the whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    message: str


class ErrorBody(BaseModel):
    """`code` is the HTTP status, `type` a stable word for machines, `request_id` what to tell the operator."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: int
    type: str
    message: str
    details: tuple[Detail, ...] = ()
    request_id: str


class ErrorAnswer(BaseModel):
    """What every refusal looks like. `message` repeats `error.message` for simple clients.

    `current` is there where somebody was faster (412): the thing as it is now, with its `etag`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    error: ErrorBody
    message: str
    current: dict[str, Any] | None = None


class HttpError(PostDogError):
    """The request was refused."""

    status: int = 400

    def __init__(
        self,
        message: str | None = None,
        *,
        type: str | None = None,
        details: Sequence[Detail] = (),
        headers: Mapping[str, str] | None = None,
        current: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.type = type or self.code
        self.details = tuple(details)
        self.headers = dict(headers or {})
        self.current = dict(current) if current is not None else None


class BadRequest(HttpError):
    """The request can't be read."""

    code = "bad_request"


class MalformedJson(HttpError):
    """The body is not valid JSON."""

    code = "malformed_json"


class ValidationFailed(HttpError):
    """Some values can't be used. See the details."""

    code = "validation_failed"


class Unauthorized(HttpError):
    """Send your API key as "Authorization: Bearer <key>" or "X-API-Key: <key>"."""

    code = "unauthorized"
    status = 401


class Forbidden(HttpError):
    """Your key may not do this."""

    code = "forbidden"
    status = 403


class UnknownRoute(HttpError):
    """There is nothing at this address. See /docs for what there is."""

    code = "not_found"
    status = 404


class MethodNotAllowed(HttpError):
    """This address doesn't take this method."""

    code = "method_not_allowed"
    status = 405


class BodyTimeout(HttpError):
    """The body didn't arrive in time. Send it again."""

    code = "body_timeout"
    status = 408


class KeyInUse(HttpError):
    """A request with this Idempotency-Key is still being worked on. Ask again in a few seconds."""

    code = "idempotency_in_progress"
    status = 409


class PreconditionFailed(HttpError):
    """Somebody changed this since you loaded it. Load it again, then repeat your change."""

    code = "precondition_failed"
    status = 412


class BodyTooLarge(HttpError):
    """The body is too large."""

    code = "body_too_large"
    status = 413


class UnsupportedMediaType(HttpError):
    """Send the body as JSON, with "Content-Type: application/json"."""

    code = "unsupported_media_type"
    status = 415


class KeyReused(HttpError):
    """This Idempotency-Key was used with other content. Take a new key for a new request."""

    code = "idempotency_mismatch"
    status = 422


class PreconditionRequired(HttpError):
    """Send If-Match with the ETag that you loaded, so that nobody's change is lost."""

    code = "precondition_required"
    status = 428


class TooManyRequests(HttpError):
    """Too many requests."""

    code = "rate_limited"
    status = 429


class InternalError(HttpError):
    """Something failed on our side. Try again; if it stays, tell the operator the request id."""

    code = "internal_error"
    status = 500


class TimedOut(HttpError):
    """This took too long and was given up. Try again."""

    code = "timeout"
    status = 504


STATUSES: tuple[tuple[type[PostDogError], int], ...] = (
    (NotFound, 404),
    (Conflict, 409),
    (Refused, 403),
    (OutOfCredits, 402),
    (Unavailable, 503),
)


def status_of(error: PostDogError | type[PostDogError], profile: Profile) -> int:
    """The HTTP status of an error or of a class of errors; 500 for one that means nothing to a caller.

    >>> status_of(PlanLimit(), NATIVE)
    403
    """
    kind = error if isinstance(error, type) else type(error)
    if issubclass(kind, ValidationFailed | Invalid):
        return profile.validation_status
    if issubclass(kind, PlanLimit):
        return profile.plan_limit_status
    if isinstance(error, HttpError):
        return error.status
    if issubclass(kind, HttpError):
        return kind.status
    return next((status for base, status in STATUSES if issubclass(kind, base)), 500)


def envelope(error: PostDogError, profile: Profile | None, request_id: str) -> tuple[int, ErrorAnswer]:
    """The status and the body for an error. Outside a mount (no profile) the native rules hold."""
    status = status_of(error, profile or NATIVE)
    if status >= 500 and not isinstance(error, HttpError | Unavailable):
        error = InternalError()
    kind = error.type if isinstance(error, HttpError) else error.code
    details = error.details if isinstance(error, HttpError) else ()
    body = ErrorBody(code=status, type=kind, message=error.message, details=details, request_id=request_id)
    current = error.current if isinstance(error, HttpError) else None
    return status, ErrorAnswer(error=body, message=error.message, current=current)
