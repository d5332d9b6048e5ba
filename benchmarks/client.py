"""The client of the HTTP figures, in a process of its own: signed webhooks over connections that stay open.

`python -m benchmarks.client PORT PATH CONTACTS TURNS CONNECTIONS` makes all requests beforehand, then for each turn waits for a
line on its standard input, sends that turn's, and prints one JSON line. It writes bytes to sockets and reads statuses, no more:
a client that did more would be what is measured.
"""

from __future__ import annotations

import asyncio
import gc
import hmac
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial

import orjson

from benchmarks.stage import APP_SECRET, NUMBER
from benchmarks.workload import SAID

END = b"\r\n\r\n"
LENGTH = b"content-length:"


def requests(port: int, path: str, contacts: int, turns: int) -> Iterator[bytes]:
    """Turn by turn, one request for each contact's message, signed as Meta signs."""
    for turn in range(turns):
        for contact in range(contacts):
            body = webhook(contact, turn, int(time.time()))
            signature = hmac.digest(APP_SECRET.encode(), body, "sha256").hex()
            head = (
                f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: facebookexternalua\r\nAccept: */*\r\n"
                f"Content-Type: application/json\r\nX-Hub-Signature-256: sha256={signature}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            yield head.encode() + body


def webhook(contact: int, turn: int, at: int) -> bytes:
    """One message in Meta's shape ("Webhooks: messages", v23.0)."""
    wa_id = f"49151{contact:08d}"
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": NUMBER},
        "contacts": [{"profile": {"name": "Ann"}, "wa_id": wa_id}],
        "messages": [
            {
                "from": wa_id,
                "id": f"wamid.HBgLNDkxNTE{contact:08d}FQIAERgS{turn:02d}A1B2C3D4E5F6",
                "timestamp": str(at),
                "text": {"body": SAID[turn]},
                "type": "text",
            }
        ],
    }
    changes = [{"value": value, "field": "messages"}]
    return orjson.dumps({"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": changes}]})


class Connection(asyncio.Protocol):
    """One connection: the next request as soon as the last is answered, until there are none."""

    def __init__(self, waiting: Iterator[bytes], statuses: Counter[str], done: asyncio.Future[None]) -> None:
        self._waiting = waiting
        self._statuses = statuses
        self.done = done
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        """Count the answer once it is whole."""
        self._received += data
        end = self._received.find(END)
        if end < 0:
            return
        head = self._received[:end].lower()
        place = head.find(LENGTH)
        length = int(head[place + len(LENGTH) :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        if len(self._received) < end + len(END) + length:
            return
        self._received = b""
        self._statuses[head[9:12].decode()] += 1
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        """The server closed it: what was not sent on it is missing in the count."""
        if not self.done.done():
            self.done.set_result(None)

    def _next(self) -> None:
        request = next(self._waiting, None)
        assert self._transport is not None
        if request is None:
            self._transport.close()
        else:
            self._transport.write(request)


async def play(port: int, path: str, contacts: int, turns: int, connections: int) -> None:
    """Make the requests; then turn by turn wait for the word, send, and say from when to when and what was answered."""
    made = list(requests(port, path, contacts, turns))
    gc.freeze()
    loop = asyncio.get_running_loop()
    print(json.dumps({"made": len(made)}), flush=True)
    for turn in range(turns):
        await loop.run_in_executor(None, sys.stdin.readline)
        statuses: Counter[str] = Counter()
        waiting = iter(made[turn * contacts : (turn + 1) * contacts])
        begun, used = time.monotonic(), time.process_time()
        lines = []
        for _ in range(connections):
            line = Connection(waiting, statuses, loop.create_future())
            await loop.create_connection(partial(_same, line), "127.0.0.1", port)
            lines.append(line.done)
        await asyncio.wait(lines)
        seconds = time.monotonic() - begun
        busy = (time.process_time() - used) / seconds
        print(json.dumps({"begun": begun, "seconds": seconds, "statuses": statuses, "busy": busy}), flush=True)


def _same(line: Connection) -> Connection:
    return line


if __name__ == "__main__":
    port, path, *numbers = sys.argv[1:]
    asyncio.run(play(int(port), path, *map(int, numbers)))
