"""Undo of anything: which transactions an operation wrote in, and single writes beside it."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("""
        create table operation_writes (
            era integer not null,
            xid xid8 not null,
            operation_id uuid not null,
            primary key (era, xid)
        );
        insert into operation_writes (era, xid, operation_id)
            select distinct era, xid, operation_id from changes where operation_id is not null
            on conflict do nothing;
        create index operation_writes_of_operation on operation_writes (operation_id);
        alter table operations
            add column plan_removed_at timestamptz,
            add column is_tidy boolean not null default false;
        create index changes_of_actor on changes ((coalesce(on_behalf_of, actor)), at)
            where operation_id is null;
        create index changes_of_request on changes (request_id)
            where operation_id is null and request_id is not null;
    """)


def downgrade() -> None:
    op.execute("""
        drop index changes_of_request;
        drop index changes_of_actor;
        drop table operation_writes;
        delete from operation_rows r using operations o
            where o.id = r.operation_id and o.kind = 'edit';
        update operations set undoes = null where undoes in
            (select id from operations where kind = 'edit');
        delete from operations where kind = 'edit';
        alter table operations drop column plan_removed_at, drop column is_tidy;
    """)
