"""Search: the functions that take texts apart, and the indexes that searches and duplicates use."""

from alembic import op

from cerebro_server.kernel.query.searching import search_sql

revision = "0008"
down_revision = "0007"

_PHONE = "regexp_replace(phone, '[^0-9]+', '', 'g')"
_SOURCES = {
    "companies": ("name", "domain", _PHONE, "city"),
    "contacts": ("full_name", "email", _PHONE, "job_title"),
}


def upgrade() -> None:
    version = op.get_bind().exec_driver_sql("show server_version_num").scalar_one()
    for statement in search_sql(int(version)):
        op.execute(statement)
    for table, columns in _SOURCES.items():
        source = " || ' ' || ".join(f"coalesce({column}, '')" for column in columns)
        # a search reads the list of what came last from end to end, so it is kept short
        op.execute(
            f"create index {table}_search on {table} using gin (search_grams({source})) "
            "with (gin_pending_list_limit = 256) where deleted_at is null"
        )
        op.execute(
            f"create index {table}_by_phone on {table} (right({_PHONE}, 9), id) "
            "where deleted_at is null"
        )


def downgrade() -> None:
    for table in _SOURCES:
        op.execute(f"drop index {table}_by_phone, {table}_search")
    op.execute("drop function search_grams(text), search_text(text)")
