"""Lists by a filter that is a tree: the same as by its text."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from cerebro_server.kernel.query import parse

URL = "/v1/companies"


@pytest.fixture
async def filled(api: httpx.AsyncClient) -> httpx.AsyncClient:
    for name, employees in (("Acme", 12), ("Bolt", None), ("Core", 7), ("Dash", 99)):
        await api.post(URL, json={"name": name, "employees": employees})
    return api


@pytest.mark.parametrize(
    "text",
    [
        "employees > 10",
        "not (name = acme or employees is empty)",
        "name in (acme, core)",
        'owner.email = "owner@localhost" and employees < 50',
        "owner has (name starts with Own) and not owner.name = x",
        "created_at > now - 1d",
    ],
)
async def test_finds_what_the_text_finds(filled: httpx.AsyncClient, text: str) -> None:
    by_text = await filled.get(URL, params={"where": text, "sort": "name"})
    tree = parse(text).model_dump(mode="json")
    by_tree = await filled.post(f"{URL}/search", json={"where": tree, "sort": "name"})
    assert by_tree.status_code == 200, by_tree.text
    assert by_tree.json() == by_text.json()
    assert by_tree.json()["items"]


async def test_is_paged(filled: httpx.AsyncClient) -> None:
    body: dict[str, Any] = {"where": parse("name is not empty").model_dump(), "limit": 3}
    first = (await filled.post(f"{URL}/search", json={**body, "sort": "name"})).json()
    more = {**body, "sort": "name", "cursor": first["next_cursor"]}
    second = (await filled.post(f"{URL}/search", json=more)).json()
    names = [item["name"] for item in (*first["items"], *second["items"])]
    assert names == ["Acme", "Bolt", "Core", "Dash"]
    other = {**more, "where": parse("name = acme").model_dump()}
    reply = await filled.post(f"{URL}/search", json=other)
    assert reply.json()["code"] == "invalid_cursor"


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ({"op": "=", "field": "nmae", "value": {"word": "a"}}, "invalid_query"),
        ({"op": "~", "field": "name", "value": {"word": "a"}}, "validation_failed"),
        ({"op": "=", "field": "name; drop", "value": {"word": "a"}}, "validation_failed"),
        ({"op": "=", "field": "name", "value": {"word": "a b"}}, "validation_failed"),
        ({"op": "and", "of": []}, "validation_failed"),
    ],
)
async def test_says_what_is_wrong(api: httpx.AsyncClient, where: Any, code: str) -> None:
    reply = await api.post(f"{URL}/search", json={"where": where})
    assert (reply.status_code, reply.json()["code"]) == (422, code)


async def test_of_any_depth_ends(api: httpx.AsyncClient) -> None:
    tree: Any = {"op": "=", "field": "name", "value": {"word": "a"}}
    for _ in range(60):
        tree = {"op": "not", "of": tree}
    reply = await api.post(f"{URL}/search", json={"where": tree})
    assert (reply.status_code, reply.json()["code"]) == (422, "query_too_large")
