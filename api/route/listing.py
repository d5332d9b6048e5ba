"""Short lists, given whole."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel

from api.http.model import Output

Item = TypeVar("Item", bound=BaseModel)


class Items(Output, Generic[Item]):
    """A whole list, of things of which nobody has more than some hundred."""

    data: tuple[Item, ...]
