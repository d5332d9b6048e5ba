"""Why an address could not be reached, in words for people that hold nothing of the address: a secret may stand in it."""

from __future__ import annotations

import aiohttp


def network_words(error: Exception) -> str:
    """What went wrong on the way.

    >>> network_words(aiohttp.ServerDisconnectedError())
    'it hung up without an answer'
    """
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "no server has this name"
        case aiohttp.ClientSSLError():
            return "no secure connection comes about, perhaps for its certificate"
        case aiohttp.ClientConnectorError():
            return "nothing answers there"
        case aiohttp.ServerDisconnectedError():
            return "it hung up without an answer"
        case aiohttp.ClientConnectionError() | ConnectionError():
            return "the connection broke"
        case _:
            return type(error).__name__
