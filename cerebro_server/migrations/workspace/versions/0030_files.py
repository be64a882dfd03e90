"""Files that are attached to records, and their bytes: each content once, in pieces."""

import sqlalchemy as sa
from alembic import op

from cerebro_server.kernel.db.ddl import create_record_table

revision = "0030"
down_revision = "0029"
_RELATIONS = {
    "contact_id": "contacts",
    "company_id": "companies",
    "deal_id": "deals",
    "lead_id": "leads",
    "quote_id": "quotes",
}
_EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def upgrade() -> None:
    op.execute(f"""
        create table blobs (
            id uuid primary key,
            sha256 text collate "C" unique,
            size bigint not null default 0,
            looks text,
            loose_since timestamptz default now(),
            created_at timestamptz not null default now()
        );
        create index blobs_loose on blobs (loose_since) where loose_since is not null;
        create table blob_pieces (
            blob_id uuid not null references blobs (id) on delete cascade,
            start bigint not null,
            content bytea not null,
            primary key (blob_id, start)
        );
        alter table blob_pieces alter column content set storage external;
        create table blob_senders (
            blob_id uuid not null references blobs (id) on delete cascade,
            user_id uuid not null,
            primary key (blob_id, user_id)
        );
        insert into blobs (id, sha256, loose_since) values (gen_random_uuid(), '{_EMPTY}', null)
    """)
    create_record_table(
        op,
        "files",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "sha256")),
        sa.Column(
            "content_type", sa.Text, nullable=False, server_default="application/octet-stream"
        ),
        sa.Column("size", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        *(sa.Column(name, sa.Uuid) for name in (*_RELATIONS, "owner_id")),
        texts="description team",
        sorted_by=["fold(name)", "size", "fold(content_type)", "created_at", "owner_id", "team"],
    )
    op.execute("""
        alter table files add foreign key (sha256) references blobs (sha256);
        create index files_of_bytes on files (sha256);
        create index files_search on files using gin
            (search_grams(coalesce(name, '') || ' ' || coalesce(description, '')))
            with (gin_pending_list_limit = 256) where deleted_at is null
    """)
    for column, table in _RELATIONS.items():
        op.execute(f"""
            alter table files add foreign key ({column}) references {table} (id)
                on delete set null;
            create index files_of_{column} on files ({column}) where {column} is not null
        """)


def downgrade() -> None:
    op.drop_table("files")
    op.execute("""
        drop table blob_senders, blob_pieces, blobs;
        delete from record_keys where record_type = 'files'
    """)
