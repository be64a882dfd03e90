"""What the migration of a new noun would otherwise repeat."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB


def create_record_table(
    op: Any, table: str, *columns: sa.Column[Any], texts: str = "", sorted_by: Sequence[str] = ()
) -> None:
    """Create a record type's table with the columns and indexes that every record has.

    `texts` names plain text columns that may be null, with blanks between them.
    `sorted_by` lists the expressions that lists are sorted or filtered by; each gets an index over
    living records that ends with the id, so that a page at any depth is one walk of it.
    Released migrations depend on this: what changes here must be a new function.
    """
    time = sa.DateTime(timezone=True)
    columns = (*columns, *(sa.Column(name, sa.Text) for name in texts.split()))
    for column in columns:
        if isinstance(column.type, sa.Text):
            # the same order on every server, and one that indexes serve ranges and prefixes by
            column.type = sa.Text(collation="C")
    op.create_table(
        table,
        sa.Column("id", sa.Uuid, primary_key=True),
        *columns,
        sa.Column("external_ids", JSONB, nullable=False, server_default=sa.text("'{}'")),
        sa.Column("source_created_at", time),
        sa.Column("created_at", time, nullable=False, server_default=sa.text("now()")),
        sa.Column("updated_at", time, nullable=False, server_default=sa.text("now()")),
        sa.Column("deleted_at", time),
        sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    )
    op.execute(f"create index {table}_deleted on {table} (deleted_at) where deleted_at is not null")
    # the end of an id is what lists show and people type; UUIDv7 begins with the clock
    op.execute(f"create index {table}_id_end on {table} (right(id::text, 6))")
    for expression in sorted_by:
        name = re.sub(r"\W+", "_", expression).strip("_")
        op.execute(
            f"create index {table}_by_{name} on {table} (({expression}), id) "
            "where deleted_at is null"
        )
