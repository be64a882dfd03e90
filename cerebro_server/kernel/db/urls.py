"""Which login uses which URL."""

from __future__ import annotations

import hashlib
import hmac

import psycopg
from sqlalchemy.engine import URL, make_url

from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.errors import Unavailable


def owner_url(settings: Settings) -> str:
    """Return the owner's URL, for migrations. Raises `Unavailable` where none is set."""
    if settings.database_url is None:
        raise Unavailable("No database is configured: set CEREBRO_DATABASE_URL.")
    return settings.database_url.get_secret_value()


def app_url(settings: Settings) -> str:
    """Return the application's URL: the one that is set, or the owner's with the derived login."""
    if settings.database_app_url is not None:
        return settings.database_app_url.get_secret_value()
    url = owner_url(settings)
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute("select id, has_roles from public.installation").fetchone()
    if row is None or not row[1]:
        return url
    return with_login(url, *app_login(settings, row[0]))


def app_login(settings: Settings, installation: str) -> tuple[str, str]:
    """Return name and password of the application login.

    The password is derived from the secret key, so that a server needs no second secret.
    """
    if settings.secret_key is None:
        raise Unavailable("No secret is configured: set CEREBRO_SECRET_KEY.")
    key = settings.secret_key.get_secret_value().encode()
    digest = hmac.new(key, f"database login {installation}".encode(), hashlib.sha256)
    return f"cerebro_{installation}_app", digest.hexdigest()


def with_login(url: str, user: str, password: str) -> str:
    """Return the URL with another login."""
    parsed = make_url(url)
    query = {k: v for k, v in parsed.query.items() if k not in ("user", "password")}
    return parsed.set(username=user, password=password, query=query).render_as_string(
        hide_password=False
    )


def alchemy(url: str) -> URL:
    """Return the URL for SQLAlchemy's psycopg dialect (migrations only)."""
    return make_url(url).set(drivername="postgresql+psycopg")
