"""What /flows takes and answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from api.http.model import IdOf, Input, Instant, Output, Query
from api.http.page import PageQuery
from api.route.free_json import JsonObject
from api.services import ReadyMade
from crm.compare import Change
from crm.flows import FlowState
from crm.publish import Standing
from engine.core.check_model import CURRENT_SCHEMA
from schemas.error import NotFound
from schemas.flow import FlowDocument
from schemas.problem import Problem
from storage.table import ChannelRow, FlowVersionRow

Name = Annotated[str, Field(min_length=1, max_length=200, examples=["Order status"])]
Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$", description="A stable word.", examples=["order-status"])]
NEWER = (
    "This flow was made by a newer release of PostDog (schema {number}); this server reads up to {known}. "
    "Nothing was changed. Update the server, then try again."
)
FlowId = Annotated[int, IdOf("flow")]
VersionId = Annotated[int, IdOf("ver")]
Policy = Annotated[
    Literal["stay", "move", "restart", "end"],
    Field(
        description="What becomes of runs on other versions, at their next event: they stay, move to this version where their "
        "node still exists, start anew, or end."
    ),
]
Variables = Annotated[JsonObject, Field(max_length=200, description="Variables that the run starts with.")]


def refuse_newer(document: Any) -> Any:
    """Let pass what isn't of a newer schema; that is refused by name, and not by the first key that we don't know."""
    number = document.get("schema") if isinstance(document, Mapping) else None
    if isinstance(number, int) and number > CURRENT_SCHEMA:
        raise PydanticCustomError("newer_schema", NEWER, {"number": number, "known": CURRENT_SCHEMA})
    return document


Document = Annotated[FlowDocument, BeforeValidator(refuse_newer)]


class CreateFlow(Input):
    """A flow to be made: from a document, from a ready-made flow, or an empty one with a name."""

    name: Name | None = None
    key: Key | None = None
    document: Document | None = None
    ready_made: Annotated[Key | None, Field(description="The key of a ready-made flow to begin from.")] = None

    @model_validator(mode="after")
    def _named(self) -> CreateFlow:
        if self.name is None and self.document is None and self.ready_made is None:
            raise ValueError("Give a document, the key of a ready-made flow, or a name for an empty flow.")
        if self.document is not None and self.ready_made is not None:
            raise ValueError("Give a document or the key of a ready-made flow, not both.")
        return self

    def draft(self, ready_made: Iterable[ReadyMade]) -> FlowDocument:
        """The document that the flow begins with. Raises NotFound for an unknown ready-made flow."""
        document = self.document
        if self.ready_made is not None:
            found = {each.key: each.document for each in ready_made}
            if self.ready_made not in found:
                raise NotFound(f"There is no ready-made flow “{self.ready_made}”.")
            document = found[self.ready_made]
        if document is None:
            document = FlowDocument.model_validate({"schema": 1, "name": self.name, "nodes": [], "edges": []})
        return document.model_copy(update={"name": self.name}) if self.name else document


class SaveDraft(Input):
    """The whole document, which replaces the draft."""

    document: Document


class ChangeFlow(Input):
    """What is to change beside the document."""

    name: Name | None = None
    archived: bool | None = None


class DuplicateFlow(Input):
    """The name of the copy."""

    name: Name | None = None


class ValidateFlow(Input):
    """A document to be checked; without one the draft is."""

    document: Annotated[JsonObject | None, Field(description="Any JSON object: everything wrong with it is told.")] = None


class AskPaths(Input):
    """A node of the document, or of the draft where there is no document."""

    node: Annotated[str, Field(max_length=64)]
    document: Annotated[JsonObject | None, Field(description="Any JSON object.")] = None


class PublishFlow(Input):
    """How to publish."""

    note: Annotated[str, Field(max_length=1_000, description="What changed, for people.")] = ""
    policy: Policy = "stay"
    dry_run: Annotated[bool, Field(description="Only say what would happen.")] = False


class RollBack(Input):
    """How to go back."""

    policy: Policy = "stay"


class Address(Input):
    """An address of a person: phone (E.164), email, whatsapp, webchat or another kind."""

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", examples=["phone"])]
    value: Annotated[str, Field(min_length=1, max_length=200, examples=["+14155550123"])]


class StartFlow(Input):
    """For whom to start, by `contact_id` or by an address, and with what."""

    contact_id: Annotated[int, IdOf("ct")] | None = None
    identity: Address | None = None
    channel_id: Annotated[int, IdOf("ch")] | None = None
    variables: Variables = Field(default_factory=dict)

    @model_validator(mode="after")
    def _somebody(self) -> StartFlow:
        if (self.contact_id is None) == (self.identity is None):
            raise ValueError("Give either contact_id or identity.")
        return self


class ListFlows(PageQuery):
    """Which flows."""

    archived: Annotated[bool, Field(description="True: those that were put away.")] = False
    live: Annotated[bool | None, Field(description="True: those that are published, false: those that aren't.")] = None
    search: Annotated[str, Field(max_length=100, description="A part of the name or the key.")] = ""


class CountQuery(Query):
    """Which counts: of one version or all, since and until when (whole hours)."""

    version: Annotated[int, Field(ge=1, le=1_000_000, description="A version's number.")] | None = None
    since: Instant | None = None
    until: Instant | None = None


class LiveVersion(Output):
    """The version that is live."""

    id: VersionId
    number: int
    published_at: Instant


class ListeningChannel(Output):
    """A channel that a flow's triggers listen on."""

    id: Annotated[int, IdOf("ch")]
    name: str
    kind: str


class FlowSummary(Output):
    """A flow without its document. What starts it, and where, is said of what is live, else of the draft."""

    id: FlowId
    key: str
    name: str
    status: Annotated[Literal["draft", "live", "archived"], Field(description="live: something can start it.")]
    live: LiveVersion | None
    changed: Annotated[bool, Field(description="The draft differs from what is live, the layout aside.")]
    waiting: Annotated[int, Field(description="Runs that are inside now.")]
    starts: Annotated[tuple[str, ...], Field(description="message, keyword, webhook, api, contact, schedule.")]
    channels: Annotated[tuple[ListeningChannel, ...], Field(description="Where it can start; empty: on every channel.")]
    nodes: int
    revision: int
    created_at: Instant
    updated_at: Instant


class Flow(FlowSummary):
    """A flow with its draft."""

    document: dict[str, Any]


class ReadyMadeFlow(Output):
    """A flow that we ship, to begin from."""

    key: str
    name: str
    description: str
    nodes: int
    starts: tuple[str, ...]


class Finding(Output):
    """One thing that is wrong; `pointer` leads into the document (RFC 6901), `node` is the node that it is about."""

    code: str
    level: Literal["error", "warning", "info"]
    pointer: str
    node: str | None
    message: str
    hint: str


class PortShown(Output):
    """A way out of a node."""

    id: str
    label: str
    kind: str


class TextShown(Output):
    """A text that contacts read. `place` is its key among the translations, `pointer` where it stands in the document now."""

    place: str
    pointer: str
    text: str
    words: Annotated[bool, Field(description="It holds words: without a translation, something is missing.")]


class Validation(Output):
    """Everything that was found. `ports` are the ways out of each node whose config is right.

    `limits` is how many characters the flow's channels show: by node, then by pointer into its config.
    `texts` are what is translated, of a flow that names its language: by node, and under "" of the flow itself.
    """

    valid: Annotated[bool, Field(description="Nothing forbids publishing.")]
    problems: tuple[Finding, ...]
    ports: dict[str, tuple[PortShown, ...]]
    limits: dict[str, dict[str, int]]
    texts: dict[str, tuple[TextShown, ...]]


class Version(Output):
    """What was published once. It never changes."""

    id: VersionId
    number: int
    hash: str
    note: str
    published_at: Instant
    published_by: Annotated[int, IdOf("usr")] | None
    live: bool
    policy: Annotated[str, Field(description="What a later publish decided for the runs on it.")]


class VersionWithDocument(Version):
    """A version with its document."""

    document: dict[str, Any]


class StandingRuns(Output):
    """Runs that stand at a node of another version."""

    version: VersionId
    number: int
    node: str
    runs: int


class Publication(Output):
    """What publishing did, or in a dry run would do."""

    version: Version | None
    new: Annotated[bool, Field(description="False: the same content was published before, and that version is live again.")]
    dry_run: bool
    policy: str
    problems: tuple[Finding, ...]
    runs: Annotated[int, Field(description="Runs on other versions, which the policy is about.")]
    standing: tuple[StandingRuns, ...]


class ChangeShown(Output):
    """A difference between two documents. `node` is the node that it is about, `port` the way out of an edge."""

    what: Literal["node", "edge", "variable", "setting", "flow"]
    how: Literal["added", "removed", "changed"]
    title: Annotated[str, Field(examples=["“Greet”"])]
    details: Annotated[tuple[str, ...], Field(description="Sentences.", examples=[["Text: “Hi” → “Hello”"]])]
    node: str | None
    port: str | None


class Comparison(Output):
    """What is different, from the one to the other; a version's number, null for the draft."""

    before: int | None
    after: int | None
    changes: tuple[ChangeShown, ...]


class InsideShown(Output):
    """Runs that stand at a node of another version. `moves`: the policy `move` takes them along, else they stay."""

    version: VersionId
    number: int
    node: str
    label: str
    runs: int
    moves: bool


class PublishPreview(Output):
    """What publishing the draft would do.

    Of the `runs` on other versions, the policy `stay` leaves all where they are, `move` takes `moved` along and leaves the
    others, `restart` begins and `end` ends all of them; each at its next event.
    """

    publishable: Annotated[bool, Field(description="No problem forbids it.")]
    live: LiveVersion | None
    new: Annotated[bool, Field(description="It makes a new version; false: this content was published before.")]
    changed: Annotated[bool, Field(description="The draft does something else than what is live.")]
    changes: tuple[ChangeShown, ...]
    problems: tuple[Finding, ...]
    runs: int
    moved: int
    inside: tuple[InsideShown, ...]


class CompareQuery(Query):
    """With what to compare."""

    version: Annotated[int | None, Field(ge=1, le=1_000_000, description="A version's number; without one, the draft.")] = None


class PathShown(Output):
    """Something that texts and rules at a node may read: `{{path}}`. `by` are the nodes that set a variable.

    Secrets only a step takes that sends them, and only whoever may list secrets gets their names.
    """

    path: str
    label: str
    group: Literal["contact", "field", "variable", "message", "channel", "time", "flow", "global", "hours", "secret"]
    type: str
    set: Annotated[bool, Field(description="False: nothing sets this variable on the way to the node.")]
    by: tuple[str, ...]


class Started(Output):
    """The run that began. `accepted` (202): it is not decided yet; the event's id tells it later."""

    status: Literal["started", "accepted"]
    run_id: Annotated[int, IdOf("run")] | None
    event_id: Annotated[int, IdOf("ev")]


class NodeCounts(Output):
    """What happened at a node. `left` counts by port."""

    node: str
    reached: int
    left: dict[str, int]
    waiting: Annotated[int, Field(description="Runs that stand here now.")]


class EndingShown(Output):
    """How some runs ended, with End's outcome or the reason. Waiting and suspended ones go on."""

    status: str
    outcome: str
    runs: int


class PortResultShown(Output):
    """The runs that left a node by a port, and how they ended."""

    port: str
    runs: int
    endings: tuple[EndingShown, ...]


class FlowTrigger(Output):
    """A trigger of the live version: `url` for a webhook, `next_at` for a schedule."""

    node: str
    kind: str
    url: str | None
    next_at: Instant | None


def finding(problem: Problem, document: Any = None) -> Finding:
    """A problem as it is shown; with its document, also the node that it is about."""
    return Finding(
        code=problem.code,
        level=problem.level,
        pointer=problem.pointer,
        node=node_of(problem.pointer, document),
        message=problem.message,
        hint=problem.hint,
    )


def node_of(pointer: str, document: Any) -> str | None:
    """The id of the node that a pointer is about; of an edge, the node that it leaves.

    >>> node_of("/nodes/0/config/text", {"nodes": [{"id": "hello"}]})
    'hello'
    >>> node_of("/translations/de/~1nodes~1hello~1config~1text", {})
    'hello'
    """
    parts = pointer.split("/")
    if len(parts) > 3 and parts[1] == "translations":
        place_parts = parts[3].replace("~1", "/").split("/")
        return place_parts[2] if place_parts[1:2] == ["nodes"] and len(place_parts) > 2 else None
    if len(parts) < 3 or parts[1] not in ("nodes", "edges") or not parts[2].isdecimal():
        return None
    items = document.get(parts[1]) if isinstance(document, Mapping) else None
    place = int(parts[2])
    item = items[place] if isinstance(items, list) and place < len(items) else None
    id = item.get("id" if parts[1] == "nodes" else "from") if isinstance(item, Mapping) else None
    return id if isinstance(id, str) else None


def summary(state: FlowState, channels: Mapping[str, ChannelRow]) -> dict[str, Any]:
    """The fields of FlowSummary; `channels` by their public ids."""
    row, live = state.row, state.live
    return {
        "id": row.id,
        "key": row.key,
        "name": row.name,
        "status": state.status,
        "live": LiveVersion(id=live.id, number=live.number, published_at=live.published_at) if live else None,
        "changed": state.changed,
        "waiting": state.waiting,
        "starts": state.entries.kinds,
        "channels": tuple(
            ListeningChannel(id=channels[id].id, name=channels[id].name, kind=channels[id].kind)
            for id in state.entries.channels
            if id in channels
        ),
        "nodes": len(row.draft.get("nodes", ())),
        "revision": row.revision,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def version_facts(row: FlowVersionRow, live: int) -> dict[str, Any]:
    """The fields of Version."""
    return {
        "id": row.id,
        "number": row.number,
        "hash": row.hash,
        "note": row.note,
        "published_at": row.published_at,
        "published_by": row.published_by or None,
        "live": row.id == live,
        "policy": row.successor["policy"] if row.successor else "stay",
    }


def change_shown(change: Change) -> ChangeShown:
    """A difference as it is shown."""
    return ChangeShown(
        what=change.what,
        how=change.how,
        title=change.title,
        details=change.details,
        node=change.node or None,
        port=change.port or None,
    )


def standing_runs(standing: Standing) -> StandingRuns:
    """Runs as they are shown."""
    return StandingRuns(version=standing.version, number=standing.number, node=standing.node, runs=standing.runs)
