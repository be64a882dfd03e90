"""Which fields: hidden, masked and read-only ones, wherever a field can show."""

from __future__ import annotations

import httpx
import pytest

from tests.fixtures.people import People

URL = "/v1/contacts"
EVERY = ("read", "create", "update", "delete", "restore", "import", "export")
WHOLE = [*(f"contacts:{action}" for action in EVERY), "changes:read"]
ADA = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@analytical.example",
    "phone": "+44 20 7946 0999",
    "job_title": "Countess",
    "external_ids": {"crm": "77"},
}


@pytest.fixture
def limited(main: People) -> dict[str, str]:
    """Somebody who does not see the title and the ids, sees phones masked, and may not change the
    address."""
    main.role(
        "limited",
        WHOLE,
        field_rules={
            "contacts.job_title": "hidden",
            "contacts.external_ids": "hidden",
            "contacts.phone": "masked",
            "contacts.email": "read_only",
        },
    )
    return main.signed("lim", "limited")


class TestHidden:
    async def test_is_nowhere(self, api: httpx.AsyncClient, limited: dict[str, str]) -> None:
        made = (await api.post(URL, json=ADA)).json()
        one = await api.get(f"{URL}/{made['id']}", headers=limited)
        listed = await api.get(URL, headers=limited)
        exported = await api.get(f"{URL}/export", headers=limited)
        lines = await api.get(f"{URL}/export", params={"format": "jsonl"}, headers=limited)
        journal = await api.get("/v1/changes", headers=limited)
        for reply in (one, listed, exported, lines, journal):
            assert reply.status_code == 200
            assert "Countess" not in reply.text
            assert "job_title" not in reply.text
            assert '"77"' not in reply.text
        assert "Lovelace" in journal.text

    async def test_is_in_no_vcard_nor_is_what_is_masked(
        self, api: httpx.AsyncClient, limited: dict[str, str]
    ) -> None:
        await api.post(URL, json={**ADA, "external_ids": {"vcard": "77-secret"}})
        asked = {"params": {"format": "vcard"}}
        whole = await api.get(f"{URL}/export", **asked)
        assert all(text in whole.text for text in ("TITLE:Countess", "7946", "UID:77-secret"))
        reply = await api.get(f"{URL}/export", headers=limited, **asked)
        assert reply.status_code == 200
        assert not any(text in reply.text for text in ("Countess", "TEL", "•••", "77-secret"))
        assert "N:Lovelace;Ada;;;" in reply.text

    @pytest.mark.parametrize(
        ("path", "params"),
        [
            ("", {"where": "job_title = Countess"}),
            ("", {"sort": "job_title"}),
            ("/export", {"columns": "job_title"}),
            ("/export", {"columns": "external_ids.crm"}),
        ],
    )
    async def test_is_unknown(
        self, api: httpx.AsyncClient, limited: dict[str, str], path: str, params: dict[str, str]
    ) -> None:
        await api.post(URL, json=ADA)
        reply = await api.get(f"{URL}{path}", params=params, headers=limited)
        odd = {name: text.replace("job_title", "job_tidle") for name, text in params.items()}
        unknown = await api.get(f"{URL}{path}", params=odd, headers=limited)
        assert reply.status_code == unknown.status_code == 422
        assert reply.json()["code"] == unknown.json()["code"]

    async def test_finds_nothing(self, api: httpx.AsyncClient, limited: dict[str, str]) -> None:
        await api.post(URL, json=ADA)
        assert (await api.get(f"{URL}/crm:77")).status_code == 200
        assert (await api.get(f"{URL}/crm:77", headers=limited)).status_code == 404

    async def test_cannot_be_written(self, api: httpx.AsyncClient, limited: dict[str, str]) -> None:
        made = (await api.post(URL, json=ADA)).json()
        address = f"{URL}/{made['id']}"
        for body in ({"job_title": "X"}, {"external_ids": {"crm": "78"}}):
            reply = await api.patch(address, json=body, headers=limited)
            assert reply.status_code == 422
            assert reply.json()["errors"][0]["code"] == "extra_forbidden"
        reply = await api.patch(address, json={"first_name": "A."}, headers=limited)
        assert reply.status_code == 200
        assert "job_title" not in reply.json()
        kept = (await api.get(address)).json()
        assert (kept["job_title"], kept["external_ids"]) == ("Countess", {"crm": "77"})

    async def test_column_of_a_file_is_ignored(
        self, api: httpx.AsyncClient, limited: dict[str, str]
    ) -> None:
        text = "last_name,job_title,external_ids.crm,phone\nByron,Lord,5,030 1234567\n"
        reply = await api.post(
            f"{URL}/import", content=text, headers={**limited, "content-type": "text/csv"}
        )
        assert reply.json()["created"] == 1
        assert reply.json()["ignored"] == ["job_title", "external_ids.crm", "phone"]
        [made] = (await api.get(URL)).json()["items"]
        assert (made["job_title"], made["external_ids"], made["phone"]) == (None, {}, None)


class TestMasked:
    async def test_shows_its_end_only(
        self, api: httpx.AsyncClient, limited: dict[str, str]
    ) -> None:
        made = (await api.post(URL, json=ADA)).json()
        await api.patch(f"{URL}/{made['id']}", json={"phone": "+44 20 7946 0111"})
        one = await api.get(f"{URL}/{made['id']}", headers=limited)
        assert one.json()["phone"] == "•••111"
        for path in ("", "/export", "/export?format=jsonl"):
            reply = await api.get(f"{URL}{path}", headers=limited)
            assert "7946" not in reply.text
            assert "•••111" in reply.text
        journal = await api.get("/v1/changes", params={"record_type": "contacts"}, headers=limited)
        assert "7946" not in journal.text
        assert journal.json()["items"][0]["diff"] == {"phone": ["•••", "•••"]}

    async def test_finds_and_sorts_nothing(
        self, api: httpx.AsyncClient, limited: dict[str, str]
    ) -> None:
        for params in ({"where": "phone contains 7946"}, {"sort": "phone"}):
            reply = await api.get(URL, params=params, headers=limited)
            assert (reply.status_code, reply.json()["code"]) == (422, "invalid_query")


class TestReadOnly:
    async def test_is_shown_found_and_never_written(
        self, api: httpx.AsyncClient, limited: dict[str, str]
    ) -> None:
        await api.post(URL, json=ADA)
        address = f"{URL}/ada@analytical.example"
        assert (await api.get(address, headers=limited)).json()["email"] == ADA["email"]
        reply = await api.patch(address, json={"email": "x@y.example"}, headers=limited)
        assert reply.status_code == 422
        assert reply.json()["errors"] == [
            {
                "pointer": "/email",
                "code": "read_only",
                "detail": "Your role lets you read this field, not change it.",
            }
        ]
        reply = await api.post(
            URL, json={"last_name": "B", "email": "b@c.example"}, headers=limited
        )
        assert reply.status_code == 422


class TestSeveralRoles:
    async def test_one_that_shows_everything_lifts_the_rule(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        main.role("limited", WHOLE, field_rules={"contacts.job_title": "hidden"})
        headers = main.signed("ada", "limited", "read_only")
        made = (await api.post(URL, json=ADA)).json()
        reply = await api.get(f"{URL}/{made['id']}", headers=headers)
        assert reply.json()["job_title"] == "Countess"
        address = f"{URL}/{made['id']}"
        reply = await api.patch(address, json={"job_title": "X"}, headers=headers)
        assert reply.status_code == 422, "seen through the one role, written through the other"

    async def test_one_that_shows_only_some_records_lifts_nothing(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        main.role("limited", WHOLE, field_rules={"contacts.job_title": "hidden"})
        main.role("own", ["contacts:read:own"])
        headers = main.signed("ada", "limited", "own")
        made = (await api.post(URL, json=ADA)).json()
        reply = await api.get(f"{URL}/{made['id']}", headers=headers)
        assert "job_title" not in reply.json()


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ({"contacts.salary": "hidden"}, "unknown_field"),
        ({"dragons.name": "hidden"}, "unknown_field"),
        ({"contacts.version": "hidden"}, "unknown_field"),
        ({"contacts.phone": "invisible"}, "unknown_level"),
        ({"companies.employees": "masked"}, "not_maskable"),
    ],
)
async def test_rules_that_mean_nothing_are_refused(
    api: httpx.AsyncClient, rules: dict[str, str], code: str
) -> None:
    reply = await api.post("/v1/roles", json={"key": "odd", "name": "Odd", "field_rules": rules})
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["code"] == code


async def test_what_is_derived_from_closed_fields_is_hidden(
    api: httpx.AsyncClient, main: People
) -> None:
    closed = {
        "contacts.email": "hidden",
        "contacts.phone": "masked",
        "contacts.last_name": "masked",
    }
    main.role("limited", WHOLE, field_rules=closed)
    limited = main.signed("lim", "limited")
    made = (await api.post(URL, json=ADA)).json()
    shown = (await api.get(f"{URL}/{made['id']}", headers=limited)).json()
    assert shown.keys().isdisjoint({"email_quality", "phone_quality"})
    assert shown["full_name"].startswith("•••")
    for name in ("email_quality", "phone_quality", "full_name"):
        reply = await api.get(URL, params={"where": f"{name} is not empty"}, headers=limited)
        assert reply.status_code == 422
