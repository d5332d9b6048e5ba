"""Which published flows use something, so that it isn't deleted under them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from pydantic import ValidationError
from sqlmodel import Session, col, select

from engine.core.build import Build
from engine.core.check_said import settings_references
from engine.core.node import Reference
from engine.core.path import named, resolver
from engine.core.program import NodeTypes, names_of
from engine.core.translate import SETTINGS
from schemas.error import Conflict
from schemas.flow import FlowDocument
from schemas.migration import migrate
from storage.table import FlowRow, FlowVersionRow

MOST_NAMED = 5


class InUse(Conflict):
    """A published flow uses this. Publish the flow without it, or deactivate the flow, then try again."""

    code = "in_use"


def refuse_if_used(
    session: Session, tenant: int, node_types: NodeTypes, kind: str, ids: Collection[str], what: str, *, but: int = 0
) -> None:
    """Raises InUse, which names the published flows that refer to one of these ids; the flow `but` doesn't count."""
    names = [flow.name for flow, references in _published(session, tenant, node_types) if flow.id != but
             and any(each.kind == kind and each.id in ids for each in references)]  # fmt: skip
    if names:
        shown = ", ".join(f"“{name}”" for name in names[:MOST_NAMED])
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        raise InUse(
            f"{what} is used by the published flow{'s' if len(names) > 1 else ''} {shown}{more}. "
            "Publish without it, or deactivate first, then try again."
        )


def references_of(document: FlowDocument, node_types: NodeTypes) -> list[Reference]:
    """Everything outside the flow that it names: by its nodes, its texts and its settings."""
    found: list[Reference] = []
    if document.settings.handoff_team:
        found.append(Reference("team", document.settings.handoff_team, "/settings/handoff_team"))
    if document.settings.error_flow:
        found.append(Reference("flow", document.settings.error_flow, "/settings/error_flow"))
    configs = {}
    for node in document.nodes:
        try:
            configs[node.id] = node_types[node.type].Config.model_validate(node.config)
        except (KeyError, ValidationError):  # a node type that was removed since: it names nothing that we can read
            continue
    resolve = resolver(names_of(document, configs, node_types))
    said = settings_references(document.settings, resolve)
    found += [replace(each, pointer=SETTINGS + each.pointer) for each in said]
    for index, node in enumerate(document.nodes):
        config = configs.get(node.id)
        if config is None:
            continue
        at = f"/nodes/{index}/config"
        node_type = node_types[node.type]
        uses = node_type.uses(config, Build(node.id, {}, resolve, document.settings, document.name))
        found += [replace(each, pointer=at + each.pointer) for each in uses.references]
        found += [Reference(*own, at + where) for path, where in uses.reads if (own := named(path)) is not None]
    return found


def _published(session: Session, tenant: int, node_types: NodeTypes) -> Iterator[tuple[FlowRow, list[Reference]]]:
    wanted = (
        select(FlowRow, FlowVersionRow)
        .join(FlowVersionRow, col(FlowVersionRow.id) == col(FlowRow.live_version))
        .where(FlowRow.tenant == tenant, col(FlowRow.archived).is_(False))
        .order_by(col(FlowRow.id))
    )
    for flow, version in session.exec(wanted):
        yield flow, references_of(FlowDocument.model_validate(migrate(version.document)), node_types)
