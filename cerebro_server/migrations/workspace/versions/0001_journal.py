"""The journal, the keys of records, and the function that folds text."""

from alembic import op

from cerebro_server.kernel.query import fold_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    version = op.get_bind().exec_driver_sql("show server_version_num").scalar_one()
    op.execute(fold_sql(int(version)))
    op.execute("""
        create sequence changes_seq;
        create table changes (
            seq bigint not null default nextval('changes_seq'),
            era integer not null default 1,
            xid xid8 not null default pg_current_xact_id(),
            at timestamptz not null default clock_timestamp(),
            actor text not null,
            on_behalf_of text,
            request_id text,
            operation_id uuid,
            caused_by bigint,
            undoes uuid,
            record_type text not null,
            record_id uuid not null,
            action text not null check (action in
                ('created', 'updated', 'deleted', 'restored', 'destroyed', 'merged')),
            version integer not null,
            diff jsonb not null,
            primary key (seq)
        ) partition by range (seq);
        create index changes_of_record on changes (record_id, seq);
        create index changes_in_order on changes (era, xid, seq);
        create table changes_0 partition of changes for values from (0) to (10000000);
        create table changes_rest partition of changes default;

        create table record_keys (
            record_type text not null,
            kind text not null,
            value text not null,
            record_id uuid not null,
            primary key (record_type, kind, value)
        );
    """)


def downgrade() -> None:
    op.execute("""
        drop table record_keys;
        drop table changes;
        drop sequence changes_seq;
        drop function fold(text);
    """)
