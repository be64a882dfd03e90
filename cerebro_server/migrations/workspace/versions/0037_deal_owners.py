"""Since when deals are their owners'; of those that are there, the journal tells."""

from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    # triggers would journal what is no change of a deal, and the migration has no actor for them
    op.execute("""
        alter table deals add assigned_at timestamptz;
        alter table deals disable trigger user;
        update deals d set assigned_at = coalesce((
            select max(c.at) from changes c where c.record_id = d.id
                and c.record_type = 'deals' and c.diff ? 'owner_id'
        ), d.created_at) where d.owner_id is not null;
        alter table deals enable trigger user
    """)


def downgrade() -> None:
    # the triggers name the column; upgrading makes them anew
    op.execute("""
        drop trigger if exists _journal_insert on deals;
        drop trigger if exists _journal_update on deals;
        drop trigger if exists _journal_delete on deals;
        alter table deals drop assigned_at
    """)
