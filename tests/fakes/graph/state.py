"""What the fake remembers: requests, accepted messages in order, rules, media, templates and its virtual clock."""

import asyncio
import base64
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from tests.fakes.graph import limits
from tests.fakes.graph.errors import JsonObject
from tests.fakes.graph.settings import Settings
from tests.fakes.graph.throttle import Bucket
from tests.fakes.graph.validate_template import Template


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted message. `recipient` is the wa_id, or the business-scoped user id where no phone was given."""

    seq: int
    id: str
    recipient: str
    kind: str
    key: str | None
    at: float
    body: JsonObject

    def as_json(self) -> JsonObject:
        return {name: getattr(self, name) for name in ("seq", "id", "recipient", "kind", "key", "at", "body")}


@dataclass(frozen=True, slots=True)
class Rule:
    """How one recipient behaves. `window`: off, refuse (131047 at once) or fail (131047 by a status)."""

    window: str = "off"
    last_inbound: float | None = None
    refuse: int | None = None
    fail: int | None = None
    wa_id: str | None = None
    bsuid: str | None = None
    statuses: tuple[str, ...] = ("sent", "delivered", "read")


@dataclass(frozen=True, slots=True)
class Media:
    id: str
    mime_type: str
    content: bytes
    filename: str
    expires: float


@dataclass(slots=True)
class Fault:
    """What the next `count` matching requests meet. No `recipient` means any; `endpoint`: messages, media, download."""

    mode: str = "error"
    code: int | None = 131000
    http_status: int | None = None
    count: int = 1
    recipient: str | None = None
    endpoint: str = "messages"
    details: str = ""


HELLO = Template("594425479261596", "hello_world", "en_US", "UTILITY", "APPROVED", [{"type": "BODY", "text": "Hello!"}])


@dataclass(slots=True)
class State:
    """All that changes. Only the server's event loop touches it."""

    settings: Settings
    clock_offset: float = 0.0
    sent: list[Accepted] = field(default_factory=list)
    requests: list[JsonObject] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rules: dict[str, Rule] = field(default_factory=dict)
    allowed: set[str] | None = None
    media: dict[str, Media] = field(default_factory=dict)
    media_urls: dict[str, tuple[str, float]] = field(default_factory=dict)  # token -> (media id, expires)
    templates: list[Template] = field(default_factory=lambda: [HELLO])
    number: Bucket | None = None
    pairs: dict[str, Bucket] = field(default_factory=dict)
    counters: Counter[str] = field(default_factory=Counter)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    release: asyncio.Event = field(default_factory=asyncio.Event)  # set: hanging requests go away
    hold: tuple[str, ...] = ()  # where sends are held, in turn: "before" they are accepted, "after", or "" not at all
    held: int = 0
    unheld: asyncio.Event = field(default_factory=asyncio.Event)  # set: held requests go on

    def __post_init__(self) -> None:
        path = self.settings.state_file
        if path is not None and path.exists():
            for line in path.read_text("utf-8").splitlines():
                self.sent.append(Accepted(**json.loads(line)))
            self.counters["id"] = int(self.now() * 1000)  # ids after a restart are new ones

    def now(self) -> float:
        """Seconds since 1970, moved by /_control/clock."""
        return self.settings.clock() + self.clock_offset

    def rng(self, *about: object) -> Random:
        """A generator that depends on the seed and on what it is for, never on timing."""
        return Random(repr((self.settings.seed, *about)))

    def next_number(self) -> int:
        self.counters["id"] += 1
        return self.counters["id"]

    def new_id(self, what: str) -> str:
        """A fresh decimal id, as Graph gives to media and templates."""
        return str(self.rng(what, self.next_number()).randrange(10**15, 10**16))

    def new_wamid(self, recipient: str) -> str:
        """A message id of Meta's form: base64 of the recipient and a unique tail."""
        tail = self.rng("wamid", self.next_number()).getrandbits(80)
        return "wamid." + base64.b64encode(f"HBg{recipient}\x15\x02{tail:020X}".encode()).decode()

    def trace(self) -> str:
        return f"A{self.rng('trace', self.next_number()).getrandbits(64):016x}"

    def rule(self, recipient: str) -> Rule:
        return self.rules.get(recipient, Rule())

    def window_closed(self, recipient: str) -> bool:
        """Whether the last inbound is older than 24 hours, or never was, for a recipient whose window is watched."""
        rule = self.rule(recipient)
        if rule.window == "off":
            return False
        return rule.last_inbound is None or self.now() - rule.last_inbound > limits.WINDOW_S

    def wrong_media(self, message: Accepted) -> bool:
        """Whether an accepted message names a stored file of a kind that it can't carry."""
        payload = message.body.get(message.kind)
        media = self.media.get(str(payload.get("id"))) if isinstance(payload, dict) else None
        return media is not None and message.kind not in limits.MEDIA.get(media.mime_type, (set(), 0))[0]

    def heard_from(self, recipient: str) -> None:
        """An inbound opens the customer service window."""
        self.rules[recipient] = replace(self.rule(recipient), last_inbound=self.now())

    def take_fault(self, endpoint: str, recipient: str | None) -> Fault | None:
        """The first armed fault that matches, used up by one."""
        for fault in self.faults:
            if fault.endpoint == endpoint and fault.count > 0 and fault.recipient in (None, recipient):
                fault.count -= 1
                return fault
        return None

    async def accept(self, recipient: str, kind: str, body: JsonObject) -> Accepted:
        """Remembers an accepted message, in the state file too, and wakes those who wait for it."""
        key = body.get("biz_opaque_callback_data")
        wamid = self.new_wamid(recipient)
        message = Accepted(len(self.sent), wamid, recipient, kind, key, self.now(), body)
        self.sent.append(message)
        if self.settings.state_file is not None:
            with self.settings.state_file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(message.as_json()) + "\n")
        await self.announce()
        return message

    def forget(self) -> None:
        """Back to the beginning, keeping settings, clock and the counter of ids (ids stay unique)."""
        for memory in (self.sent, self.requests, self.faults, self.rules, self.media, self.media_urls, self.pairs):
            memory.clear()
        self.allowed = None
        self.number = None
        self.templates = [HELLO]
        self.release = asyncio.Event()
        if self.settings.state_file is not None:
            self.settings.state_file.unlink(missing_ok=True)

    def where(self) -> str:
        """Where the next send is held."""
        self.counters["sends"] += 1
        return self.hold[self.counters["sends"] % len(self.hold)] if self.hold else ""

    async def keep(self) -> None:
        """Hold a request until it is let go."""
        self.held += 1
        await self.announce()
        try:
            await self.unheld.wait()
        finally:
            self.held -= 1

    def let_go(self) -> None:
        """Every request that is held goes on; later ones may be held again."""
        self.unheld.set()
        self.unheld = asyncio.Event()

    async def announce(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    def sent_to(self, recipient: str | None = None) -> list[Accepted]:
        return [message for message in self.sent if recipient in (None, message.recipient)]

    def stats(self) -> JsonObject:
        """The verdict: how many were accepted, which keys more than once, and each recipient's keys in order."""
        keys = Counter(message.key for message in self.sent if message.key is not None)
        order: dict[str, list[Any]] = defaultdict(list)
        for message in self.sent:
            order[message.recipient].append(message.key if message.key is not None else message.id)
        doubled = {key: count for key, count in keys.items() if count > 1}
        return {
            "accepted": len(self.sent),
            "duplicates": sum(doubled.values()) - len(doubled),
            "duplicate_keys": doubled,
            "without_key": sum(message.key is None for message in self.sent),
            "order": dict(order),
            "requests": len(self.requests),
            "refused": sum(request["http_status"] not in (None, 200) for request in self.requests),
        }
