"""The SQLModel tables: the one definition of the schema. Importing this package gives all of them to `METADATA`."""

from __future__ import annotations

from sqlmodel import SQLModel

from storage.table.ai import AiProviderRow, AiSpendRow
from storage.table.audit import AuditRow, IdempotencyRow
from storage.table.channel import ChannelRow, TemplateRow, WebchatVisitorRow
from storage.table.contact import ContactNoteRow, ContactRow, ContactTagRow, FieldRow, IdentityRow
from storage.table.conversation import ConversationRow, MessageRow, StrayReportRow
from storage.table.event import CallRow, EventRow
from storage.table.flow import FlowRow, FlowVersionRow, ScheduleRow, TriggerAddressRow
from storage.table.media import MediaRow
from storage.table.notice import NoticeRow
from storage.table.run import NodeCountRow, RunRow, StepRow
from storage.table.secret import SecretRow
from storage.table.sign_in import BrowserSessionRow, SignInLinkRow
from storage.table.team import DeskRow, QueuedRow, TeamMemberRow, TeamRow
from storage.table.tenant import ApiKeyRow, GlobalRow, HoursRow, TenantRow, UserRow
from storage.table.webhook import DeliveryRow, WebhookRow

METADATA = SQLModel.metadata

__all__ = [
    "METADATA",
    "AiProviderRow",
    "AiSpendRow",
    "ApiKeyRow",
    "AuditRow",
    "BrowserSessionRow",
    "CallRow",
    "ChannelRow",
    "ContactNoteRow",
    "ContactRow",
    "ContactTagRow",
    "ConversationRow",
    "DeliveryRow",
    "DeskRow",
    "EventRow",
    "FieldRow",
    "FlowRow",
    "FlowVersionRow",
    "GlobalRow",
    "HoursRow",
    "IdempotencyRow",
    "IdentityRow",
    "MediaRow",
    "MessageRow",
    "NodeCountRow",
    "NoticeRow",
    "QueuedRow",
    "RunRow",
    "ScheduleRow",
    "SecretRow",
    "SignInLinkRow",
    "StepRow",
    "StrayReportRow",
    "TeamMemberRow",
    "TeamRow",
    "TemplateRow",
    "TenantRow",
    "TriggerAddressRow",
    "UserRow",
    "WebchatVisitorRow",
    "WebhookRow",
]
