"""One live connection of a browser: what it hears, and the thread that it follows."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import orjson
import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from api.chat.audience import Audience
from api.chat.limit import ADDRESS_MESSAGES, FRAMES, MARKS, MESSAGES, TOO_FAST, TYPINGS, Gate
from api.chat.writing import client_id_of, content_of, message_event, read_event
from api.services import Services
from channels.webchat.frame import PING, BadFrame, Frame, Read, Send, Typing, read_frame, ready, received, refused, trouble
from channels.webchat.render import show
from crm.webchat import Chat, Line, Thread, find_chat, read_thread, unread
from engine.runtime.protocol import Notice, StoreUnavailable
from schemas.content import load_content
from schemas.event import NewEvent
from schemas.public_id import public_id

log: structlog.stdlib.BoundLogger = structlog.get_logger("postdog.chat")

PAGE = 100
"""Lines read at once while a thread is replayed."""
SLOW_SECONDS = 10.0
"""A browser that takes nothing for so long is dropped; it comes back and reads on."""
TRIES = (0.5, 1.0, 2.0, 4.0)
"""Seconds between tries while the store takes no writes: together less than the 15 s that the page waits for an answer."""
MOST_BAD = 10
"""Unreadable frames of one connection: more is no mistake."""
WAITING = 8
"""Frames that are not kept (somebody writes) and wait for their turn; older ones mean nothing any more."""


@dataclass(frozen=True, slots=True)
class House:
    """What all connections share."""

    services: Services
    audience: Audience
    gate: Gate


@dataclass(frozen=True, slots=True)
class Guest:
    """Whose connection it is. `address` is a key for limits."""

    chat: Chat
    visitor: str
    address: str
    language: str

    @property
    def key(self) -> tuple[int, str]:
        return self.chat.channel, self.visitor

    @property
    def bucket(self) -> str:
        return f"{self.chat.channel}:{self.visitor}"


class Connection:
    """Two tasks on one socket: one hears frames, one shows the thread from a cursor that only it moves."""

    def __init__(self, house: House, guest: Guest, socket: web.WebSocketResponse, drop: Callable[[], None]) -> None:
        """`drop` cuts the connection without a word, for a browser that takes none."""
        self._house = house
        self._guest = guest
        self._socket = socket
        self._drop = drop
        self._seq = 0
        self._seen = 0
        self._bad = 0
        self._beaten = False
        self._over = False
        """The following task says goodbye, and must not be cancelled while it does."""
        self._woken = asyncio.Event()
        self._told: deque[Frame] = deque(maxlen=WAITING)

    # --- Listener ------------------------------------------------------------------------------------------------------------
    @property
    def key(self) -> tuple[int, str]:
        """Channel and visitor."""
        return self._guest.key

    def wake(self) -> None:
        """Look at the thread."""
        self._woken.set()

    def beat(self) -> None:
        """Ping, and look whether all is still as it was."""
        self._beaten = True
        self._woken.set()

    def tell(self, frame: Frame) -> None:
        """Pass on what is not kept."""
        self._told.append(frame)
        self._woken.set()

    async def close(self, code: int, reason: str) -> None:
        """End the connection."""
        try:
            async with asyncio.timeout(SLOW_SECONDS):
                await self._socket.close(code=code, message=reason.encode())
        except ConnectionError:
            pass
        except TimeoutError:
            self._drop()

    # --- the connection ------------------------------------------------------------------------------------------------------
    async def run(self, after: int) -> None:
        """Serve until the browser leaves. `after` is the last message that it has. Raises nothing of the network's."""
        self._house.audience.join(self)
        try:
            async with asyncio.TaskGroup() as tasks:
                thread = await self._look(after)
                self._seq = min(after, thread.last)
                await self._send(ready(self._guest.visitor, thread.last))
                following = tasks.create_task(self._follow(thread))
                await self._listen()
                if not self._over:
                    following.cancel()
        except* ConnectionError:
            pass  # The browser is gone; it comes back by itself.
        except* TimeoutError:
            self._drop()
        except* StoreUnavailable as failure:
            log.warning("chat_interrupted", channel=self._guest.chat.channel, error=str(failure.exceptions[0]))
            await self.close(WSCloseCode.TRY_AGAIN_LATER, "try again later")
        finally:
            self._house.audience.leave(self)

    async def _send(self, frame: Frame) -> None:
        async with asyncio.timeout(SLOW_SECONDS):
            await self._socket.send_str(orjson.dumps(frame).decode())

    # --- the thread, towards the browser -------------------------------------------------------------------------------------
    async def _follow(self, thread: Thread) -> None:
        await self._show(thread)
        while not self._over:
            await self._woken.wait()
            self._woken.clear()
            await self._show(await self._look(self._seq))

    async def _look(self, after: int) -> Thread:
        """The thread after some message. It is read again once its notices reach us, so that none falls between."""
        chat, visitor, read = self._guest.chat, self._guest.visitor, self._house.services.store.read
        thread = await read(lambda session: read_thread(session, chat, visitor, after, PAGE))
        while self._house.audience.follow(self, thread.conversations):
            thread = await read(lambda session: read_thread(session, chat, visitor, after, PAGE))
        return thread

    async def _show(self, thread: Thread) -> None:
        while thread.lines:
            for line in thread.lines:
                await self._send(self._frame(line, thread))
                self._seq = line.seq
            if self._seq >= thread.last:
                break
            thread = await self._look(self._seq)
        while self._told:
            await self._send(self._told.popleft())
        if self._beaten:
            self._beaten = False
            await self._beat()

    def _frame(self, line: Line, thread: Thread) -> Frame:
        return {
            "type": "message",
            "seq": line.seq,
            "id": public_id("msg", line.id),
            "from": line.sender,
            "name": line.name or None,
            "at": line.at.isoformat().replace("+00:00", "Z"),
            "client_id": client_id_of(line.provider_id, self._guest.visitor) or None,
            "content": show(load_content(line.content), thread.files),
        }

    async def _beat(self) -> None:
        channel = self._guest.chat.channel
        if await self._house.services.store.read(lambda session: find_chat(session, channel)) is None:
            self._over = True
            await self._send(trouble("no_such_chat", "This chat was switched off."))
            await self.close(WSCloseCode.POLICY_VIOLATION, "switched off")
            return
        await self._send(PING)
        await self._mark()

    # --- frames, from the browser --------------------------------------------------------------------------------------------
    async def _listen(self) -> None:
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                await self.close(WSCloseCode.UNSUPPORTED_DATA, "text only")
            elif not self._house.gate.may(FRAMES, self._guest.bucket) or self._bad > MOST_BAD:
                await self._send(trouble("too_fast", TOO_FAST))
                await self.close(WSCloseCode.POLICY_VIOLATION, "too many frames")
            else:
                await self._hear(message.data)

    async def _hear(self, text: str) -> None:
        try:
            frame = read_frame(text)
            match frame:
                case Send():
                    await self._take(frame)
                case Read(seq=seq):
                    await self._saw(seq)
                case Typing():
                    self._write()
                case _:
                    pass  # A pong, or a second hello: the connection is alive.
        except BadFrame as error:
            self._bad += not error.client_id
            client_id = error.client_id
            answer = refused(client_id, error.code, error.message) if client_id else trouble(error.code, error.message)
            await self._send(answer)

    async def _take(self, sent: Send) -> None:
        """Hand a message to the engine; the answer goes out when it is durable, for a repeated one too."""
        house, guest = self._house, self._guest
        try:
            content = content_of(sent, guest.chat, guest.visitor, house.services.secrets)
        except BadFrame as error:
            error.client_id = sent.client_id
            raise
        if not (house.gate.may(MESSAGES, guest.bucket) and house.gate.may(ADDRESS_MESSAGES, guest.address)):
            await self._send(refused(sent.client_id, "too_fast", TOO_FAST))
            return
        now = house.services.clock.now()
        house.audience.seek(guest.key)  # Before it can be decided: its notice may come at once.
        await self._append([message_event(guest.chat, guest.visitor, sent.client_id, content, guest.language, now)])
        await self._send(received(sent.client_id))

    async def _append(self, events: list[NewEvent]) -> None:
        """Durable when it returns. Raises StoreUnavailable when the store doesn't recover soon."""
        for pause in TRIES:
            try:
                await self._house.services.engine.append(events)
                return
            except StoreUnavailable:
                await self._house.services.clock.sleep(pause)
        await self._house.services.engine.append(events)

    async def _saw(self, seq: int) -> None:
        self._seen = max(self._seen, min(seq, self._seq))
        if self._house.gate.may(MARKS, self._guest.bucket):
            await self._mark()

    async def _mark(self) -> None:
        """Report what was seen; losing such a report loses nothing but a mark."""
        if not self._seen:
            return
        chat, visitor, until, self._seen = self._guest.chat, self._guest.visitor, self._seen, 0
        seen = await self._house.services.store.read(lambda session: unread(session, chat, visitor, until))
        if seen:
            now = self._house.services.clock.now()
            with suppress(StoreUnavailable):
                await self._house.services.engine.append([read_event(chat, each, now) for each in seen])

    def _write(self) -> None:
        """Tell who looks on that the visitor writes."""
        if self._house.gate.may(TYPINGS, self._guest.bucket):
            told = {"typing": {"from": "visitor", "on": True}}
            conversations = self._house.audience.conversations(self)
            self._house.services.feed.publish(
                [Notice(self._guest.chat.tenant, "conversation", each, each, told) for each in conversations]
            )
