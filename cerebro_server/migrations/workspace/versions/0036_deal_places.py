"""Deals have a place of their own among those of their stage; at first, they stand as they were
made."""

from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    # triggers would journal what is no change of a deal, and the migration has no actor for them
    op.execute("""
        alter table deals add position text collate "C";
        alter table deals disable trigger user;
        update deals set position = replace(id::text, '-', '') || '8';
        alter table deals enable trigger user;
        alter table deals alter position set not null;
        drop index deals_of_stage;
        create index deals_by_place on deals (stage_id, position, id);
        create index deals_position on deals (position)
    """)


def downgrade() -> None:
    # the triggers name the column; upgrading makes them anew
    op.execute("""
        drop trigger if exists _number_of_new on deals;
        drop trigger if exists _journal_insert on deals;
        drop trigger if exists _journal_update on deals;
        drop trigger if exists _journal_delete on deals;
        create index deals_of_stage on deals (stage_id, id);
        alter table deals drop position
    """)
