"""Ask: a question with a typed answer, in one node."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from engine.core.answer import Accepted, Answer, Refused, refused
from engine.core.build import Build
from engine.core.evolve import evolve
from engine.core.node import Behaviour, Fail, Go, Look, NodeType, Outcome, Park, Port, Probe, Uses
from engine.core.phrase import Phrase
from engine.core.plain import plain
from engine.core.scope import Scope
from engine.core.typed import in_type
from engine.core.visit import Visit
from nodes.ask_config import YES, AskConfig
from nodes.choice import chosen, options_of
from nodes.finding import field_references, id_problems, text_problems, text_reads, unknown_field
from nodes.message import Make, content_maker, fitted
from nodes.reply import MAX_SHOWN, asked_again, hearing, reader, written
from nodes.wait_check import NO_ANSWER, expect_probes, expect_problems
from schemas.capability import Capabilities
from schemas.contact import ContactChange
from schemas.content import Buttons, Content, Menu, Text
from schemas.duration import parse_duration
from schemas.event import MessageReceived
from schemas.flow import Settings
from schemas.problem import Problem, pointer

ANSWERED, INVALID, TIMEOUT, FAILED, CLOSED = "answered", "invalid", "timeout", "failed", "window_closed"
RESERVED = ("next", ANSWERED, INVALID, TIMEOUT, FAILED, CLOSED)
"""Ids that no choice may have: they are ports of their own."""


class Ask(NodeType[AskConfig]):
    """Asks a question and waits for the answer; asks again where it doesn't fit, and keeps it.

    ```json
    {"text": "How was it, from 1 to 5?", "answer": "rating", "save_as": "score", "timeout": "P1D",
     "retries": 2, "retry_text": "A number from 1 to 5, please."}
    ```
    ```json
    {"text": "Which size?", "answer": "choice", "save_as": "size",
     "choices": [{"id": "s", "title": "Small"}, {"id": "l", "title": "Large"}]}
    ```

    Ports: `answered`; of choices one each, of yes or no `yes` and `no`; `invalid` after the retries, `timeout`, and `failed` and
    `window_closed` where the question could not be asked.
    """

    name = "ask"
    Config = AskConfig
    look = Look(
        label="Ask",
        group="messages",
        icon="forms",
        colour="indigo",
        description="Asks a question and checks the answer.",
        card="{text}",
    )
    starter: Mapping[str, Any] = {"text": "Your question"}
    example: Mapping[str, Any] = {
        "text": "How was it, from 1 to 5?",
        "answer": "rating",
        "save_as": "score",
        "timeout": "P1D",
        "retries": 2,
        "retry_text": "A number from 1 to 5, please.",
    }

    def ports(self, config: AskConfig) -> tuple[Port, ...]:
        """One per choice, or `answered`; and what may go wrong."""
        options = tuple(Port(each.id, each.title, "branch") for each in config.options)
        return (
            *(options or (Port(ANSWERED, "Answered"),)),
            Port(INVALID, "Doesn't fit", "error", unfit=True),
            Port(TIMEOUT, "No answer", "timeout"),
            Port(FAILED, "Not delivered", "error"),
            Port(CLOSED, "24-hour window closed", "error"),
        )

    def settled(self, config: AskConfig, settings: Settings) -> AskConfig:
        """It waits as long as the flow says, where it doesn't say it itself."""
        if config.timeout is not None or settings.reply_timeout is None:
            return config
        return config.model_copy(update={"timeout": settings.reply_timeout})

    def compile(self, config: AskConfig, build: Build) -> Behaviour:
        """The question is a message as Send message makes it; the answer is heard as Wait hears it."""
        make = _question(config, build)
        again = asked_again(config.retry_text, build)
        seconds = int(parse_duration(config.timeout).total_seconds()) if config.timeout else None
        closed_port = CLOSED if CLOSED in build.wired else FAILED

        def ask(visit: Visit, meant: Content, left: int, reason: str) -> Outcome:
            shown = fitted(visit, meant, FAILED)
            if isinstance(shown, Fail):
                return shown
            visit.send(shown)
            options = options_of(meant, shown)
            data = {"retries": left, "options": options} if options else {"retries": left}
            return Park("reply", timeout=seconds, data=data, reason=reason)

        def enter(visit: Visit) -> Outcome:
            if not visit.window_open():
                return Fail(closed_port, CLOSED, "the 24-hour window is closed")
            return ask(visit, make(visit), config.retries, "")

        def once_more(visit: Visit, why: Refused, left: int) -> Outcome:
            text = visit.say(again) if again is not None else visit.own_words(why.said)
            return ask(visit, _saying(make(visit), text), left, f"asked again: {why.code}")

        read = _chooses if config.options else reader(config.expect, build)
        return Behaviour(enter, hearing(read, _keeper(config), once_more))

    def writes(self, config: AskConfig) -> tuple[str, ...]:
        """The variable for the answer."""
        return (config.save_as,) if config.save_as else ()

    def uses(self, config: AskConfig, build: Build) -> Uses:
        """The merge fields of what it says."""
        reads = text_reads(_sources(config), build)
        return Uses(reads=reads, references=field_references(reads), pauses=True, interactive=True, free_text=True)

    def check(self, config: AskConfig, scope: Scope) -> Iterable[Problem]:
        """Missing and doubled choices, bounds that exclude everything, unknown fields."""
        yield from text_problems(_sources(config), scope)
        yield from _choice_problems(config)
        yield from expect_problems(config.expect, "")
        if config.save_field:
            yield from unknown_field(config.save_field, "/save_field", scope)
        if config.timeout is None and TIMEOUT in scope.build.wired:
            hint = "Set a timeout, or remove the edge."
            yield Problem("timeout_never", "warning", "/timeout", "The port timeout is wired, but no timeout is set.", hint)
        for channel, capabilities in scope.channels.items():
            limits = self.limits(config, capabilities)
            for at, text in (("/text", config.text), ("/retry_text", config.retry_text)):
                if len(text) > (longest := limits[at]):
                    message = f"This has {len(text)} characters; {channel} shows at most {longest}."
                    yield Problem("text_too_long", "warning", at, message, "Make it shorter.")

    def limits(self, config: AskConfig, capabilities: Capabilities) -> Mapping[str, int]:
        """Of the question and its repetition; choices that are too many for buttons are rows, and else numbered text."""
        count = len(config.options)
        longest = capabilities.interactive_text if count else capabilities.text
        title = capabilities.button_title if count <= capabilities.buttons else capabilities.row_title
        shown = len(config.choices) if count <= max(capabilities.rows, capabilities.buttons) else 0
        titles = {pointer("choices", index, "title"): title for index in range(shown)}
        return {"/text": longest, "/retry_text": longest, **titles}

    def elapsed(self, config: AskConfig, port: str) -> timedelta | None:
        """None after an answer, even one that doesn't fit: the contact has just written."""
        if port == TIMEOUT:
            return parse_duration(config.timeout) if config.timeout else timedelta(0)
        return timedelta(0) if port in (FAILED, CLOSED) else None

    def probes(self, config: AskConfig) -> tuple[Probe, ...]:
        """Every choice, or answers that fit; some that don't, silence, and what may go wrong."""
        options = tuple(Probe("choice", each.id, each.title) for each in config.options)
        answers = (*options, Probe("text", NO_ANSWER, "none of the choices")) if options else expect_probes(config.expect)
        return (*answers, Probe("timeout"), Probe("failed"), Probe("window_closed"))


def _sources(config: AskConfig) -> dict[str, str]:
    sources = {"/text": config.text, "/retry_text": config.retry_text}
    if config.answer == "choice":
        sources |= {pointer("choices", at, "title"): each.title for at, each in enumerate(config.choices)}
    if config.answer == "yes_no":
        given = {"/yes": config.yes, "/no": config.no}
        sources |= {at: text for at, text in given.items() if "{" in text}
    return {at: text for at, text in sources.items() if text}


def _choice_problems(config: AskConfig) -> Iterator[Problem]:
    if config.answer == "choice" and not config.choices:
        yield Problem("no_choices", "error", "/choices", "There is nothing to choose from.", "Add at least one choice.")
    if config.answer == "choice":
        yield from id_problems({pointer("choices", at, "id"): each.id for at, each in enumerate(config.choices)}, RESERVED)


def _question(config: AskConfig, build: Build) -> Make:
    """The question as a message; yes and no in PostDog's own words where the author left them to it."""
    make = content_maker(config.message, build)
    if not config.left_to_us:
        return make
    own = {id: Phrase(id) for id in config.left_to_us}

    def made(visit: Visit) -> Content:
        asked = make(visit)
        if not isinstance(asked, Buttons):
            return asked
        titles = {id: visit.own_words(phrase) for id, phrase in own.items()}
        return evolve(asked, buttons=tuple(evolve(each, title=titles.get(each.id, each.title)) for each in asked.buttons))

    return made


def _saying(content: Content, text: str) -> Content:
    """The same question with its choices, in other words."""
    return evolve(content, text=text) if isinstance(content, Text | Buttons | Menu) else content


def _chooses(visit: Visit, received: MessageReceived) -> Answer:
    """The option that the reply means: (id, title, title as shown)."""
    wait = visit.run.wait
    option = chosen(received, wait) if wait is not None else None
    if option is not None:
        return Accepted(option)
    titles = [str(each[1]) for each in wait.data.get("options", ())] if wait is not None else []
    return refused("not_choice", titles=", ".join(titles))


def _keeper(config: AskConfig) -> Callable[[Visit, Any], Outcome]:
    """Keeps the answer in the variable and the contact's field."""

    def keep(visit: Visit, found: Any) -> Outcome:
        if config.options:
            id, title = found[0], found[1]
            port, value, said = id, (id == YES if config.answer == "yes_no" else title), f"chose {title}"
        else:
            value = written(found)
            port, said = ANSWERED, plain(value)[:MAX_SHOWN]
        if config.save_as:
            visit.set(config.save_as, value)
        if config.save_field:
            declared = visit.turn.world.field_types.get(config.save_field)
            fits = in_type(declared, value) if declared else value
            visit.change(ContactChange("set_field", config.save_field, plain(value) if fits is None else fits))
        return Go(port, said)

    return keep
