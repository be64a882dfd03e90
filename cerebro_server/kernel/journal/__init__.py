"""The journal: every change of every record, written by the database itself."""

from cerebro_server.kernel.journal.triggers import (
    NO_ACTOR,
    Journaled,
    ListedKey,
    keyed,
    keys_of,
    trigger_sql,
)

__all__ = ["NO_ACTOR", "Journaled", "ListedKey", "keyed", "keys_of", "trigger_sql"]
