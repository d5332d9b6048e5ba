"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""Ids, references and instants (microseconds since 1970)."""


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("policies", sa.Text(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("last_used_at", BIG, nullable=True),
        sa.Column("revoked_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("api_key_hash", "api_key", ["hash"], unique=True)
    op.create_index(op.f("ix_api_key_tenant"), "api_key", ["tenant"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("audit_tenant", "audit", ["tenant", "at"], unique=False)
    op.create_table(
        "call",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("channel", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", BIG, nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("done_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("call_pending", "call", ["next_at"], unique=False, sqlite_where=sa.text("state = 0"))
    op.create_table(
        "channel",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attention", sa.String(), nullable=False),
        sa.Column("last_inbound_at", BIG, nullable=True),
        sa.Column("last_inbound_summary", sa.String(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("updated_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("channel_tenant", "channel", ["tenant", "kind"], unique=False)
    op.create_table(
        "contact",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("timezone", sa.String(), nullable=True),
        sa.Column("opted_out", sa.Boolean(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("starts", sa.Text(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("updated_at", BIG, nullable=False),
        sa.Column("merged_into", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("contact_merged", "contact", ["merged_into"], unique=False, sqlite_where=sa.text("merged_into IS NOT NULL"))
    op.create_index("contact_tenant", "contact", ["tenant", "id"], unique=False)
    op.create_table(
        "contact_tag",
        sa.Column("tenant", BIG, autoincrement=False, nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("contact", BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "tag", "contact"),
        sqlite_with_rowid=False,
    )
    op.create_index("contact_tag_contact", "contact_tag", ["contact"], unique=False)
    op.create_table(
        "conversation",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("contact", BIG, nullable=False),
        sa.Column("channel", BIG, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("agent", BIG, nullable=False),
        sa.Column("team", BIG, nullable=False),
        sa.Column("claim", sa.String(), nullable=False),
        sa.Column("last_inbound_at", BIG, nullable=True),
        sa.Column("window_until", BIG, nullable=True),
        sa.Column("last_activity_at", BIG, nullable=True),
        sa.Column("automatic", sa.Integer(), nullable=False),
        sa.Column("snoozed_until", BIG, nullable=True),
        sa.Column("unhandled", sa.Boolean(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("conversation_activity", "conversation", ["tenant", "last_activity_at"], unique=False)
    op.create_index("conversation_agent", "conversation", ["agent"], unique=False, sqlite_where=sa.text("agent <> 0"))
    op.create_index("conversation_contact", "conversation", ["contact"], unique=False)
    op.create_index(
        "conversation_snoozed", "conversation", ["snoozed_until"], unique=False, sqlite_where=sa.text("snoozed_until IS NOT NULL")
    )
    op.create_index("conversation_team", "conversation", ["team", "owner"], unique=False, sqlite_where=sa.text("team <> 0"))
    op.create_index("conversation_unhandled", "conversation", ["tenant"], unique=False, sqlite_where=sa.text("unhandled = 1"))
    op.create_table(
        "desk",
        sa.Column("team", BIG, autoincrement=False, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("team"),
    )
    op.create_table(
        "event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("contact", BIG, nullable=False),
        sa.Column("team", BIG, nullable=False),
        sa.Column("identities", sa.Text(), nullable=True),
        sa.Column("at", BIG, nullable=False),
        sa.Column("received_at", BIG, nullable=False),
        sa.Column("cause", BIG, nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("bulk", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("trace", sa.Text(), nullable=True),
        sa.Column("done_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("event_dead", "event", ["tenant", "id"], unique=False, sqlite_where=sa.text("state = 2"))
    op.create_index("event_key", "event", ["tenant", "source", "external_id"], unique=True)
    op.create_index("event_pending", "event", ["bulk", "tenant", "id"], unique=False, sqlite_where=sa.text("state = 0"))
    op.create_table(
        "field",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("field_key", "field", ["tenant", "key"], unique=True)
    op.create_table(
        "flow",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("live_version", BIG, nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("updated_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("flow_key", "flow", ["tenant", "key"], unique=True)
    op.create_table(
        "flow_version",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("flow", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("published_at", BIG, nullable=False),
        sa.Column("published_by", BIG, nullable=False),
        sa.Column("successor", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("flow_version_number", "flow_version", ["flow", "number"], unique=True)
    op.create_index(op.f("ix_flow_version_tenant"), "flow_version", ["tenant"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("tenant", BIG, autoincrement=False, nullable=False),
        sa.Column("api_key", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("until", BIG, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "api_key", "method", "path", "key"),
        sqlite_with_rowid=False,
    )
    op.create_index("idempotency_until", "idempotency", ["until"], unique=False)
    op.create_table(
        "identity",
        sa.Column("tenant", BIG, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("contact", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "kind", "value"),
        sqlite_with_rowid=False,
    )
    op.create_index("identity_contact", "identity", ["contact"], unique=False)
    op.create_table(
        "media",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("mime", sa.String(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("uploads", sa.Text(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("media_content", "media", ["tenant", "sha256"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("contact", BIG, nullable=False),
        sa.Column("conversation", BIG, nullable=False),
        sa.Column("channel", BIG, nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("voice", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("run", BIG, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("user", BIG, nullable=False),
        sa.Column("bulk", sa.Boolean(), nullable=False),
        sa.Column("reports", sa.Boolean(), nullable=False),
        sa.Column("consent", sa.Boolean(), nullable=False),
        sa.Column("on_unknown", sa.String(), nullable=False),
        sa.Column("arm_wait", sa.Integer(), nullable=True),
        sa.Column("arm_seconds", sa.Integer(), nullable=True),
        sa.Column("fallback", sa.Text(), nullable=True),
        sa.Column("reply_to", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("was_unknown", sa.Boolean(), nullable=False),
        sa.Column("first_attempt_at", BIG, nullable=True),
        sa.Column("next_at", BIG, nullable=True),
        sa.Column("provider_id", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("appeared_at", BIG, nullable=True),
        sa.Column("sent_at", BIG, nullable=True),
        sa.Column("delivered_at", BIG, nullable=True),
        sa.Column("read_at", BIG, nullable=True),
        sa.Column("failed_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "message_outbox", "message", ["bulk", "next_at", "id"], unique=False, sqlite_where=sa.text("next_at IS NOT NULL")
    )
    op.create_index(
        "message_provider", "message", ["channel", "provider_id"], unique=False, sqlite_where=sa.text("provider_id IS NOT NULL")
    )
    op.create_index("message_thread", "message", ["conversation", "appeared_at"], unique=False)
    op.create_index(
        "message_unsettled", "message", ["conversation", "id"], unique=False, sqlite_where=sa.text("next_at IS NOT NULL")
    )
    op.create_table(
        "node_count",
        sa.Column("version", BIG, autoincrement=False, nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("port", sa.String(), nullable=False),
        sa.Column("hour", BIG, nullable=False),
        sa.Column("part", BIG, autoincrement=False, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("count", BIG, nullable=False),
        sa.PrimaryKeyConstraint("version", "node", "port", "hour", "part"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "run",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("contact", BIG, nullable=False),
        sa.Column("flow", BIG, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("conversation", BIG, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("interactive", sa.Boolean(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("at_version", BIG, nullable=False),
        sa.Column("wait_id", BIG, nullable=True),
        sa.Column("due", BIG, nullable=True),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", BIG, nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.Column("ended_at", BIG, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("run_contact", "run", ["contact", "id"], unique=False)
    op.create_index("run_due", "run", ["due"], unique=False, sqlite_where=sa.text("status = 'waiting'"))
    op.create_index("run_flow", "run", ["tenant", "flow", "id"], unique=False)
    op.create_index("run_live", "run", ["contact"], unique=False, sqlite_where=sa.text("status IN ('waiting', 'suspended')"))
    op.create_index(
        "run_node", "run", ["at_version", "node"], unique=False, sqlite_where=sa.text("status IN ('waiting', 'suspended')")
    )
    op.create_table(
        "schedule",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("flow", BIG, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("next_at", BIG, nullable=True),
        sa.Column("last_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("schedule_next", "schedule", ["next_at"], unique=False)
    op.create_index("schedule_node", "schedule", ["flow", "node"], unique=True)
    op.create_table(
        "step",
        sa.Column("run", BIG, autoincrement=False, nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("event", BIG, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stray_report",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("channel", BIG, nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("received_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("stray_report_age", "stray_report", ["received_at"], unique=False)
    op.create_index("stray_report_provider", "stray_report", ["channel", "provider_id"], unique=False)
    op.create_table(
        "team",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("strategy", sa.String(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=True),
        sa.Column("everyone", sa.Boolean(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("team_key", "team", ["tenant", "key"], unique=True)
    op.create_table(
        "team_member",
        sa.Column("team", BIG, autoincrement=False, nullable=False),
        sa.Column("user", BIG, autoincrement=False, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.PrimaryKeyConstraint("team", "user"),
        sqlite_with_rowid=False,
    )
    op.create_index("team_member_user", "team_member", ["user"], unique=False)
    op.create_table(
        "template",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("channel", BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("header", sa.Text(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("footer", sa.String(), nullable=False),
        sa.Column("buttons", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("updated_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("template_name", "template", ["tenant", "channel", "name", "language"], unique=True)
    op.create_table(
        "tenant",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("world", sa.Integer(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "trigger_address",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("flow", BIG, nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("trigger_address_node", "trigger_address", ["flow", "node"], unique=True)
    op.create_index("trigger_address_token", "trigger_address", ["token_hash"], unique=True)
    op.create_table(
        "user",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("presence", sa.String(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("removed_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("user_email", "user", ["tenant", "email"], unique=True)
    op.create_table(
        "webchat_visitor",
        sa.Column("channel", BIG, autoincrement=False, nullable=False),
        sa.Column("visitor", sa.String(), nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("seen_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("channel", "visitor"),
        sqlite_with_rowid=False,
    )
    op.create_index("webchat_visitor_token", "webchat_visitor", ["token_hash"], unique=True)


def downgrade() -> None:
    raise NotImplementedError("There is nothing before the first tables. Restore a backup instead.")
