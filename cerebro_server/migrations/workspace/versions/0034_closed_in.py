"""Deals that came in closed learn from the stages that they were in which one they were closed in,
and all deals since when they are in theirs."""

from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    # triggers would journal what is no change of a deal, and the migration has no actor for them
    op.execute("""
        alter table deals disable trigger user;
        with told as (
            select s.deal_id, max(s.entered_at) as since,
                (array_agg(g.id order by s.entered_at desc, s.left_at desc nulls first)
                    filter (where g.type = 'open'))[1] as closed_in
            from deal_stages s left join stages g on g.id = s.to_stage_id
            where s.deleted_at is null group by s.deal_id
        ), meant as (
            select d.id, t.since, case when d.status = 'open' then d.last_open_stage_id
                else coalesce(t.closed_in, d.last_open_stage_id) end as closed_in
            from deals d join told t on t.deal_id = d.id
        )
        update deals d set last_stage_change_at = m.since, last_open_stage_id = m.closed_in
        from meant m where m.id = d.id and (d.last_stage_change_at, d.last_open_stage_id)
            is distinct from (m.since, m.closed_in);
        alter table deals enable trigger user
    """)


def downgrade() -> None:
    """Leave what is right for older programs, too."""
