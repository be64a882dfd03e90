"""Undo of anything: single writes stand beside operations, and the journal is found by either."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("""
        alter table operations
            add column era integer,
            add column xid xid8,
            add column plan_removed_at timestamptz,
            add column is_tidy boolean not null default false;
        create unique index operations_of_write on operations (era, xid) where xid is not null;
        create index changes_of_operation on changes (operation_id, record_type, seq)
            where operation_id is not null;
        create index changes_of_actor on changes ((coalesce(on_behalf_of, actor)), at)
            where operation_id is null;
        create index changes_of_request on changes (request_id)
            where operation_id is null and request_id is not null;
    """)


def downgrade() -> None:
    op.execute("""
        drop index changes_of_request;
        drop index changes_of_actor;
        drop index changes_of_operation;
        delete from operation_rows r using operations o
            where o.id = r.operation_id and o.xid is not null;
        update operations set undoes = null where undoes in
            (select id from operations where xid is not null);
        delete from operations where xid is not null;
        alter table operations drop column era, drop column xid, drop column plan_removed_at,
            drop column is_tidy;
    """)
