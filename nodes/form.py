"""The kinds of values that configs are made of, and how the builder's form shows them.

A field's `json_schema_extra={"ui": ...}` names its control:

| ui | control |
|---|---|
| `text`, `line` | a text with merge fields, many lines or one; of a list or a table, each of its values |
| `plain` | a text that stays as it is, without merge fields; one line where it may have 1,000 characters |
| `words` | a list of words or patterns |
| `variable` | the name of a variable to set; a new one may be made |
| `path` | a variable, contact field or other path to read |
| `json_path` | a path into a JSON body |
| `mapping` | a table of names and JSON paths |
| `duration`, `date`, `time`, `instant`, `timezone`, `cron`, `hours`, `weekdays` | that kind of time |
| `hours_key` | a picker of the workspace's hours |
| `team`, `user`, `template`, `channels`, `media`, `tag`, `field`, `flow`, `channel` | a picker of what the tenant has |
| `node` | a picker of the flow's own steps |
| `flow_inputs`, `flow_outputs` | what is given to a flow and taken from it; `flow` is the field beside it that names it |
| `rule` | the rule editor |
| `expression` | a CEL expression |
| `items` | a list whose items have ids; each item is a port |
| `id` | nothing: made with the item, never changed |
| `choice`, `switch`, `number`, `group` | one of a few, on or off, a number, fields of their own |

Beside it may stand: `labels`, words for the values of a choice; `placeholder`; `advanced`, to fold the field away below
"More options"; `show_if`, a field beside it and the values for which this one is shown; `translate`, true where the text (or
every text of a list or table) is said to contacts, so that translators get it; `secrets`, true where merge fields may name
secrets; `trial`, the field that keeps answers as examples: above this one the step's call can be tried for real; `setting`, the
setting of the flow that counts where this one is empty. `title` is the field's name.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictBool, StrictInt

from engine.core.text import MAX_SOURCE
from engine.core.webhook import PATH
from schemas.flow import ID, NAME

MAX_LINE = 1_000
"""Characters of a text on one line, with its merge fields: titles, headers, addresses."""
FIELD_KEY = r"^[A-Za-z_][A-Za-z0-9_]{0,63}$"
MAX_MAPPED = 50
"""Variables that one webhook or event sets from its body."""

PortId = Annotated[
    str,
    Field(
        pattern=ID,
        description="Stable id; it is the port, so it never changes once made.",
        json_schema_extra={"ui": "id"},
    ),
]
VariableName = Annotated[str, Field(pattern=NAME)]
LongText = Annotated[str, Field(min_length=1, max_length=MAX_SOURCE)]
Line = Annotated[str, Field(min_length=1, max_length=MAX_LINE)]
OptionalLine = Annotated[str, Field(max_length=MAX_LINE)]
FieldKey = Annotated[str, Field(pattern=FIELD_KEY)]
PublicId = Annotated[str, Field(min_length=1, max_length=64)]
Switch = StrictBool
Whole = StrictInt
JsonPath = Annotated[str, Field(pattern=PATH, max_length=200)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Degrees = Annotated[float, Field(strict=True, allow_inf_nan=False)]
