"""Former names in their order: what a list by name as of long ago is walked along.

One index for all nouns, of what they are called by: the first of these that a change touches.
Other changes, and what was created, are not in it.
"""

from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    op.execute("""
        create index changes_by_former_name on changes (
            record_type,
            (fold(coalesce(diff -> 'last_name', diff -> 'name', diff -> 'subject') ->> 0)
                collate "C"),
            record_id, seq
        ) where action <> 'created' and diff ?| array['last_name', 'name', 'subject']
    """)


def downgrade() -> None:
    op.execute("drop index changes_by_former_name")
