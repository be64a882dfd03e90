"""People who sign in: users with passwords, and what comes of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from cerebro_server.components.identity.service import passwords
from tests.fixtures.people import People, bearer
from tests.fixtures.stores import Installation

PASSWORD = "violet otter sings at noon"
OTHER = "seven lanterns drift northward"
OLD_PARAMETERS = "$argon2id$v=19$m=8,t=1,p=1$"
_TOKEN = re.compile(r"#token=(cbr_ot_\S+)")


class Members(People):
    """People with passwords."""

    def member(self, name: str, *roles: str, password: str | None = PASSWORD) -> str:
        """Make a user; return the address that they sign in with."""
        user_id = self.user(name, *(roles or ("agent",)))
        if password is not None:
            self.password(name, password)
        assert user_id
        return f"{name}@cerebro.test"

    def password(self, name: str, password: str) -> None:
        self.connection.execute(
            "insert into passwords (user_id, hash) select id, %s from users where email = %s "
            "on conflict (user_id) do update set hash = excluded.hash",
            (passwords.hash_now(password), f"{name}@cerebro.test"),
        )

    def rows(self, statement: str, *params: object) -> list[tuple[object, ...]]:
        return self.connection.execute(statement, params or None).fetchall()

    def value(self, statement: str, *params: object) -> object:
        [(value,)] = self.rows(statement, *params)
        return value

    def mails(self, email: str) -> list[tuple[str, str]]:
        """Return subject and body of the messages to somebody, oldest first."""
        return [
            (str(subject), str(body))
            for subject, body in self.rows(
                "select subject, body from outgoing_mail where recipient = %s order by id", email
            )
        ]

    def token(self, email: str) -> str:
        """Return the one-time token of the newest message with a link."""
        found = [match[1] for _, body in self.mails(email) if (match := _TOKEN.search(body))]
        return found[-1]


@pytest.fixture
def members(installation: Installation) -> Iterator[Members]:
    with psycopg.connect(installation.url, autocommit=True) as connection:
        yield Members(connection)


async def sign_in(
    api: httpx.AsyncClient, email: str, password: str = PASSWORD, **more: str
) -> httpx.Response:
    body = {"email": email, "password": password, **more}
    return await api.post("/v1/auth/login", json=body, headers={"Authorization": ""})


async def signed_in(api: httpx.AsyncClient, email: str, password: str = PASSWORD) -> dict[str, str]:
    """Sign in; return the tokens."""
    reply = await sign_in(api, email, password)
    assert reply.status_code == 200, reply.text
    tokens: dict[str, str] = reply.json()
    return tokens


async def renewed(api: httpx.AsyncClient, token: str) -> httpx.Response:
    return await api.post(
        "/v1/auth/refresh", json={"refresh_token": token}, headers={"Authorization": ""}
    )


async def whoami(api: httpx.AsyncClient, token: str) -> httpx.Response:
    return await api.get("/v1/auth/whoami", headers=bearer(token))


async def redeemed(
    api: httpx.AsyncClient, members: Members, email: str, password: str
) -> httpx.Response:
    """Lose a password, and set another one with the link of the message."""
    away = {"Authorization": ""}
    await api.post("/v1/auth/password-reset", json={"email": email}, headers=away)
    body = {"token": members.token(email), "password": password}
    return await api.post("/v1/auth/redeem", json=body, headers=away)
