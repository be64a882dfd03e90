"""The journal by field and stretch of numbers: what finds the few changes since a day long past
that touch what a list goes by. What was created is left out: imports do not pay for it."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
_FUNCTION = """
create function changed_fields(record_type text, seq bigint, action text, diff jsonb)
returns text[] language sql immutable parallel safe as $fields$
select pg_catalog.array_agg(record_type || '.' || k.key || '@' || (seq >> 16))
from (select pg_catalog.jsonb_object_keys(diff) as key
    union all select '' where action <> 'updated') k
$fields$
"""


def upgrade() -> None:
    op.execute(sa.text(_FUNCTION))
    # no list of what came last: it would be read from end to end each time
    op.execute("""
        create index changes_by_field on changes
            using gin (changed_fields(record_type, seq, action, diff))
            with (fastupdate = off) where action <> 'created'
    """)


def downgrade() -> None:
    op.execute("drop index changes_by_field")
    op.execute("drop function changed_fields(text, bigint, text, jsonb)")
