"""Telling who looks on that a flow was changed: other tabs and colleagues, over /live."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from api.http.request import Request
from api.services import Services
from engine.runtime.protocol import Notice
from schemas.public_id import public_id

CLIENT = "X-Client"
"""A header by which a tab recognises its own changes when it hears of them."""
TAB = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def tell_flow(services: Services, request: Request[Any, Any], flow: int, change: str, more: Mapping[str, Any]) -> None:
    """Hand out a notice: what was done to a flow, by whom, and in which tab."""
    who, tab = request.principal, request.raw.headers.get(CLIENT, "")
    data = {
        "change": change,
        "by": public_id("usr", who.user) if who.user else None,
        "client": tab if TAB.fullmatch(tab) else "",
        **more,
    }
    services.feed.publish([Notice(request.tenant, "flow", id=flow, data=data)])
