"""Stays of deals that come in by imports, beside those that the triggers write."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0024"


def upgrade() -> None:
    # what is written past the triggers counts as a move
    op.execute("""
        alter table deal_stages add origin text not null default 'moved'
                check (origin in ('moved', 'arrived', 'imported')),
            add noted_at timestamptz;
        update deal_stages set noted_at = entered_at,
            origin = case when from_stage_id is null then 'arrived' else 'moved' end;
        drop index deal_stages_now;
        create index deal_stages_now on deal_stages (deal_id)
            where left_at is null and deleted_at is null
    """)


def downgrade() -> None:
    # triggers that a newer program has made would go by columns that are gone
    of_journal = ("_journal_insert", "_journal_update", "_journal_delete")
    for trigger in (*of_journal, "_guard", "_guard_new", "_chain_of_new", "_chain_of_changed"):
        op.execute(f"drop trigger if exists {trigger} on deal_stages")
    op.execute("drop trigger if exists _number_of_new on deals")
    op.execute(
        sa.text("""
        delete from deal_stages where origin = 'imported' or deleted_at is not null;
        delete from record_keys where record_type = 'deal_stages';
        update deal_stages s set left_at = (select min(n.entered_at) from deal_stages n
            where n.deal_id = s.deal_id and (n.entered_at, n.id) > (s.entered_at, s.id));
        drop index deal_stages_now;
        alter table deal_stages drop origin, drop noted_at;
        create unique index deal_stages_now on deal_stages (deal_id) where left_at is null
        """)
    )
