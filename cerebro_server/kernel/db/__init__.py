"""PostgreSQL: one pool of connections, one protocol for transactions."""

from cerebro_server.kernel.db.database import Database
from cerebro_server.kernel.db.scope import Scope
from cerebro_server.kernel.db.sql import Sql, ident, literal, settings
from cerebro_server.kernel.db.transaction import Transaction
from cerebro_server.kernel.db.waking import Waker
from cerebro_server.kernel.db.workspace import Workspace

__all__ = [
    "Database",
    "Scope",
    "Sql",
    "Transaction",
    "Waker",
    "Workspace",
    "ident",
    "literal",
    "settings",
]
