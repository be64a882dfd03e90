"""Tasks, activities with their attendees, notes, and who follows what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from cerebro_server.kernel.db.ddl import create_record_table

revision = "0029"
down_revision = "0028"
_LINKS = {"contact": "contacts", "company": "companies", "deal": "deals", "lead": "leads"}
_TABLES = ("follows", "notes", "attendees", "activities", "tasks")


def upgrade() -> None:
    _tasks()
    _activities()
    _notes()
    for table in ("tasks", "activities", "notes"):
        _name_records(table, _LINKS, "set null")
    _attendees()
    _follows()


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True))


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def _links() -> list[sa.Column[object]]:
    return [sa.Column(f"{name}_id", sa.Uuid) for name in _LINKS]


def _owned() -> list[sa.Column[object]]:
    return [
        *_links(),
        sa.Column("owner_id", sa.Uuid),
        sa.Column("custom", JSONB, nullable=False, server_default=sa.text("'{}'")),
    ]


def _name_records(table: str, links: dict[str, str], on_delete: str) -> None:
    """Tie the columns that name records to these, each with an index over those that name one."""
    for name, target in links.items():
        op.execute(
            f"alter table {table} add foreign key ({name}_id) references {target} (id) "
            f"on delete {on_delete}"
        )
        op.execute(
            f"create index {table}_of_{name} on {table} ({name}_id, id) where {name}_id is not null"
        )


def _search(table: str, words: str) -> None:
    op.execute(
        f"create index {table}_search on {table} using gin (search_grams({words})) "
        "with (gin_pending_list_limit = 256) where deleted_at is null"
    )


def _tasks() -> None:
    create_record_table(
        op,
        "tasks",
        _text("subject"),
        _text("status", "open"),
        _text("priority", "normal"),
        sa.Column("start_on", sa.Date),
        *map(_time, ("due_at", "completed_at")),
        *_owned(),
        texts="description team",
        sorted_by=["fold(subject)", "fold(status)", "due_at", "owner_id", "team"],
    )
    op.execute("""
        alter table tasks
            add check (status in ('open', 'in_progress', 'waiting', 'completed', 'cancelled')),
            add check (priority in ('low', 'normal', 'high', 'urgent')),
            add check ((status = 'completed') = (completed_at is not null))
    """)
    _search("tasks", "coalesce(subject, '') || ' ' || coalesce(description, '')")


def _activities() -> None:
    create_record_table(
        op,
        "activities",
        *map(_text, ("subject", "type")),
        _text("status", "held"),
        *map(_time, ("starts_at", "ends_at")),
        sa.Column("duration_seconds", sa.Integer),
        *_owned(),
        texts="description direction outcome from_address to_address recording_url location "
        "join_url ics_uid message_id team",
        sorted_by=["fold(subject)", "fold(type)", "fold(status)", "starts_at", "owner_id", "team"],
    )
    op.execute("""
        alter table activities
            add check (type in ('call', 'meeting', 'mail', 'message', 'other')),
            add check (status in ('planned', 'held', 'not_held', 'cancelled')),
            add check (direction in ('in', 'out')),
            add check (ends_at >= starts_at),
            add check (duration_seconds >= 0);
        create index activities_by_ics_uid on activities (ics_uid) where ics_uid is not null;
        create index activities_by_message_id on activities (message_id)
            where message_id is not null
    """)
    _search("activities", "coalesce(subject, '') || ' ' || coalesce(description, '')")


def _notes() -> None:
    create_record_table(
        op,
        "notes",
        _text("text"),
        *map(_flag, ("is_pinned", "is_internal")),
        *_owned(),
        texts="team",
        sorted_by=["owner_id", "team"],
    )
    _search("notes", "coalesce(text, '')")


def _attendees() -> None:
    create_record_table(
        op,
        "attendees",
        sa.Column("activity_id", sa.Uuid, nullable=False),
        *(sa.Column(name, sa.Uuid) for name in ("contact_id", "lead_id", "user_id")),
        _text("acceptance", "none"),
        texts="role",
    )
    _name_records(
        "attendees",
        {"activity": "activities", "contact": "contacts", "lead": "leads"},
        "cascade",
    )
    op.execute("""
        alter table attendees
            add check (num_nonnulls(contact_id, lead_id, user_id) = 1),
            add check (acceptance in ('none', 'accepted', 'declined', 'tentative'));
        create index attendees_of_user on attendees (user_id) where user_id is not null;
        create unique index attendees_once
            on attendees (activity_id, coalesce(contact_id, lead_id, user_id))
            where deleted_at is null
    """)


def _follows() -> None:
    create_record_table(
        op,
        "follows",
        sa.Column("user_id", sa.Uuid, nullable=False),
        *_links(),
        texts="note",
        sorted_by=["user_id"],
    )
    _name_records("follows", _LINKS, "cascade")
    op.execute("""
        alter table follows
            add check (num_nonnulls(contact_id, company_id, deal_id, lead_id) = 1);
        create unique index follows_once
            on follows (user_id, coalesce(contact_id, company_id, deal_id, lead_id))
            where deleted_at is null
    """)


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
    names = ", ".join(f"'{table}'" for table in _TABLES)
    op.execute(f"delete from record_keys where record_type in ({names})")
