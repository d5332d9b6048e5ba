"""What contacts, agents and programs do in a storm: events on their way to our door."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from engine.runtime.clock import VirtualClock
from schemas.contact import ContactChange, Identity
from schemas.content import Buttons, Choice, Content, Location, Media, Reaction, Text
from schemas.event import (
    Body,
    CallAnswered,
    ChangeContact,
    ClaimConversation,
    EventNamed,
    MessageReceived,
    NewEvent,
    PresenceChanged,
    ResolveConversation,
    ReturnConversation,
    SendMessage,
    SnoozeConversation,
    StartFlow,
    StopRun,
    TeamChanged,
    TransferConversation,
)
from tests.core.scene import EVERYONE, PHONE, SALES, SITE
from tests.storms.book import Book
from tests.storms.provider import Post, Provider

AGENTS = (31, 32, 33)
SAID = ("hi", "go", "help", "price", "yes", "no", "40", "2", "agent", "so what", "hi", "stop", "start", "{{contact.name}}")
DOINGS = {
    "write": 34,
    "tap": 8,
    "presence": 8,
    "claim": 5,
    "resolve": 6,
    "return": 5,
    "transfer": 3,
    "snooze": 2,
    "send": 5,
    "notice": 2,
    "start": 5,
    "named": 4,
    "change": 5,
    "stop": 2,
    "team": 1,
    "late": 10,
}
"""What happens, and how often."""


class People:
    """A few contacts and agents, and the programs around us."""

    def __init__(self, random: Random, clock: VirtualClock, book: Book, provider: Provider, post: Post, flows: int) -> None:
        self._random = random
        self._clock = clock
        self._book = book
        self._provider = provider
        self._post = post
        self._flows = flows
        self._count = 0
        self._contacts = random.randint(1, 4)

    def arrive(self) -> None:
        """Some agents are there from the beginning, and everybody writes once."""
        for agent in self._random.sample(AGENTS, self._random.randint(0, 3)):
            self._presence(agent, "online")
        for contact in range(self._contacts):
            self._write(contact, Text("hi"))

    def everybody_comes(self) -> None:
        """All agents are online."""
        for agent in AGENTS:
            self._presence(agent, "online")

    def act(self) -> str:
        """Something happens; what."""
        random = self._random
        doing = random.choices(tuple(DOINGS), tuple(DOINGS.values()))[0]
        match doing:
            case "write":
                self._write(random.randrange(self._contacts), self._content())
            case "tap":
                self._tap()
            case "presence":
                agent, presence = random.choice(AGENTS), random.choice(("online", "online", "busy", "offline"))
                self._book.counts["agents away amid a conversation"] += presence != "online" and self._book.speaks(agent)
                self._presence(agent, presence)
            case "team":
                self._give(TeamChanged(), team=random.choice((SALES, EVERYONE)))
            case "late":
                self._late()
            case _:
                self._command(doing)
        return doing

    def _command(self, doing: str) -> None:
        random = self._random
        if not self._book.conversations:
            return
        id = random.choice(sorted(self._book.conversations))
        contact, channel = self._book.conversations[id]
        agent = random.choice(AGENTS)
        bodies: dict[str, Body] = {
            "claim": ClaimConversation(id, agent, random.random() < 0.3),
            "resolve": ResolveConversation(id, agent),
            "return": ReturnConversation(id, agent),
            "transfer": TransferConversation(id, random.choice((0, SALES, EVERYONE)), random.choice((0, 0, agent)), agent),
            "snooze": SnoozeConversation(id, self._clock.now() + timedelta(hours=1) if random.random() < 0.5 else None, agent),
            "send": SendMessage(Text("A person speaks"), channel, agent),
            "notice": SendMessage(Text("News"), channel, 0, random.choice(("notice", "system"))),
            "start": StartFlow(random.randint(1, self._flows), channel=random.choice((channel, SITE, PHONE))),
            "named": EventNamed("paid", {"amount": random.randrange(100), "answer": "paid"}),
            "change": ChangeContact(tuple(random.sample(_CHANGES, 2)), "storm"),
            "stop": StopRun(0, "storm"),
        }
        bulk = doing in ("start", "notice") and random.random() < 0.4
        self._give(bodies[doing], contact=contact, bulk=bulk)

    def _content(self) -> Content:
        kind = self._random.randrange(12)
        if kind < 3:
            return Media("image", provider_id=f"m{self._count}")
        if kind == 3:
            return self._random.choice((Location(1.5, 2.5), Reaction("👍", "w1")))
        return Text(self._random.choice(SAID))

    def _tap(self) -> None:
        """A contact taps a button of something that it got, new or old."""
        offered = [
            (message, channel, content, to)
            for message, (channel, content, to) in self._provider.shown.items()
            if isinstance(content, Buttons) and to
        ]
        if not offered:
            return
        message, channel, content, to = self._random.choice(offered[-4:])
        button = self._random.choice(content.buttons)
        self._receive(channel, Choice(button.id, button.title, str(message)), to[:1])

    def _write(self, contact: int, content: Content) -> None:
        channel = PHONE if contact % 2 or self._random.random() < 0.2 else SITE
        site, phone = Identity("webchat", f"v{contact}"), Identity("whatsapp", f"49151000{contact}")
        known: tuple[Identity, ...] = (phone,) if channel == PHONE else (site,)
        if contact == 0:  # known to both channels, perhaps from the beginning
            known = (site, phone) if channel == SITE else (phone, site)
        self._receive(channel, content, known)

    def _receive(self, channel: int, content: Content, identities: tuple[Identity, ...]) -> None:
        self._count += 1
        external = f"in-{self._count}"
        body = MessageReceived(channel, external, content, name="Ann", language="en")
        event = NewEvent(1, f"channel:{channel}", external, self._clock.now(), body, identities=identities)
        self._send(event)

    def _presence(self, agent: int, presence: str) -> None:
        for team in (EVERYONE, SALES):
            self._give(PresenceChanged(agent, presence), team=team)

    def _late(self) -> None:
        """A timer that rang before rings once more, a call is answered again, or another one than a run waits for."""
        waiting = self._book.waiting_for_calls()
        if waiting:
            contact, run, wait = self._random.choice(waiting)
            self._give(CallAnswered(run.id, wait.id, wait.data["call"] - 1, True), contact=contact)
        elif self._book.old:
            contact, body = self._random.choice(self._book.old)
            self._give(body, contact=contact)

    def _give(self, body: Body, *, contact: int = 0, team: int = 0, bulk: bool = False) -> None:
        self._count += 1
        at = self._clock.now()
        self._send(NewEvent(1, "storm", str(self._count), at, body, contact=contact, team=team, bulk=bulk))

    def _send(self, event: NewEvent) -> None:
        """Most events come at once; some later than those after them, some twice."""
        random = self._random
        delay = timedelta(seconds=random.choice((0.0, 0.0, 0.0, 0.5, 5.0, 90.0)))
        self._post(delay, event)
        if random.random() < 0.12:
            self._post(delay + timedelta(seconds=random.choice((0.0, 1.0, 300.0))), event)


_CHANGES = (
    ContactChange("add_tag", "vip"),
    ContactChange("remove_tag", "vip"),
    ContactChange("add_tag", "new"),
    ContactChange("set_name", value="Bea"),
    ContactChange("set_consent", value=True),
    ContactChange("set_consent", value=False),
    ContactChange("set_timezone", value="Asia/Kolkata"),
)
