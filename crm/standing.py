"""How many live runs stand at the nodes of versions: also those that stand there because the flow runs another as a step.

A run that stands in several flows has one row, at the node that waits. Where its other flows stand is read from its state when
somebody looks, over the few such runs (`run_nested`): nothing is written for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

import orjson
from sqlmodel import Session, col, func, select, text

from engine.core.value import LIVE
from storage.table import RunRow

# The frames of a state are its first value, each (version, node, …); the last one is where the row itself stands.
NESTED = text("""
SELECT json_extract(frame.value, '$[0]'), json_extract(frame.value, '$[1]'), run.interactive, count(*)
FROM run INDEXED BY run_nested, json_each(CAST(run.state AS TEXT), '$[0]') AS frame
WHERE run.status IN ('waiting', 'suspended') AND run.at_version <> run.version AND run.tenant = :tenant
  AND frame.key < json_array_length(CAST(run.state AS TEXT), '$[0]') - 1
  AND json_extract(frame.value, '$[0]') IN (SELECT value FROM json_each(:versions))
GROUP BY 1, 2, 3
""")


class Group(NamedTuple):
    """Runs that stand at a node of a version; `interactive`: they wait for replies or people."""

    version: int
    node: str
    interactive: bool
    runs: int


def groups_on(session: Session, tenant: int, versions: Collection[int]) -> list[Group]:
    """Who stands where on these versions, by version and node."""
    wanted = (
        select(RunRow.at_version, RunRow.node, RunRow.interactive, func.count())
        .where(col(RunRow.at_version).in_(versions), RunRow.tenant == tenant, col(RunRow.status).in_(LIVE))
        .group_by(col(RunRow.at_version), col(RunRow.node), col(RunRow.interactive))
    )
    found: Counter[tuple[int, str, bool]] = Counter()
    for version, node, interactive, runs in session.exec(wanted):
        found[version, node, bool(interactive)] += runs
    known = {"tenant": tenant, "versions": orjson.dumps(sorted(versions)).decode()}
    for version, node, interactive, runs in session.connection().execute(NESTED, known):
        found[version, node, bool(interactive)] += runs
    return [Group(*key, runs) for key, runs in sorted(found.items())]
