"""What a node of a published version tells the model."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from sqlmodel import Session, select

from engine.core.node import NodeConfig
from engine.core.program import NodeTypes
from schemas.ai import AiQuestion, Told
from schemas.flow import FlowDocument
from storage.table import FlowVersionRow


@runtime_checkable
class TellsModel(Protocol):
    """A node type that asks a model."""

    def told(self, config: NodeConfig) -> Told:
        """What the model is told by a node with this config."""
        ...


def told_at(session: Session, tenant: int, question: AiQuestion, node_types: NodeTypes) -> Told | None:
    """What the model is told at the node of a question; None where there is no such node (any more)."""
    wanted = select(FlowVersionRow).where(FlowVersionRow.tenant == tenant, FlowVersionRow.id == question.version)
    row = session.exec(wanted).first()
    if row is None:
        return None
    node = next((each for each in FlowDocument.model_validate(row.document).nodes if each.id == question.node), None)
    kind = node_types.get(node.type) if node is not None else None
    if node is None or not isinstance(kind, TellsModel):
        return None
    return kind.told(kind.Config.model_validate(node.config))
