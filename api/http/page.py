"""Pages of a list: `page` and `limit` in, the page and its Link header out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, Field
from yarl import URL

from api.http.model import Output, Query

Item = TypeVar("Item", bound=BaseModel)
LARGEST_LIMIT = 100
LAST_PAGE = 1_000_000
"""Keeps page * limit far within 64 bits; whoever gets there wants a cursor."""


class PageQuery(Query):
    """Subclass it to add filters."""

    page: Annotated[int, Field(ge=1, le=LAST_PAGE, description="The page, from 1.")] = 1
    limit: Annotated[int, Field(ge=1, le=LARGEST_LIMIT, description="Entries on a page.")] = 50

    @property
    def offset(self) -> int:
        """How many entries come before this page."""
        return (self.page - 1) * self.limit


class Page(Output, Generic[Item]):
    """One page of a list. `total` counts the whole list."""

    data: tuple[Item, ...]
    page: int
    limit: int
    total: int
    has_more: bool


def page_of(kind: type[Item], entries: Sequence[Item], total: int, query: PageQuery) -> Page[Item]:
    """The answer to a list request: the entries of this page and the count of all."""
    more = query.offset + len(entries) < total
    return Page[kind](  # type: ignore[valid-type]
        data=tuple(entries), page=query.page, limit=query.limit, total=total, has_more=more
    )


def link_header(url: URL, page: int, limit: int, total: int) -> str:
    """The Link header (RFC 8288) of a page: first, prev, next and last, as far as they exist. `url` is relative.

    >>> link_header(URL("/v1/contacts?page=1&limit=50"), 1, 50, 60).split(", ")[1]
    '</v1/contacts?page=2&limit=50>; rel="next"'
    """
    last = max(1, -(-total // limit))
    targets: Mapping[str, int | None] = {
        "first": 1,
        "prev": min(page - 1, last) if page > 1 else None,
        "next": page + 1 if page < last else None,
        "last": last,
    }
    return ", ".join(f'<{url.update_query(page=at)}>; rel="{name}"' for name, at in targets.items() if at)
