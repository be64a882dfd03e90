"""What is checked and derived when files are written: that their bytes are there, and theirs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from cerebro_sdk.schemas.workspace.files import EMPTY
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import Batch
from cerebro_server.kernel.files import looks

_KNOWN: Final = """
select b.sha256, b.size, b.looks from blobs b where b.sha256 = any(%s)
    and (b.sha256 = %s or exists (select from blob_senders s
        where s.blob_id = b.id and s.user_id = %s)
"""
_OF_FILES: Final = " or exists (select from files t where t.sha256 = b.sha256{and_}))"


async def files(context: Context, batch: Batch) -> None:
    """Fill in what the bytes tell. Bytes are named by their digest, so whoever names some must have
    sent them, or be able to read a file that has them: knowing a digest is no right to them."""
    known = await theirs(context, {row["sha256"] for row in batch.rows})
    for number, row in enumerate(batch.rows):
        found = known.get(row["sha256"])
        if found is None:
            said = "No bytes with this SHA-256 are there that you sent or may read: send them first"
            batch.refuse(number, "sha256", "unknown_bytes", f"{said} (PUT /v1/files/content).")
            continue
        row["size"], seen = found
        row["content_type"] = looks.settled(row.get("content_type"), row["name"], seen)


async def changed_files(context: Context, batch: Batch) -> None:
    """Refuse other bytes: they never change, and what they are follows from them."""
    for number, (row, before) in enumerate(zip(batch.rows, batch.before, strict=True)):
        row.pop("content_type", None)
        if row.get("sha256", before["sha256"]) != before["sha256"]:
            said = "The bytes of a file never change: a new version is a new file."
            batch.refuse(number, "sha256", "bytes_never_change", said)


async def theirs(context: Context, named: Iterable[str]) -> dict[str, tuple[int, str | None]]:
    """Return size and looks of those of these bytes that the caller may make files of."""
    limit = context.condition(context.catalog["files"], "read")
    of_files = _OF_FILES.format(and_=f" and {limit.text}" if limit else "")
    values: tuple[Any, ...] = (sorted(named), EMPTY, context.actor.user_id)
    rows = await context.read(
        Sql(f"{_KNOWN}{of_files}", (*values, *(limit.params if limit else ())))
    )
    return {sha256: (size, seen) for sha256, size, seen in rows}
