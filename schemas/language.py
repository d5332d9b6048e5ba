"""Language tags (BCP 47), as contacts, workspaces and flows name the language of a text: `en`, `pt-BR`, `zh-Hant`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"

LanguageTag = Annotated[str, Field(pattern=TAG, description="A language (BCP 47).", examples=["en", "pt-BR"])]

_CODES = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu
fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn
ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os
pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw
ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
KNOWN = frozenset(_CODES.split())
"""The two-letter languages of ISO 639-1. Those of three letters are too many to list: they are taken as they are."""


def folded(tag: str) -> str:
    """The tag as it is compared: `pt_BR` and `PT-br` are `pt-br`.

    >>> folded("pt_BR")
    'pt-br'
    """
    return tag.strip().replace("_", "-").lower()


def primary(tag: str) -> str:
    """The language without script and region.

    >>> primary("pt-BR"), primary("de")
    ('pt', 'de')
    """
    return folded(tag).partition("-")[0]


def is_known(tag: str) -> bool:
    """False for two letters that no language has, such as `gr` (Greek is `el`)."""
    first = primary(tag)
    return len(first) != 2 or first in KNOWN
