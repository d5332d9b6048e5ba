"""The node types that we ship. To add one, write its file, list it here, and give it goldens under tests/nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.node import NodeType
from nodes.add_to_drip import AddToDrip
from nodes.ai_choose import AiChoose
from nodes.ai_reply import AiReply
from nodes.ask import Ask
from nodes.assign_agent import AssignAgent
from nodes.call_api import CallApi
from nodes.close_conversation import CloseConversation
from nodes.condition import Condition
from nodes.emit_event import EmitEvent
from nodes.end import End
from nodes.go_to_flow import GoToFlow
from nodes.jump import Jump
from nodes.notify import Notify
from nodes.remove_from_drip import RemoveFromDrip
from nodes.run_flow import RunFlow
from nodes.send_message import SendMessage
from nodes.set import Set
from nodes.split import Split
from nodes.trigger import Trigger
from nodes.wait import Wait

NODE_TYPES: tuple[NodeType[Any], ...] = (
    Trigger(), SendMessage(), Wait(), Condition(), AssignAgent(), Set(), End(), Split(), Ask(),
    CloseConversation(), AddToDrip(), RemoveFromDrip(), EmitEvent(), Notify(),
    RunFlow(), GoToFlow(), Jump(),
    AiReply(), AiChoose(), CallApi(),
)  # fmt: skip


def node_types() -> Mapping[str, NodeType[Any]]:
    """The node types by the name that documents use.

    >>> sorted(node_types())[:4]
    ['add_to_drip', 'ai_choose', 'ai_reply', 'ask']
    """
    return {node_type.name: node_type for node_type in NODE_TYPES}
