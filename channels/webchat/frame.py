"""The frames of the live connection: what browsers send, read from text that nobody may trust, and what they get.

| from the browser | `hello` {token, after}, `send` {client_id, content}, `typing`, `read` {seq}, `pong` |
| to the browser | `ready` {visitor, last}, `message`, `status` {client_id, status}, `typing` {on, from}, `error`, `ping` |

`seq` numbers the messages of a thread, growing but with gaps; `after` is the last one that the browser has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from schemas.error import Invalid

LONGEST_FRAME = 64 * 1024
"""Bytes: a text of 4,096 characters stays below it in any script, even when every character is escaped."""
LONGEST_TEXT = 4096
LONGEST_REFERENCE = 2000
"""Characters of a file's reference, which carries its name and type."""
LARGEST_SEQ = 2**53 - 1
"""The largest whole number that JavaScript tells from its neighbour."""
CLIENT_ID = r"^[A-Za-z0-9_-]{8,64}$"

Frame = dict[str, Any]


class BadFrame(Invalid):
    """This can't be read. Load the page again."""

    code = "bad_frame"

    def __init__(self, message: str | None = None, *, client_id: str = "") -> None:
        super().__init__(message)
        self.client_id = client_id
        """Of the message that is refused; "" where the frame was no readable message."""


class _Part(BaseModel):
    # A page that is newer than the server may say more than we know; its messages still count.
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class TextSent(_Part):
    """What the visitor wrote."""

    kind: Literal["text"]
    text: str = Field(max_length=LONGEST_TEXT, pattern=r"\S")


class ChoiceSent(_Part):
    """A tap; `message` is the public id of the message that carried the button."""

    kind: Literal["choice"]
    button: str = Field(min_length=1, max_length=256)
    title: str = Field(max_length=1000)
    message: str = Field("", max_length=40)


class MediaSent(_Part):
    """A file that was uploaded before; `media` is the reference that the upload answered."""

    kind: Literal["image", "video", "audio", "document"]
    media: str = Field(min_length=1, max_length=LONGEST_REFERENCE)
    caption: str = Field("", max_length=LONGEST_TEXT)


class LocationSent(_Part):
    """A place, in degrees."""

    kind: Literal["location"]
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    name: str = Field("", max_length=300)
    address: str = Field("", max_length=300)


class Hello(_Part):
    """The first frame: who it is, and what it has."""

    type: Literal["hello"]
    token: str = Field(max_length=200)
    after: int = Field(0, ge=0, le=LARGEST_SEQ)


class Send(_Part):
    """A message. The same `client_id` is the same message."""

    type: Literal["send"]
    client_id: str = Field(pattern=CLIENT_ID)
    content: Annotated[TextSent | ChoiceSent | MediaSent | LocationSent, Field(discriminator="kind")]


class Typing(_Part):
    """The visitor is writing."""

    type: Literal["typing"]


class Read(_Part):
    """The visitor has seen everything up to this message."""

    type: Literal["read"]
    seq: int = Field(ge=0, le=LARGEST_SEQ)


class Pong(_Part):
    """The answer to our ping."""

    type: Literal["pong"]


Heard = Hello | Send | Typing | Read | Pong
_heard: TypeAdapter[Heard] = TypeAdapter(Annotated[Heard, Field(discriminator="type")])

TOO_LONG = f"This message is too long. Send at most {LONGEST_TEXT:,} characters."
SENTENCES = {
    ("text", "string_too_long"): TOO_LONG,
    ("caption", "string_too_long"): TOO_LONG,
    ("text", "string_pattern_mismatch"): "This message is empty. Write something, then send it.",
    ("media", "missing"): "The file was not uploaded. Attach it again.",
    ("content", "union_tag_invalid"): "This kind of message can't be sent here. Write a text instead.",
}


def read_frame(text: str) -> Heard:
    """A browser's frame. Raises BadFrame, with the `client_id` where the frame was a message.

    >>> read_frame('{"type": "read", "seq": 7}')
    Read(type='read', seq=7)
    """
    try:
        data = _clean(json.loads(text, parse_constant=_refuse))
    except (ValueError, RecursionError) as error:
        raise BadFrame("This is not valid JSON.") from error
    if not isinstance(data, dict):
        raise BadFrame("A frame is a JSON object with a type.")
    client_id = data.get("client_id") if data.get("type") == "send" else None
    known = client_id if isinstance(client_id, str) and re.fullmatch(CLIENT_ID, client_id) else ""
    if len(text) > LONGEST_FRAME or len(text.encode(errors="replace")) > LONGEST_FRAME:
        raise BadFrame(TOO_LONG, client_id=known)
    try:
        return _heard.validate_python(data)
    except ValidationError as error:
        raise BadFrame(_explain(error), client_id=known) from error


def ready(visitor: str, last: int) -> Frame:
    """The connection stands; messages up to `last` follow."""
    return {"type": "ready", "visitor": visitor, "last": last}


def received(client_id: str) -> Frame:
    """The message is durable."""
    return {"type": "status", "client_id": client_id, "status": "received"}


def refused(client_id: str, code: str, message: str) -> Frame:
    """The message was not taken, and why."""
    return {"type": "status", "client_id": client_id, "status": "refused", "error": {"code": code, "message": message}}


def trouble(code: str, message: str) -> Frame:
    """Something about the connection, for the visitor."""
    return {"type": "error", "error": {"code": code, "message": message}}


def typing(data: Mapping[str, Any]) -> Frame:
    """Somebody is writing, or stopped: `data` is `{"on": bool, "from": "agent" | "bot"}`."""
    return {"type": "typing", "on": data.get("on") is True, "from": "agent" if data.get("from") == "agent" else "bot"}


PING: Frame = {"type": "ping"}


def _explain(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    field = str(first["loc"][-1]) if first["loc"] else ""
    if first["type"] == "union_tag_invalid" and field != "content":
        return "This type of frame is not known here."
    return SENTENCES.get((field, first["type"]), "This message can't be read. Load the page again, then send it once more.")


def _clean(value: Any) -> Any:
    """Without NUL, which some stores refuse, and halves of characters, which a cut text may end with."""
    match value:
        case str():
            return value.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_clean(each) for each in value]
        case dict():
            return {key: _clean(each) for key, each in value.items()}
        case _:
            return value


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
