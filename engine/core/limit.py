"""Every number that bounds the engine, with its reason."""

from __future__ import annotations

from datetime import timedelta

MAX_VISITS = 100
"""Node visits in one step: RapidPro's own bound; a longer one is a loop without a wait that the checker could not see."""
MAX_RENDERED = 10_000
"""Characters of a rendered text: above every channel's own limit, below what fills a store."""
MAX_STEPS = 1_000
"""Steps of a run whose call may still be answered, and `STEPS_AN_HOUR` for each hour since: more is a circle through calls.

Runs that went on in one another by Go to flow count as one.
"""
STEPS_AN_HOUR = 600
"""One in 6 s, for days: slower than a circle by some hundred times, faster than anybody asks another system on purpose."""
MAX_VARIABLE_BYTES = 1_000_000
"""JSON bytes of a run's variables: state is read and written whole at every step."""
MAX_DEPTH = 5
"""Births between an event and what a person or a provider did: deeper is automation that feeds itself."""
MAX_FRAMES = 10
"""Flows that stand on one another in a run: authors nest two or three; more is a flow that runs itself."""
MAX_HOPS = 10
"""Flows that one event may start one after the other by Go to flow: more is a circle without a wait."""
MAX_AUTOMATIC = 30
"""Automatic messages in a conversation without an inbound: then its runs pause and the operator is told."""
DEFAULT_EXPIRY = timedelta(days=30)
"""A run without an `expires_after` of its own."""
MAX_LIVE_RUNS = 20
"""Live runs of one contact: what one decision loads."""
IDS_PER_EVENT = 1_024
"""Ids that one event may derive (messages, runs, conversations): 100 visits with some messages each stay far below."""
MAX_TEXT_IN = 10_000
"""Characters of an inbound text that reach rules and variables; the thread keeps the same."""
