"""What the sender is told of a request that Graph did not carry out."""

from __future__ import annotations

from channels.whatsapp.client import Trouble
from channels.whatsapp.errors import explain, verdict
from engine.runtime.protocol import Refused


def refusal(trouble: Trouble) -> Refused:
    """The refusal behind trouble that leaves no doubt: the request never left, or Graph answered it.

    >>> refusal(Trouble("refused", "Slow down", 429, 80007)).remedy
    'throttle_channel'
    """
    if trouble.reached != "refused":
        return Refused("unreachable", trouble.detail, "retry")
    found = verdict(trouble.code, status=trouble.status, subcode=trouble.subcode)
    code = str(trouble.code) if trouble.code is not None else f"http_{trouble.status}"
    return Refused(code, explain(trouble.detail, found), found.remedy, trouble.after)
