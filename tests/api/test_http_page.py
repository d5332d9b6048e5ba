"""Lists come in pages, changes meet the state that they were made for."""

from __future__ import annotations

from yarl import URL

from api.http.etag import etag_of
from tests.api.test_http_error import refused
from tests.api.test_http_toy import KEY, toy


async def test_pages_and_their_links():
    async with toy() as it:
        for number in range(5):
            await it.client.post("/v1/notes", json={"text": str(number)}, headers=KEY)
        answer = await it.client.get("/v1/notes?page=2&limit=2&tag=a", headers=KEY)
        body = await answer.json()
        assert [entry["text"] for entry in body["data"]] == ["2", "3"]
        assert {key: body[key] for key in ("page", "limit", "total", "has_more")} == {
            "page": 2,
            "limit": 2,
            "total": 5,
            "has_more": True,
        }
        assert set(answer.links) == {"first", "prev", "next", "last"}
        assert URL(answer.links["next"]["url"]).path_qs == "/v1/notes?page=3&limit=2&tag=a"
        last = await it.client.get("/v1/notes?page=3&limit=2", headers=KEY)
        assert (await last.json())["has_more"] is False
        assert "next" not in last.links
        default = await (await it.client.get("/v1/notes", headers=KEY)).json()
        assert (default["page"], default["limit"]) == (1, 50)


async def test_a_change_needs_the_state_that_it_was_made_for():
    async with toy() as it:
        await it.client.post("/v1/notes", json={"text": "a"}, headers=KEY)
        tag = (await it.client.get("/v1/notes/1", headers=KEY)).headers["ETag"]
        change = {"text": "b"}
        await refused(await it.client.patch("/v1/notes/1", json=change, headers=KEY), 428, "precondition_required")
        for wrong in (etag_of("x"), f"W/{tag}"):
            headers = {**KEY, "If-Match": wrong}
            await refused(
                await it.client.patch("/v1/notes/1", json=change, headers=headers), 412, "precondition_failed"
            )
        odd = {**KEY, "If-Match": "odd"}
        await refused(await it.client.patch("/v1/notes/1", json=change, headers=odd), 400, "invalid_etag")
        headers = {**KEY, "If-Match": f'"x", {tag}'}
        changed = await it.client.patch("/v1/notes/1", json=change, headers=headers)
        assert changed.status == 200
        assert changed.headers["ETag"] != tag
        assert (await it.client.patch("/v1/notes/1", json=change, headers={**KEY, "If-Match": "*"})).status == 200


async def test_what_the_client_has_is_not_sent_again():
    async with toy() as it:
        await it.client.post("/v1/notes", json={"text": "a"}, headers=KEY)
        tag = (await it.client.get("/v1/notes/1", headers=KEY)).headers["ETag"]
        same = await it.client.get("/v1/notes/1", headers={**KEY, "If-None-Match": f"W/{tag}"})
        assert (same.status, await same.read()) == (304, b"")
        head = await it.client.head("/v1/notes/1", headers=KEY)
        assert (head.status, await head.read()) == (200, b"")


async def test_nothing_is_answered_with_204():
    async with toy() as it:
        await it.client.post("/v1/notes", json={"text": "a"}, headers=KEY)
        assert (await it.client.delete("/v1/notes/1", headers=KEY)).status == 204
