"""The few words that the engine itself says, outside every flow."""

from __future__ import annotations

from engine.core.phrase import Phrase, language_of
from engine.core.program import Program
from engine.core.turn import Turn
from engine.core.value import Conversation, Run
from schemas.content import Text
from schemas.effect import Message


def say(turn: Turn, conversation: Conversation, text: str, *, consent: bool = True) -> None:
    """Send a text with the voice `system`; an empty one is not sent. `consent` False reaches also who opted out."""
    if not text:
        return
    turn.messages.append(
        Message(
            id=turn.new_id(),
            key=f"{turn.event.id}:{len(turn.messages)}",
            conversation=conversation.id,
            channel=conversation.channel,
            content=Text(text),
            voice="system",
            epoch=conversation.epoch,
            at=turn.now,
            consent=consent,
        )
    )


def in_own_words(turn: Turn, phrase: Phrase, program: Program | None) -> str:
    """One of PostDog's own sentences as this contact hears it: in the language in which the flow speaks to them.

    Where there is no flow, where it doesn't say its language or the book lacks it: in the contact's, then in the workspace's,
    then in English.
    """
    contact, workspace = turn.contact.language, turn.world.language
    flow = (program.languages.of(contact, workspace) or program.language) if program is not None else None
    return phrase.in_language(language_of((flow, contact, workspace)))


def program_of(turn: Turn, run: Run | None) -> Program | None:
    """The flow in which a run stands; None without a run."""
    return turn.world.programs.get(run.frames[-1].version) if run is not None else None
