"""Values made for each event are frozen: for the type checker always, and for whatever the tests run."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace

import pytest

from engine.core.evolve import complete, evolve
from engine.core.node import Go
from engine.core.value import Contact, Frame, Run
from schemas.contact import Identity
from schemas.content import Text
from schemas.value import maker
from tests.core.scene import START

RUN = Run(1, 2, 3, 4, "waiting", (Frame(3, "a"),), None, 1, True, START, START)


@pytest.mark.parametrize("value", [RUN, RUN.frames[0], Contact(1), Identity("phone", "+49"), Text("Hi"), Go()])
def test_a_value_is_not_written_to(value: object) -> None:
    name = fields(value)[0].name  # type: ignore[arg-type]
    with pytest.raises(FrozenInstanceError):
        setattr(value, name, None)


def test_a_copy_differs_only_where_it_was_changed() -> None:
    changed = evolve(RUN, step=2, reason="why")
    assert changed == replace(RUN, step=2, reason="why")
    assert RUN.step == 1
    assert evolve(RUN) == RUN
    assert evolve(RUN) is not RUN


def test_a_copy_has_no_other_fields() -> None:
    with pytest.raises(AttributeError):
        evolve(RUN, steps=2)  # type: ignore[call-arg]


def test_what_was_still_open_is_written_in_place() -> None:
    made = evolve(RUN)
    complete(made, reason="why")
    assert made == evolve(RUN, reason="why")


def test_a_maker_makes_what_the_class_makes() -> None:
    assert maker(Contact)(1, name="Ann") == Contact(1, name="Ann")
    assert maker(Contact)(id=1).fields is not maker(Contact)(id=1).fields
    with pytest.raises(TypeError):
        maker(Identity)("phone")  # type: ignore[call-arg]


def test_values_are_equal_and_hashed_by_their_fields() -> None:
    assert Identity("phone", "+49") == Identity("phone", "+49") != Identity("whatsapp", "+49")
    assert len({Identity("phone", "+49"), Identity("phone", "+49")}) == 1
