"""Random text where filters, sorts, cursors and references belong: answered, never a 500."""

from __future__ import annotations

import json
import urllib.parse

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cerebro_server import registry
from tests.fuzz.conftest import Blocking, fuzzing

URL = "/v1/companies"
FIELDS = sorted({name for rt in registry.record_types() for name in rt.fields})
WORDS = [
    *FIELDS,
    *("=", "!=", "<", "<=", ">", ">=", "~", "in", "not", "and", "or", "contains", "is", "null"),
    *("empty", "true", "false", "me", "today", "now", "last", "days", "7d", "-7d", "2020-01-01"),
    *("(", ")", ",", "'", '"', "\\", "%", "%s", "_", ".", ":", ";", "--", "/*", "{", "}", "[", "]"),
    *("finance", "'x'", '"y"', "10", "-1", "1.5", "1e400", "99999999999999999999", "0x10", "NaN"),
    *("2020-13-45", "0000-00-00", "2020-01-01T00:00:00Z", "\\u0000", "\\ud800", "é", "ß", "İ"),
    *("' or 1=1 --", "$1", "$$", "pg_sleep(9)", "\u202e", "\u2028", "\U0001f600"),
]
words = st.lists(st.sampled_from(WORDS), max_size=24).flatmap(
    lambda parts: st.sampled_from([" ", ""]).map(lambda gap: gap.join(parts))
)
texts = st.one_of(words, st.text(max_size=60))


@pytest.fixture(scope="module", autouse=True)
def filled(client: Blocking) -> None:
    for number in range(5):
        body = {"name": f"Acme {number}", "employees": number or None, "industry": "finance"}
        assert client.ask("POST", URL, json=body).status_code == 201


@fuzzing
@given(text=texts)
@example(text="not " * 500 + "name = x")
@example(text="(" * 900)
@example(text="name in (" + ",".join("abc"[:1] * 900) + ")")
@example(text="name = '" + "\\" * 41)
@example(text="employees = 9223372036854775808")
@example(text="employees = -2147483649 or employees < 1e309")
@example(text="created_at > 9999-12-31 or created_at < 0001-01-01T00:00:00+14:00")
@example(text="id = zzzzzz or version > 99999999999")
@example(text="external_ids = x")
def test_filters(client: Blocking, text: str) -> None:
    for path in (URL, f"{URL}/export"):
        reply = client.ask("GET", path, params={"where": text})
        assert reply.status_code in (200, 422)
        if reply.status_code == 422:
            problem = reply.json()
            assert problem["code"] in ("invalid_query", "query_too_large")
            assert problem["detail"]
            assert 1 <= problem.get("position", 1) <= len(text) + 1


@fuzzing
@given(text=st.one_of(texts, st.lists(st.sampled_from(["-", ",", *FIELDS])).map("".join)))
def test_sorts_and_columns(client: Blocking, text: str) -> None:
    reply = client.ask("GET", URL, params={"sort": text, "limit": 2})
    assert reply.status_code in (200, 422)
    if reply.status_code == 200 and (cursor := reply.json()["next_cursor"]):
        params = {"sort": text, "limit": 2, "cursor": cursor}
        assert client.ask("GET", URL, params=params).status_code == 200
    reply = client.ask("GET", f"{URL}/export", params={"columns": text, "format": "jsonl"})
    assert reply.status_code in (200, 422)


@fuzzing
@given(text=st.one_of(st.text(), st.text("ABCabc012-_=", max_size=80)))
def test_cursors(client: Blocking, text: str) -> None:
    for path in (URL, "/v1/changes"):
        reply = client.ask("GET", path, params={"cursor": text})
        assert reply.json()["code"] == "invalid_cursor" or len(text) > 8000


@fuzzing
@given(text=st.one_of(texts, st.text("0123456789abcdef-", max_size=40), st.text(min_size=1)))
def test_references(client: Blocking, text: str) -> None:
    reference = urllib.parse.quote(text or " ", safe="")
    if reference in (".", ".."):
        reference = reference.replace(".", "%2E")
    for method in ("GET", "DELETE"):
        reply = client.ask(method, f"{URL}/{reference}")
        assert reply.status_code in (404, 409)
    reply = client.ask("GET", "/v1/changes", params={"record": f"companies/{text}"})
    assert reply.status_code in (200, 404, 409, 422)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@fuzzing
@given(body=st.dictionaries(st.sampled_from([*FIELDS, "x"]) | st.text(), json_values, max_size=6))
def test_bodies(client: Blocking, body: dict[str, object]) -> None:
    content = json.dumps(body)  # NaN and Infinity as they come
    headers = {"content-type": "application/json"}
    reply = client.ask("POST", URL, content=content, headers=headers)
    assert reply.status_code in (201, 400, 409, 422)
    reply = client.ask("PATCH", f"{URL}/none.example", content=content, headers=headers)
    assert reply.status_code in (400, 404, 422)


@fuzzing
@given(
    fields=st.fixed_dictionaries(
        {"name": st.text(min_size=1)},
        optional={
            "website": st.text() | st.from_regex(r"https?://[a-z0-9.:@\[\]/-]{1,20}"),
            "domain": st.text() | st.from_regex(r"[a-z0-9.-]{1,20}", fullmatch=True),
            "phone": st.from_regex(r"[0-9+() -]{1,20}", fullmatch=True),
            "description": st.text(),
            "external_ids": st.dictionaries(st.from_regex(r"[a-z]{1,5}"), st.text(), max_size=3),
        },
    )
)
@example(fields={"name": "a", "website": "http://localhost"})
@example(fields={"name": "a", "website": "http://[::1"})
@example(fields={"name": "a", "external_ids": {"crm": "x" * 3000}})
def test_what_is_accepted_reads_back_equal(client: Blocking, fields: dict[str, object]) -> None:
    reply = client.ask("POST", URL, json=fields)
    assert reply.status_code in (201, 409, 422)
    if reply.status_code == 201:
        company = reply.json()
        assert client.ask("GET", f"{URL}/{company['id']}").json() == company
        again = {name: company[name] for name in fields}
        same = client.ask("PATCH", f"{URL}/{company['id']}", json=again)
        assert same.json() == company, "what was read can be written back, and changes nothing"
        client.ask("DELETE", f"{URL}/{company['id']}")
