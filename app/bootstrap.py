"""The first start: a workspace, a web chat, an API key, and the ready-made flows, published."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from api.cookie import fresh_secret
from app.graph import Graph, capabilities_of
from crm.flows import flow_by_key
from crm.globals import create_global
from crm.keys import adopt_key, create_key
from crm.publish import Around, publish_flow
from crm.ready_made import create_with_others
from crm.sign_in import make_welcome, nobody_signs_in
from crm.tenants import bootstrap, first_tenant
from schemas.api_key import RANDOM_BYTES
from schemas.public_id import public_id
from storage.table import ChannelRow

DEMO = {"name": "Willow & Co.", "greeting": "Hi! Write “menu” to see what this demo can do."}
"""The web chat of the first start, in the name of the business that the ready-made flows speak for."""


@dataclass(frozen=True, slots=True)
class Started:
    """What the first start made, or found. `key` is the text of a new key, told this once; "" where there was one."""

    tenant: int
    key: str
    chat: str
    """Public id of a web-chat channel; "" if there is none."""
    welcome: str
    """The token of the link that makes the first owner; "" where an owner can sign in already."""


async def ensure_workspace(graph: Graph) -> Started:
    """Make the workspace where there is none."""
    now = graph.clock.now()
    given = graph.settings.bootstrap_api_key.get_secret_value()
    random, token = secrets.token_bytes(RANDOM_BYTES), fresh_secret(secrets.token_bytes)
    started = await graph.tables.write(lambda session: _ensure(session, graph, given, random, token, now))
    graph.services.worlds.changed(started.tenant)
    return started


def _ensure(session: Session, graph: Graph, given: str, random: bytes, token: str, now: datetime) -> Started:
    tenant = first_tenant(session)
    if tenant is not None:
        if given:
            adopt_key(session, tenant.id, given, now, name="bootstrap")
        return Started(tenant.id, "", _chat(session, tenant.id), _welcome(session, tenant.id, token, now))
    made = bootstrap(session, "My workspace", now, chat_config=DEMO)
    text = ""
    if given:
        adopt_key(session, made.tenant, given, now, name="bootstrap")
    else:
        _, text = create_key(session, made.tenant, random, now, name="first key")
    create_global(session, made.tenant, "business", "Business", "text", DEMO["name"], now)
    around = Around(graph.services.node_types, capabilities_of(graph.channel_kinds), secrets.token_bytes)
    several = {ready.key: ready.document for ready in graph.services.ready_made}
    for key, document in several.items():
        if flow_by_key(session, made.tenant, key) is None:  # another one brought it along
            create_with_others(session, made.tenant, document, several, around.node_types, now, key=key)
    for key in several:
        flow = flow_by_key(session, made.tenant, key)
        assert flow is not None
        publish_flow(session, made.tenant, flow.id, around, now)
    return Started(made.tenant, text, public_id("ch", made.channel), _welcome(session, made.tenant, token, now))


def _welcome(session: Session, tenant: int, token: str, now: datetime) -> str:
    if not nobody_signs_in(session, tenant):
        return ""
    make_welcome(session, tenant, token, now)
    return token


def _chat(session: Session, tenant: int) -> str:
    wanted = select(ChannelRow).where(ChannelRow.tenant == tenant, ChannelRow.kind == "webchat", ChannelRow.status != "off")
    row = session.exec(wanted.order_by(col(ChannelRow.id)).limit(1)).first()
    return public_id("ch", row.id) if row is not None else ""
