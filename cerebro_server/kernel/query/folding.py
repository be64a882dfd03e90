"""How texts are compared: case and normal form aside, in SQL and in Python alike."""

from __future__ import annotations

import unicodedata

_BUILTIN = "pg_catalog.lower(pg_catalog.normalize(value, 'NFC') collate pg_catalog.pg_c_utf8)"
# named, since a column's own would win otherwise, and `C` lowers nothing but ASCII
_DEFAULT = "pg_catalog.lower(pg_catalog.normalize(value, 'NFC') collate pg_catalog.\"default\")"


def fold_sql(server_version_num: int) -> str:
    """Return the statement that makes `fold` in the first schema of the search path.

    A body this simple is inlined, and everything in it is qualified, so that indexes on it can be
    built and restored. PostgreSQL 17 has a collation that maps case alike everywhere; before it,
    the database's own decides.
    """
    body = _BUILTIN if server_version_num >= 170_000 else _DEFAULT
    return (
        "create or replace function fold(value text) returns text "
        f"language sql immutable strict parallel safe as $fold$select {body}$fold$"
    )


def fold(text: str) -> str:
    """Return the text as comparisons see it; the twin of the SQL function `fold`."""
    if text.isascii():
        return text.lower()
    # PostgreSQL maps each character by itself; Python's lower() looks around at these two.
    plain = unicodedata.normalize("NFC", text).replace("Σ", "σ").replace("İ", "i")
    return plain.lower()
