"""The rows of the table: which measurement gives which figures, and what each should reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from app.event_loop import run_async
from benchmarks import explorer, http, latency, memory, peers, scale, simulate, throughput, waits
from benchmarks.figure import Figure, against, below
from benchmarks.floor import floor_events_per_second
from benchmarks.interpreter import Cost, measure
from benchmarks.optional import NoBrowser, NoExpressions, is_there
from benchmarks.visits import microseconds_per_expression, microseconds_per_visit
from benchmarks.workload import SAID
from benchmarks.writes import measure_writes


@dataclass(frozen=True)
class Size:
    """How much is played."""

    conversations: int = 5_000
    """Of the interpreter, three messages each."""
    rounds: int = 20
    """Of each golden case of a node type; the quickest counts."""
    contacts: int = 20_000
    """Of the workload, three messages each."""
    graph_contacts: int = 2_000
    """Of the workload with a Graph server: a third process takes part."""
    pending: tuple[int, int] = (100_000, 1_000_000)
    due: int = 100_000
    due_seconds: float = 10.0
    latency_seconds: float = 10.0
    people: tuple[int, ...] = (1_000, 100_000, 1_000_000)
    peer_conversations: int = 300
    """Each message takes them milliseconds."""
    answers: int = 1_000
    """Of one round at each number of people."""
    canvas: int = 500
    """Nodes of the flow that is opened in the builder."""
    canvas_rounds: int = 4


QUICK = Size(100, 2, 100, 20, (500, 1_500), 200, 0.2, 0.3, (200, 1_000), 5, 50, 40, 1)
"""Shows that everything works; says nothing about speed."""


@dataclass
class Run:
    """One run of the benchmarks: how much, where, and what earlier rows found out for later ones."""

    size: Size
    folder: Path
    maximum: float = 0.0
    """Messages a second in process; 0 while nothing has measured it."""
    served: http.Product | None = None
    _folders: int = field(default=0)

    def fresh(self) -> Path:
        """An empty folder."""
        self._folders += 1
        made = self.folder / str(self._folders)
        made.mkdir()
        return made

    def pipeline(self) -> float:
        """Messages a second in process, measured by an earlier row, or now by a smaller run."""
        if not self.maximum:
            self.maximum = run_async(throughput.measure(self.fresh(), self.size.contacts // 4)).events_per_second
        return self.maximum

    def interpreter(self) -> Cost:
        """What an event costs without storage."""
        return measure(self.size.conversations)


Row = Callable[[Run], Iterator[Figure]]


def interpreter(run: Run) -> Iterator[Figure]:
    """Deciding alone."""
    done = run.interpreter()
    each = 1e6 / done.events
    yield below("interpreter", "interpreter alone, state decoded and encoded", done.microseconds, "µs/event", 25)
    yield Figure("interpreter.decode", "  of that: event and run decoded", done.decode * each, "µs/event")
    yield Figure("interpreter.decide", "  of that: decided", done.decide * each, "µs/event")
    yield Figure("interpreter.encode", "  of that: run encoded", done.encode * each, "µs/event")
    for name, spent in microseconds_per_visit(run.size.rounds).items():
        yield Figure(f"visit.{name}", f"  a visit of {name}, its own code", spent, "µs/visit")


def expressions(run: Run) -> Iterator[Figure]:
    """A visit of a condition that asks an expression. Raises NoExpressions."""
    if not is_there("cel_expr_python"):
        raise NoExpressions
    label = "a visit of a condition with an expression, its own code"
    yield Figure("visit.expression", label, microseconds_per_expression(run.size.rounds), "µs/visit")


def pipeline(run: Run) -> Iterator[Figure]:
    """The whole engine in process, against what the database alone costs."""
    contacts = run.size.contacts
    floor = floor_events_per_second(run.fresh(), contacts, len(SAID))
    done = run_async(throughput.measure(run.fresh(), contacts))
    writes = run_async(measure_writes(run.fresh(), contacts)).events_per_second
    run.maximum = done.events_per_second
    label = "inbound messages, answered, sent to a null channel, settled"
    yield Figure("floor", "bare writes (the floor)", floor, "events/s")
    yield Figure("writes", "the product's own SQL, played bare (writes)", writes, "events/s", floor, writes / floor)
    yield against("pipeline.floor", label, done.events_per_second, "messages/s", floor, 0.20, "the floor")
    yield against("pipeline.writes", "  the same", done.events_per_second, "messages/s", writes, 0.5, "writes")
    yield Figure("pipeline.runs", "  rows left: runs", done.runs, "rows")
    yield Figure("pipeline.sent", "  rows left: messages sent", done.sent, "rows")


def over_http(run: Run) -> Iterator[Figure]:
    """Signed webhooks to the server, against a bare echo."""
    before = http.echo(run.fresh(), run.size.contacts)
    done = run.served = http.product(run.fresh(), run.size.contacts)
    floor = max(before, http.echo(run.fresh(), run.size.contacts))
    yield Figure("http.echo", "bare aiohttp echo of the same webhooks", floor, "requests/s")
    yield against("http", "signed webhooks, answered to a null channel", done.per_second, "messages/s", floor, 0.25, "the echo")
    yield Figure("http.sent", "  rows left: messages sent", done.kept.sent, "rows")


def with_graph(run: Run) -> Iterator[Figure]:
    """The same with a Graph server that takes the answers and reports on each three times."""
    done = http.with_graph(run.fresh(), run.size.graph_contacts)
    yield Figure("http.graph", "the same with a fake Graph server and its status callbacks", done.per_second, "messages/s")
    yield Figure("http.graph.read", "  rows left: messages reported as read", done.kept.read, "rows")


def timers(run: Run) -> Iterator[Figure]:
    """Many waits."""
    few, many = run.size.pending
    size = run.size
    same = min(size.due, few // 5)
    less = waits.measure(run.fresh(), few, same, size.due_seconds * same / size.due, same)
    more = waits.measure(run.fresh(), many, size.due, size.due_seconds, same)
    told = f"{size.due:,} of {many:,} waits due within {size.due_seconds:g} s"
    yield below("waits.taken", f"{told}: due to taken by the timer (a durable event), p99", more.durable_p99, "s", 1.0)
    yield Figure("waits.taken.p50", "  the same, p50", more.durable_p50, "s")
    yield Figure("waits.decided", "  due to taken by the worker, p99", more.worker_p99, "s")
    yield Figure("waits.decided.p50", "  the same, p50", more.worker_p50, "s")
    grown = more.megabytes / less.megabytes
    name, label = "waits.memory", f"  memory at {many:,} waits, against {few:,}"
    yield Figure(name, label, more.megabytes, "MB", less.megabytes, grown, "at most 1.10 of it", grown <= 1.10)


def outbox(run: Run) -> Iterator[Figure]:
    """Latency at half the maximum."""
    load = run.pipeline() / 2
    found = run_async(latency.measure(run.fresh(), load, run.size.latency_seconds))
    yield below("latency", f"inbound to outbox commit at {load:,.0f} messages/s, p99", found.p99, "ms", 50)
    yield Figure("latency.p50", "  p50", found.p50, "ms")
    yield Figure("latency.most", "  the slowest", found.most, "ms")


def people(run: Run) -> Iterator[Figure]:
    """Cost against size."""
    costs = scale.measure(run.fresh(), run.size.people, run.size.answers)
    least = min(cost.microseconds for cost in costs)
    for cost in costs:
        ratio, name = cost.microseconds / least, f"scale.{cost.people}"
        label = f"an event with {cost.people:,} contacts in the database"
        yield Figure(name, label, cost.microseconds, "µs", least, ratio, "at most 1.50 of the least", ratio <= 1.5)


def active(run: Run) -> Iterator[Figure]:
    """Memory of the server after the workload."""
    done = run.served or http.product(run.fresh(), run.size.contacts)
    yield memory.figure(done)


def exploring(run: Run) -> Iterator[Figure]:
    """Whole explorations, on WhatsApp and web chat."""
    _, spent = explorer.explored(explorer.everyday())
    yield below("explorer", "a flow of 30 nodes and 12 rules explored completely", spent, "s", 1.0)
    found, spent = explorer.explored(explorer.large())
    label = f"a flow of {len(found.study.parts)} nodes explored"
    yield Figure("explorer.large", label, spent, "s")
    yield below("explorer.large.tried", "  places tried, within the budget", found.tried, "places", found.budget - 1)
    yield below("explorer.large.memory", "  memory at the most", explorer.peak_megabytes(explorer.large()), "MB", 64)


def scripted(run: Run) -> Iterator[Figure]:
    """Conversations in process, against deciding their events."""
    done = simulate.measure(run.size.conversations)
    decided, label = 1e6 / done.decided, "scripted conversations in process, as the explorer plays them"
    yield against("simulate", label, 1e6 / done.stand_in, "conversations/s", decided, 0.5, "pure decide")
    name, label = "simulate.runtime", "  the same in the whole runtime over the memory store"
    yield Figure(name, label, 1e6 / done.runtime, "conversations/s", decided, done.decided / done.runtime)


def others(run: Run) -> Iterator[Figure]:
    """The same conversation on peers. Raises NoPeers."""
    for played in peers.play(run.fresh(), run.size.peer_conversations):
        name = f"peers.{played.name.lower()}"
        ours, theirs = run.pipeline(), played.per_second
        yield Figure(name, f"the same on {played.name}, durable step by step in SQLite", theirs, "messages/s")
        yield Figure(f"{name}.ours", "  ours, each answer also sent and settled", ours, "messages/s", theirs, ours / theirs)
        spent, theirs = run.interpreter().microseconds, played.microseconds
        yield Figure(f"{name}.memory", f"  {played.name}, its state in memory", theirs, "µs/message")
        yield Figure(f"{name}.memory.ours", "  our interpreter alone", spent, "µs/event", theirs, spent / theirs)


def drawing(run: Run) -> Iterator[Figure]:
    """A large flow in the builder. Raises NoBrowser."""
    if not is_there("playwright"):
        raise NoBrowser
    found = import_module("benchmarks.builder").measure(run.fresh(), run.size.canvas, run.size.canvas_rounds)
    label = f"a flow of {run.size.canvas} nodes opened in the builder, empty cache"
    yield below("builder", label, found.milliseconds, "ms", 1_500)
    yield below("builder.scripts", "  JavaScript until then, gzipped", found.kilobytes, "kB", 300)
    yield below("builder.drag", f"  a card dragged, {found.near.cards} in the page: median frame", found.near.median, "ms", 20)
    yield below("builder.drag.p95", "  the same, p95", found.near.p95, "ms", 35)
    label = f"  a card dragged, the whole flow in sight ({found.whole.cards} in the page): median frame"
    yield below("builder.whole", label, found.whole.median, "ms", 20)
    yield below("builder.whole.p95", "  the same, p95", found.whole.p95, "ms", 35)


ROWS: Mapping[str, Row] = {
    "interpreter": interpreter,
    "expressions": expressions,
    "pipeline": pipeline,
    "http": over_http,
    "graph": with_graph,
    "waits": timers,
    "latency": outbox,
    "scale": people,
    "memory": active,
    "explorer": exploring,
    "simulate": scripted,
    "builder": drawing,
    "peers": others,
}
