"""Which workers there are: each says that it lives, and notices those that fell silent."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cerebro_server.kernel.db import Database, Sql, Workspace
from cerebro_server.kernel.jobs import claiming

_HERE: Final = """
insert into workers (id, host, pid, kinds) values (%s, %s, %s, %s)
on conflict (id) do update set seen_at = clock_timestamp()
"""
_KNOWN: Final = """
select id, seen_at >= clock_timestamp() - make_interval(secs => %s) from workers
"""
_GONE: Final = "delete from workers where id = any(%s)"
_WORKSPACES: Final = "select slug, schema_name, role_name from workspaces order by slug"
_TURN: Final = """
insert into due (workspace) values (%s) on conflict (workspace)
do update set swept_at = clock_timestamp()
where due.swept_at < clock_timestamp() - interval '25 seconds' returning workspace
"""
_FOUND: Final = """
update due set due = %s, dead = %s, next_due_at = clock_timestamp() + make_interval(secs => %s)
where workspace = %s
"""


async def workspaces(database: Database) -> list[Workspace]:
    """Return every workspace there is."""
    rows = await database.read(await database.control(), Sql(_WORKSPACES))
    return [Workspace(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Presence:
    """One worker in `public.workers`."""

    database: Database
    worker_id: UUID
    kinds: Sequence[str]
    lease_seconds: float

    async def here(self) -> tuple[list[UUID], list[UUID]]:
        """Say that this worker lives; return who lives, and who has been silent for a lease."""
        values = (self.worker_id, socket.gethostname(), os.getpid(), list(self.kinds))
        async with self.database.transaction(await self.database.control()) as transaction:
            _, known = await transaction.batch(
                Sql(_HERE, values), Sql(_KNOWN, (self.lease_seconds,))
            )
        living = [worker for worker, lives in known if lives]
        return living, [worker for worker, lives in known if not lives]

    async def gone(self, workers: Sequence[UUID]) -> None:
        """Forget workers: this one as it ends, or silent ones that hold no lease any more."""
        async with self.database.transaction(await self.database.control()) as transaction:
            await transaction.rows(Sql(_GONE, (list(workers),)))

    async def report(self, workspace: Workspace) -> None:
        """Write down what is due and dead in a workspace, unless another worker just did."""
        control = await self.database.control()
        async with self.database.transaction(control) as transaction:
            if not await transaction.rows(Sql(_TURN, (workspace.slug,))):
                return
        inside = workspace.scope
        due, dead = await claiming.counts(self.database, inside)
        next_in = await claiming.next_in(self.database, inside, self.kinds)
        async with self.database.transaction(control) as transaction:
            await transaction.rows(Sql(_FOUND, (due, dead, next_in, workspace.slug)))
