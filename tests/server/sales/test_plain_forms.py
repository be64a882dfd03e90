"""Web forms without a script: what a browser sends by itself, and the pages that it shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from tests.fixtures.server import serving
from tests.fixtures.stores import Installation
from tests.server.sales.converting import count
from tests.server.sales.test_forms import ENTRY, ORIGIN, form

THANKS = "https://acme.example/thanks?from=form"
PAGE = f"{ORIGIN}/contact?utm_source=news&utm_campaign=may#form"


async def fill_in(
    api: httpx.AsyncClient, one: Mapping[str, Any], body: Any, **how: Any
) -> httpx.Response:
    """Send a form as a browser does: an object or pairs, or what it is as `content`."""
    headers = {"Authorization": "", "Origin": ORIGIN, "Referer": PAGE, **how.pop("headers", {})}
    headers = {name: value for name, value in headers.items() if value is not None}
    if not how:
        pairs = list(body.items()) if isinstance(body, Mapping) else body
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        how = {"content": urlencode(pairs)}
    reply = await api.post(f"/v1/forms/{one['key']}/leads", headers=headers, **how)
    if reply.status_code != 303:
        assert reply.headers["content-type"] == "text/html; charset=utf-8", reply.text
        assert "default-src 'none'" in reply.headers["content-security-policy"]
        assert not re.search(r"<(script|img|style|a)\b", reply.text)
    return reply


async def newest(api: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get("/v1/leads", params={"sort": "-id"})).json()["items"][0]
    return found


async def own_fields(api: httpx.AsyncClient) -> None:
    """Give leads a checkbox, and a choice of several."""
    options = [{"key": key, "label": key.title()} for key in ("red", "blue", "green")]
    for key, kind, more in (
        ("news", "boolean", {}),
        ("colors", "multi_select", {"options": options}),
    ):
        body = {"record_type": "leads", "key": key, "label": key.title(), "type": kind, **more}
        reply = await api.post("/v1/fields", json=body)
        assert reply.status_code == 201, reply.text


class Inputs(HTMLParser):
    """The form of a page: where it is sent to, and what is in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.action, self.inputs = "", dict[str, str]()
        self.hidden: set[str] = set()
        self._aside = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self._aside += tag == "div" and said.get("aria-hidden") == "true"
        if tag == "form":
            assert said["method"] == "post"
            self.action = said["action"] or ""
        if name := said.get("name"):
            self.inputs[name] = said.get("value") or ""
            if self._aside or said.get("type") == "hidden":
                self.hidden.add(name)

    def handle_endtag(self, tag: str) -> None:
        self._aside -= tag == "div"


class TestSent:
    async def test_makes_the_lead_and_leads_on(self, api: httpx.AsyncClient) -> None:
        await own_fields(api)
        one = await form(api, source="web", thanks_url=THANKS)
        filled = [
            *{**ENTRY, "phone": "", "description": "Zwei Zeilen,\r\nwie geschrieben"}.items(),
            *(("custom.news", "on"), ("custom.colors", "red"), ("custom.colors", "Blue")),
            *(("fax", ""), ("utm_medium", ""), ("utm_campaign", "")),
        ]
        reply = await fill_in(api, one, filled)
        assert (reply.status_code, reply.headers["location"]) == (303, THANKS)
        lead = await newest(api)
        assert (lead["last_name"], lead["email"], lead["phone"]) == (
            *list(ENTRY.values())[:2],
            None,
        )
        assert lead["custom"] == {"news": True, "colors": ["red", "blue"]}
        assert lead["description"] == "Zwei Zeilen,\nwie geschrieben"
        assert (lead["source"], lead["referer"]) == ("web", PAGE)
        # what the form says counts more than the address of the page
        assert (lead["utm_source"], lead["utm_campaign"]) == ("news", "spring")
        files = {"last_name": (None, "Noether, ß"), "custom.colors": (None, "green")}
        reply = await fill_in(api, one, None, files={**files, "cv": ("", b"")})
        assert (reply.status_code, reply.headers["location"]) == (303, THANKS)
        lead = await newest(api)
        assert (lead["last_name"], lead["custom"]) == (
            "Noether, ß",
            {"news": None, "colors": ["green"]},
        )
        assert lead["utm_campaign"] == "may"
        reply = await fill_in(api, one, {**ENTRY, "fax": "cheap pills"})
        assert (reply.status_code, reply.headers["location"]) == (303, THANKS)
        assert await count(api, "leads") == 2

    async def test_says_thanks_in_the_words_of_the_form(self, api: httpx.AsyncClient) -> None:
        plain = await fill_in(api, await form(api), ENTRY)
        assert plain.status_code == 202
        assert "<h1>Thank you</h1>" in plain.text
        own = await form(api, thanks="Danke <b>sehr</b>!\n\nWir melden uns.", honeypot="fax")
        page = await fill_in(api, own, ENTRY)
        assert "<title>Danke &lt;b&gt;sehr&lt;/b&gt;!</title>" in page.text
        assert "<p>Wir melden uns.</p>" in page.text
        trapped = await fill_in(api, own, {**ENTRY, "fax": "x"})
        assert (trapped.status_code, trapped.text) == (page.status_code, page.text)
        assert await count(api, "leads") == 2

    async def test_the_snippet_is_such_a_form(self, api: httpx.AsyncClient) -> None:
        one = await form(api, honeypot='fax" onfocus="x')
        reply = await api.get(f"/v1/lead_forms/{one['id']}/snippet")
        found = Inputs(reply.json()["html"])
        assert found.action == reply.json()["action"]
        assert urlsplit(found.action).path == f"/v1/forms/{one['key']}/leads"
        utm = {"utm_source", "utm_medium", "utm_campaign"}
        assert found.hidden == {*utm, 'fax" onfocus="x'}
        filled = {**found.inputs, "last_name": "Gauss", "email": "gauss@x.example"}
        assert (await fill_in(api, one, filled)).status_code == 202
        lead = await newest(api)
        assert (lead["last_name"], lead["utm_source"]) == ("Gauss", "news")
        assert (await fill_in(api, one, dict.fromkeys(found.inputs, "x"))).status_code == 202
        assert await count(api, "leads") == 1


class TestRefusals:
    async def test_name_the_fields(self, api: httpx.AsyncClient) -> None:
        await own_fields(api)
        one = await form(api)
        evil = '<script>alert("x")</script>'
        for body, said in (
            ({"email": evil}, "<b>E-mail</b>: &#x27;&lt;script&gt;"),
            ({**ENTRY, "owner_id": "me"}, "<b>owner_id</b>: There is no such field."),
            ({"utm_source": "x"}, "<b>Last name</b>: "),
            ({**ENTRY, "custom.colors": "pink"}, "<b>custom.colors</b>: Colors: &#x27;pink&#x27;"),
            ({**ENTRY, evil: "1"}, "<b>&lt;script&gt;alert("),
            ([*ENTRY.items(), ("last_name", "King")], "<b>Last name</b>: This field takes one"),
            ({**ENTRY, "last_name": "a\0b"}, "<b>Last name</b>: Control character U+0000"),
        ):
            reply = await fill_in(api, one, body)
            assert reply.status_code == 422 and said in reply.text, reply.text
        reply = await fill_in(api, one, None, files={"cv": ("cv.pdf", b"%PDF"), **_texts(ENTRY)})
        assert reply.status_code == 422 and "<b>cv</b>: Forms take no files" in reply.text
        for content, kind in (
            (b"last_name=%FF", "application/x-www-form-urlencoded"),
            (b"&".join([b"a=b"] * 201), "application/x-www-form-urlencoded"),
            (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
            (b"last_name=King", "multipart/form-data"),
        ):
            reply = await fill_in(api, one, None, content=content, headers={"Content-Type": kind})
            assert reply.status_code == 400, reply.text
        assert await count(api, "leads") == 0

    async def test_whose_page_it_is(self, api: httpx.AsyncClient) -> None:
        one = await form(api)
        for headers, status in (
            ({"Origin": "https://evil.example"}, 403),
            ({"Origin": "null"}, 403),
            ({"Origin": None, "Referer": f"https://evil.example/?{ORIGIN}"}, 403),
            ({"Origin": None, "Referer": f"{ORIGIN}.evil.example/"}, 403),
            ({"Origin": None, "Referer": "http://[x"}, 403),
            ({"Origin": None}, 202),
            ({"Origin": None, "Referer": None}, 202),
        ):
            reply = await fill_in(api, one, ENTRY, headers=headers)
            assert reply.status_code == status, (headers, reply.text)
        assert await count(api, "leads") == 2
        assert (await fill_in(api, {"key": "main.none"}, ENTRY)).status_code == 404

    async def test_what_is_too_much(self, installation: Installation) -> None:
        async with serving(installation, form_entries_per_minute=4, max_body_bytes=2_000) as api:
            one = await form(api)
            reply = await fill_in(api, one, {**ENTRY, "description": "x" * 2_000})
            assert reply.status_code == 413 and "2,000 bytes" in reply.text
            # the budgets of two minutes, should one end meanwhile, and one more
            seen = [await fill_in(api, one, ENTRY) for _ in range(9)]
            assert seen[0].status_code == 202
            late = next(reply for reply in seen if reply.status_code == 429)
            assert "is spent" in late.text
            assert int(late.headers["retry-after"]) > 0

    async def test_thanks_pages_that_are_none(self, api: httpx.AsyncClient) -> None:
        one = await form(api, thanks_url="http://localhost:3000/thanks")
        for url in (
            "http://acme.example/thanks",
            "javascript:alert(1)",
            "https://ada:secret@acme.example/",
            "https://acme.example\\@evil.example",
            "//evil.example",
            "http://localhost.evil.example/",
            "http://localhost:80@evil.example/",
            "https://-",
        ):
            reply = await api.patch(f"/v1/lead_forms/{one['id']}", json={"thanks_url": url})
            assert reply.status_code == 422, url
            assert [each["pointer"] for each in reply.json()["errors"]] == ["/thanks_url"]
        reply = await fill_in(api, one, {**ENTRY, "email": ""})
        assert reply.headers["location"] == "http://localhost:3000/thanks"
        reply = await fill_in(api, one, {**ENTRY, "thanks_url": "https://evil.example"})
        assert reply.status_code == 422


def _texts(values: Mapping[str, str]) -> dict[str, tuple[None, str]]:
    return {name: (None, value) for name, value in values.items()}


@pytest.mark.parametrize("kind", ["text/plain", "application/xml"])
async def test_other_types_are_problems_as_before(api: httpx.AsyncClient, kind: str) -> None:
    one = await form(api)
    headers = {"Authorization": "", "Content-Type": kind}
    reply = await api.post(f"/v1/forms/{one['key']}/leads", content=b"x=y", headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (415, "unsupported_media_type")
