"""External ids of records that are gone: those of merged ones lead to what they became."""

from alembic import op

revision = "0035"
down_revision = "0034"

_EACH = """
    do $$
    declare held text;
    begin
        for held in select table_name from information_schema.columns
            where table_schema = current_schema() and column_name = 'external_ids'
        loop
            execute format({statement});
        end loop;
    end $$
"""


def upgrade() -> None:
    statement = (
        "'create index %I on %I using gin (external_ids jsonb_path_ops) where deleted_at is not "
        "null and external_ids <> ''{}''', held || '_old_external_ids', held"
    )
    op.execute(_EACH.replace("{statement}", statement))


def downgrade() -> None:
    statement = "'drop index if exists %I', held || '_old_external_ids'"
    op.execute(_EACH.replace("{statement}", statement))
