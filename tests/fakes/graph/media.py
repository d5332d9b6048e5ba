"""Media: upload, look up (an address that lives five minutes), download, delete."""

import hashlib

from aiohttp import web

from tests.fakes.graph import limits
from tests.fakes.graph.errors import GraphError
from tests.fakes.graph.keys import STATE, unknown_object
from tests.fakes.graph.state import Media, State


def store(state: State, mime_type: str, content: bytes, filename: str, life: float) -> Media:
    """Keeps a file for `life` seconds under a new id."""
    item = Media(state.new_id("media"), mime_type, content, filename, state.now() + life)
    state.media[item.id] = item
    return item


def address(state: State, base: str, item: Media) -> str:
    """A fresh download address, good for five minutes."""
    token = f"{state.rng('url', state.next_number()).getrandbits(128):032x}"
    state.media_urls[token] = (item.id, state.now() + limits.MEDIA_URL_S)
    return f"{base}/_media/{token}"


def meet_fault(state: State, endpoint: str) -> None:
    fault = state.take_fault(endpoint, None)
    if fault is not None:
        raise GraphError(fault.code or 131000, fault.details, status=fault.http_status)


async def upload(request: web.Request) -> web.Response:
    """Multipart with `messaging_product`, `file` and `type`; 100 for a wrong type, 131053 above its size."""
    state = request.app[STATE]
    if request.match_info["owner"] != state.settings.phone_number_id:
        raise unknown_object(request.match_info["owner"])
    meet_fault(state, "media")
    if request.content_type != "multipart/form-data":
        raise GraphError(100, "The parameter messaging_product is required.")
    form = await request.post()
    if form.get("messaging_product") != "whatsapp":
        raise GraphError(100, "The parameter messaging_product is required.")
    file = form.get("file")
    if not isinstance(file, web.FileField):
        raise GraphError(100, "The parameter file is required.")
    mime_type = str(form.get("type") or file.content_type).split(";")[0].strip().lower()
    if mime_type not in limits.MEDIA:
        names = ", ".join(sorted(limits.MEDIA))
        raise GraphError(100, f"Param file must be a file with one of the following types: {names}.")
    content = file.file.read()
    if not 0 < len(content) <= limits.MEDIA[mime_type][1]:
        raise GraphError(131053, f"File size must be between 1 and {limits.MEDIA[mime_type][1]} bytes.")
    item = store(state, mime_type, content, file.filename, limits.MEDIA_LIFE_S)
    return web.json_response({"id": item.id})


def find(request: web.Request) -> Media:
    state = request.app[STATE]
    name = request.match_info["owner"]
    item = state.media.get(name)
    if item is None or item.expires < state.now():
        raise unknown_object(name)
    return item


async def show(request: web.Request) -> web.Response:
    item = find(request)
    state = request.app[STATE]
    digest = hashlib.sha256(item.content).hexdigest()
    url = address(state, str(request.url.origin()), item)
    facts = {"messaging_product": "whatsapp", "url": url, "mime_type": item.mime_type, "sha256": digest}
    return web.json_response({**facts, "file_size": len(item.content), "id": item.id})


async def download(request: web.Request) -> web.Response:
    """The bytes; needs the bearer; 404 once the address is older than five minutes."""
    state = request.app[STATE]
    meet_fault(state, "download")
    name, expires = state.media_urls.get(request.match_info["token"], ("", 0.0))
    if name not in state.media or expires < state.now():
        return web.Response(status=404, text="URL signature expired")
    item = state.media[name]
    return web.Response(body=item.content, content_type=item.mime_type)


async def delete(request: web.Request) -> web.Response:
    item = find(request)
    del request.app[STATE].media[item.id]
    return web.json_response({"success": True})
