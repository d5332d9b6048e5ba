"""The difference between two documents of a flow, in words for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from crm.outline import Outline, config_of, items_of
from engine.core.program import NodeTypes

LONGEST = 80
"""Characters of a value that a sentence shows."""
MOST_DETAILS = 20
"""Sentences about one node; what is beyond is counted."""

What = Literal["node", "edge", "variable", "setting", "flow"]
How = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `node` is the node that it is about ("" for none), `port` the way out of an edge."""

    what: What
    how: How
    title: str
    details: tuple[str, ...] = ()
    node: str = ""
    port: str = ""


def compare(before: Mapping[str, Any], after: Mapping[str, Any], node_types: NodeTypes) -> tuple[Change, ...]:
    """What was added, removed and changed from one document to the other. Where nodes stand, and notes, don't count."""
    old, new = Outline(before, node_types), Outline(after, node_types)
    return (
        *_name(before, after),
        *_nodes(old, new),
        *_edges(old, new),
        *_variables(before, after),
        *_settings(before, after),
        *_languages(before, after, old, new),
    )


def _name(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    if before.get("name") != after.get("name"):
        yield Change("flow", "changed", "The flow's name", (f"{quoted(before.get('name'))} → {quoted(after.get('name'))}",))


def _nodes(old: Outline, new: Outline) -> Iterator[Change]:
    for id, node in new.nodes.items():
        if id not in old.nodes:
            yield Change("node", "added", new.title(id), node=id)
            continue
        details = _limited(list(_node(old.nodes[id], node)))
        if details:
            yield Change("node", "changed", new.title(id), details, node=id)
    for id in old.nodes:
        if id not in new.nodes:
            yield Change("node", "removed", old.title(id), node=id)


def _node(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    if before.get("type") != after.get("type"):
        yield f"Kind: {quoted(before.get('type'))} → {quoted(after.get('type'))}"
    if (before.get("label") or "") != (after.get("label") or ""):
        yield f"Label: {quoted(before.get('label'))} → {quoted(after.get('label'))}"
    yield from _values(config_of(before), config_of(after), ())


def _values(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[str]:
    """Sentences about everything that differs below a path; items with ids are found again wherever they stand."""
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            name = words(str(key))
            yield from _values(before.get(key), after.get(key), (*path, name.lower() if path else name))
        return
    if isinstance(before, list) and isinstance(after, list):
        yield from _items(before, after, path)
        return
    name = ", ".join(path) or "Settings"
    if before is None:
        yield f"{name}: {quoted(after)} added"
    elif after is None:
        yield f"{name}: {quoted(before)} removed"
    else:
        yield f"{name}: {quoted(before)} → {quoted(after)}"


def _items(before: Sequence[Any], after: Sequence[Any], path: tuple[str, ...]) -> Iterator[str]:
    old, new = dict(items_of(before)), dict(items_of(after))
    name = ", ".join(path)
    for place, (id, item) in enumerate(new.items(), 1):
        if id in old:
            yield from _values(old[id], item, (*path[:-1], f"{path[-1]} {place}"))
        else:
            yield f"{name}: {quoted(item)} added"
    for id, item in old.items():
        if id not in new:
            yield f"{name}: {quoted(item)} removed"
    common = [id for id in old if id in new]
    if common != [id for id in new if id in old]:
        yield f"{name}: in another order"


def _edges(old: Outline, new: Outline) -> Iterator[Change]:
    for (node, port), target in new.edges.items():
        before = old.edges.get((node, port))
        if before is None:
            title = f"{new.way(node, port)} → {new.title(target)}"
            yield Change("edge", "added", title, node=node, port=port)
        elif before != target:
            details = (f"{old.title(before)} → {new.title(target)}",)
            yield Change("edge", "changed", f"{new.way(node, port)} leads elsewhere", details, node, port)
    for (node, port), target in old.edges.items():
        if (node, port) not in new.edges and node in new.nodes:
            title = f"{old.way(node, port)} → {old.title(target)}"
            yield Change("edge", "removed", title, node=node, port=port)


def _variables(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    old, new = ({each.get("name"): each for each in document.get("variables") or ()} for document in (before, after))
    for name, variable in new.items():
        if name not in old:
            yield Change("variable", "added", f"Variable {quoted(name)}")
        elif variable != old[name]:
            yield Change("variable", "changed", f"Variable {quoted(name)}", tuple(_values(old[name], variable, ())))
    for name in old:
        if name not in new:
            yield Change("variable", "removed", f"Variable {quoted(name)}")


def _settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    details = tuple(_values(before.get("settings") or {}, after.get("settings") or {}, ()))
    if details:
        yield Change("setting", "changed", "Settings of the flow", details)


def _languages(before: Mapping[str, Any], after: Mapping[str, Any], old: Outline, new: Outline) -> Iterator[Change]:
    """The flow's own language, and for each of the others what is said in it now."""
    if before.get("language") != after.get("language"):
        said = f"{quoted(before.get('language'))} → {quoted(after.get('language'))}"
        yield Change("setting", "changed", "The language of the texts", (said,))
    was, now = (document.get("translations") or {} for document in (before, after))
    for tag, texts in now.items():
        if tag not in was:
            yield Change("setting", "added", f"The language {tag}", (f"{len(texts)} texts",))
        elif details := _limited(list(_translated(was[tag], texts, old, new))):
            yield Change("setting", "changed", f"The language {tag}", details)
    for tag in was:
        if tag not in now:
            yield Change("setting", "removed", f"The language {tag}")


def _translated(was: Mapping[str, Any], now: Mapping[str, Any], old: Outline, new: Outline) -> Iterator[str]:
    for place in dict.fromkeys((*was, *now)):
        before, after = was.get(place) or {}, now.get(place) or {}
        if before == after:
            continue
        _, kind, id = f"{place}//".split("/")[:3]
        title = (new if id in new.nodes else old).title(id) if kind == "nodes" else "The flow"
        text, said = before.get("text"), after.get("text")
        yield f"{title}: {quoted(said)} is still right" if text == said else f"{title}: {quoted(text)} → {quoted(said)}"


def _limited(details: list[str]) -> tuple[str, ...]:
    """Not more sentences than anybody reads."""
    more = len(details) - MOST_DETAILS
    return (*details[:MOST_DETAILS], f"… and {more} more") if more > 0 else tuple(details)


def words(key: str) -> str:
    """A config's key for people.

    >>> words("save_as")
    'Save as'
    """
    return key.replace("_", " ").strip().capitalize()


def quoted(value: Any) -> str:
    """A value in a sentence, cut where it is long.

    >>> quoted("Hi"), quoted(None), quoted({"id": "a", "title": "Yes"}), quoted([1, 2])
    ('“Hi”', 'empty', '“Yes”', '2 entries')
    """
    if value in (None, "", [], {}):
        return "empty"
    match value:
        case bool():
            return "on" if value else "off"
        case str():
            plain = " ".join(value.split())
            return f"“{plain[: LONGEST - 1]}…”" if len(plain) > LONGEST else f"“{plain}”"
        case Mapping():
            named = next((value[key] for key in ("title", "label", "name", "text", "id") if value.get(key)), None)
            return quoted(named) if isinstance(named, str) else "other values"
        case list() | tuple():
            return f"{len(value)} entr{'y' if len(value) == 1 else 'ies'}"
        case _:
            return str(value)
