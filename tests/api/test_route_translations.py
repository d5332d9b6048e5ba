"""Translations over HTTP: a file out, a file in, and what is refused."""

from __future__ import annotations

from typing import Any

import polib
import pytest

from tests.api.office import KEY, OTHER, greeting, office

PLACE = "/nodes/hello/config/text"


def spoken(**translations: Any) -> dict[str, Any]:
    return greeting(text="Hello {{contact.name}}!", language="en", translations=translations)


async def make(it: Any, document: Any) -> tuple[str, str]:
    """The path of a new flow's translations, and its ETag."""
    made = await it.client.post("/v1/flows", json={"document": document}, headers=KEY)
    return f"/v1/flows/{(await made.json())['id']}", made.headers["ETag"]


def po(text: str, source: str = "Hello {{contact.name}}!") -> str:
    file = polib.POFile()
    file.append(polib.POEntry(msgctxt=PLACE, msgid=source, msgstr=text))
    return str(file)


async def test_texts_go_out_as_a_file_and_come_back_translated():
    async with office() as it:
        flow, etag = await make(it, spoken())
        out = await it.client.get(f"{flow}/translations?language=de&format=po", headers=KEY)
        assert (out.status, out.content_type, out.headers["ETag"]) == (200, "text/x-gettext-translation", etag)
        assert out.headers["Content-Disposition"] == "attachment; filename*=UTF-8''greeting.de.po"
        file = polib.pofile(await out.text())
        file[0].msgstr = "Hallo {{contact.name}}!"
        into = f"{flow}/translations?language=de"
        sent = await it.client.post(into, data=str(file), headers={**KEY, "If-Match": etag})
        report = await sent.json()
        assert (sent.status, report["applied"], report["refused"], report["revision"]) == (200, 1, [], 2)
        draft = await it.call("GET", flow)
        assert draft["document"]["translations"] == {
            "de": {PLACE: {"text": "Hallo {{contact.name}}!", "source": "Hello {{contact.name}}!"}}
        }
        again = await it.client.post(into, data=str(file), headers={**KEY, "If-Match": sent.headers["ETag"]})
        assert (await again.json())["unchanged"] == 1
        assert again.headers["ETag"] == sent.headers["ETag"]
        table = await it.client.get(f"{flow}/translations?language=de&format=csv", headers=KEY)
        lines = (await table.text(encoding="utf-8-sig")).splitlines()
        assert lines[0] == "id,node,source,translation,status"
        assert lines[1].endswith(",Hallo {{contact.name}}!,translated")


async def test_a_row_that_lost_a_merge_field_is_refused_with_its_reason():
    async with office() as it:
        flow, etag = await make(it, spoken())
        sent = await it.client.post(f"{flow}/translations?language=de", data=po("Hallo!"), headers={**KEY, "If-Match": etag})
        report = await sent.json()
        assert report["refused"] == [{"place": PLACE, "reason": "It lacks {{contact.name}}."}]
        assert (await it.call("GET", flow))["document"]["translations"] == {"de": {}}


@pytest.mark.parametrize(
    ("query", "body", "code"),
    [
        ("language=de", "nonsense", "bad_file"),
        ("language=de&format=csv", "a,b\n", "bad_file"),
        ("language=en", po("Hi {{contact.name}}"), "invalid"),
        ("language=german", po("x"), "validation_failed"),
        ("language=de&format=xls", po("x"), "validation_failed"),
        ("", po("x"), "validation_failed"),
    ],
)
async def test_what_cannot_be_taken_is_refused_in_words(query: str, body: str, code: str):
    async with office() as it:
        flow, etag = await make(it, spoken())
        sent = await it.client.post(f"{flow}/translations?{query}", data=body, headers={**KEY, "If-Match": etag})
        told = await sent.json()
        assert 400 <= sent.status < 500
        assert told["error"]["type"] == code, told
        assert (await it.call("GET", flow))["revision"] == 1


async def test_nobodys_work_is_lost_and_nobody_reads_another_workspace():
    async with office() as it:
        flow, etag = await make(it, spoken())
        into = f"{flow}/translations?language=de"
        assert (await it.client.post(into, data=po("Hallo {{contact.name}}"), headers=KEY)).status == 428
        await it.client.put(flow, json={"document": greeting("B")}, headers={**KEY, "If-Match": etag})
        late = await it.client.post(into, data=po("Hallo {{contact.name}}"), headers={**KEY, "If-Match": etag})
        assert (late.status, (await late.json())["current"]["name"]) == (412, "B")
        assert (await it.client.get(into, headers=OTHER)).status == 404


async def test_a_flow_without_a_language_says_what_to_do_first():
    async with office() as it:
        flow, _ = await make(it, greeting())
        assert await it.refused("GET", f"{flow}/translations?language=de", 400) == (
            "missing_language",
            "The flow doesn't say in which language it is written. Choose its language first, then translate it.",
        )


async def test_a_check_names_the_texts_of_a_flow_that_names_its_language():
    async with office() as it:
        flow, _ = await make(it, spoken(de={}))
        found = await it.call("POST", f"{flow}/validate")
        pointer = "/nodes/1/config/text"
        (text,) = found["texts"]["hello"]
        assert text == {"place": PLACE, "pointer": pointer, "text": "Hello {{contact.name}}!", "words": True}
        missing = [each for each in found["problems"] if each["code"] == "missing_translation"]
        assert [each["node"] for each in missing] == [None]
        stale = spoken(de={PLACE: {"text": "Hallo {{contact.name}}", "source": "Hi"}})
        problems = (await it.call("POST", f"{flow}/validate", {"document": stale}))["problems"]
        assert [each["node"] for each in problems if each["code"] == "stale_translation"] == ["hello"]
        assert (await it.call("POST", f"{flow}/validate", {"document": greeting()}))["texts"] == {}
