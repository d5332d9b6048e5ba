"""What a node type may use when it compiles a node: texts and rules with their paths already resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.core.expression import Bound, Expressions, NotInstalled, bind, condition
from engine.core.rule import Check, compile_rule
from engine.core.text import Resolve, Text, compile_text
from schemas.flow import Settings, VariableType
from schemas.rule import Rule


@dataclass(frozen=True, slots=True)
class Build:
    """One node's surroundings at compile time.

    `resolve` turns a path into a getter; `wired` are the node's ports that have an edge, with where they lead.
    """

    node: str
    wired: Mapping[str, str]
    resolve: Resolve
    settings: Settings = field(default_factory=Settings)
    flow_name: str = ""
    types: Mapping[str, VariableType] = field(default_factory=dict)
    """The declared variables with their types."""

    expressions: Expressions = field(default_factory=NotInstalled)

    def text(self, source: str) -> Text:
        """A message text with its merge fields resolved."""
        return compile_text(source, self.resolve)

    def rule(self, rule: Rule) -> Check:
        """A rule as a closure."""
        return compile_rule(rule, self.resolve, self.condition)

    def condition(self, source: str) -> Check:
        """An expression that is true or false, as a closure."""
        return condition(source, self.resolve, self.types, self.expressions)

    def expression(self, source: str) -> Bound:
        """An expression that gives a value."""
        return bind(source, self.resolve, self.types, self.expressions, boolean=False)


@dataclass(frozen=True, slots=True)
class Remembering(Build):
    """A build that compiles each text once for a whole flow: node types ask for the same one in `uses`, `check` and `compile`."""

    texts: dict[str, Text] = field(default_factory=dict)

    def text(self, source: str) -> Text:
        """The text, compiled now or before; it depends on nothing but its source and the paths."""
        found = self.texts.get(source)
        if found is None:
            found = self.texts[source] = compile_text(source, self.resolve)
        return found
