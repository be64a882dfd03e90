"""The base currency that is set, held against the one that the amounts of a database are in."""

from __future__ import annotations

from typing import Final

import psycopg

from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.errors import Invalid

AS_CONTROL: Final = (
    "select rolname from pg_roles where rolname = regexp_replace("
    "session_user, '^(cerebro_[a-z0-9]+)_app$', '\\1_control')"
)
"""The role that may read `public`, of the login that is connected."""
HELD: Final = "select to_jsonb(i) ->> 'base_currency' from public.installation i"
"""The base currency that amounts are kept in; also of a database that is not upgraded yet."""


def check(settings: Settings, url: str) -> None:
    """Raise `Invalid` where amounts are kept in another base currency than the one that is set.

    A database that does not answer yet is asked by `Database`, as soon as it does.
    """
    try:
        with psycopg.connect(url, connect_timeout=3, autocommit=True) as connection:
            connection.execute(f"select set_config('role', rolname, false) from ({AS_CONTROL}) r")
            row = connection.execute(HELD).fetchone()
    except psycopg.Error:
        return
    said = refusal(settings.base_currency, row[0] if row is not None else None)
    if said is not None:
        raise Invalid(said)


def refusal(base: str, held: str | None) -> str | None:
    """Return what is wrong with a base currency; None where it is the one that amounts are in."""
    if held in (None, base):
        return None
    return (
        f"CEREBRO_BASE_CURRENCY is {base}, and the amounts of this installation are kept in "
        f"{held}: set it back, or run `cerebro db upgrade`, which changes it where nothing stands "
        "in the way."
    )
