"""Where a form that is sent without a script leads to, and what is said where it leads nowhere."""

from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.execute("""
        alter table lead_forms add thanks_url text collate "C", add thanks text collate "C"
    """)


def downgrade() -> None:
    # the triggers name the columns; upgrading makes them anew
    op.execute("""
        drop trigger if exists _journal_insert on lead_forms;
        drop trigger if exists _journal_update on lead_forms;
        drop trigger if exists _journal_delete on lead_forms;
        alter table lead_forms drop thanks_url, drop thanks
    """)
