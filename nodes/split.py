"""Split: sends each contact by one of several arms, by weight, and always by the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from itertools import accumulate
from typing import Any

from pydantic import Field

from engine.core.build import Build
from engine.core.node import Behaviour, Go, Look, NodeConfig, NodeType, Outcome, Port, Uses
from engine.core.scope import Scope
from engine.core.visit import Visit
from nodes.finding import id_problems
from nodes.form import PortId, Whole
from schemas.problem import Problem, pointer

MAX_ARMS = 10
"""Arms of one split: more share the contacts too thinly to compare."""
MAX_WEIGHT = 1_000  # parts of the whole: tenths of a percent


class ArmConfig(NodeConfig):
    """One of the ways, and its share. Its id is the port."""

    id: PortId
    label: str = Field(
        title="Name", default="", max_length=200, description="A name for people.", json_schema_extra={"ui": "plain"}
    )
    weight: Whole = Field(
        default=1,
        ge=1,
        le=MAX_WEIGHT,
        description="Its share, beside the weights of the other arms.",
        json_schema_extra={"ui": "number"},
    )


class SplitConfig(NodeConfig):
    """The arms."""

    arms: tuple[ArmConfig, ...] = Field(
        min_length=2,
        max_length=MAX_ARMS,
        description="The ways that are compared; each is a port.",
        json_schema_extra={"ui": "items"},
    )


class Split(NodeType[SplitConfig]):
    """Sends each contact by one of several arms, as often as their weights say; the same contact always by the same arm.

    ```json
    {"arms": [{"id": "short", "label": "Short text", "weight": 1}, {"id": "long", "label": "Long text", "weight": 3}]}
    ```

    Nothing is drawn: the arm follows from the flow, the node and the contact (blake2b), so that a retry, a replay and a later
    run take the same. It moves only when arms or weights change. Statistics count each arm's passages by its port.
    """

    name = "split"
    Config = SplitConfig
    look = Look(
        label="Split",
        group="logic",
        icon="route",
        colour="grape",
        description="Compares several ways: A/B tests.",
        card="",
    )
    starter: Mapping[str, Any] = {"arms": [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}]}
    example: Mapping[str, Any] = {
        "arms": [{"id": "short", "label": "Short text", "weight": 1}, {"id": "long", "label": "Long text", "weight": 3}]
    }

    def ports(self, config: SplitConfig) -> tuple[Port, ...]:
        """One per arm."""
        return tuple(Port(arm.id, arm.label or arm.id, "branch") for arm in config.arms)

    def compile(self, config: SplitConfig, build: Build) -> Behaviour:
        """Shares are added up here; at run time it is one hash."""
        bounds = list(accumulate(arm.weight for arm in config.arms))
        ways = {arm.id: Go(arm.id, f"{arm.weight} of {bounds[-1]}") for arm in config.arms}
        ranges = tuple(zip(bounds, ways.values(), strict=True)) if len(ways) == len(bounds) else ()
        node = build.node

        def enter(visit: Visit) -> Outcome:
            splits = visit.turn.world.splits
            if splits and (chosen := ways.get(splits.get(node, ""))) is not None:
                return chosen
            contact = visit.turn.contact.id
            visit.reads.setdefault("contact.id", contact)  # a replay has nothing else to know it by
            seed = f"{visit.program.flow}:{node}:{contact}"
            place = int.from_bytes(blake2b(seed.encode(), digest_size=8).digest(), "big") % bounds[-1]
            return next(way for bound, way in ranges if place < bound)

        return Behaviour(enter)

    def uses(self, config: SplitConfig, build: Build) -> Uses:
        """It tests nothing of the contact."""
        return Uses(drawn=True)

    def check(self, config: SplitConfig, scope: Scope) -> Iterable[Problem]:
        """Doubled ids."""
        return id_problems({pointer("arms", at, "id"): arm.id for at, arm in enumerate(config.arms)}, ())
