"""Statistics of what filters compare: without them the planner takes every text for one in 200, and
reads the whole table where an index in the order of the list would find a page at once."""

from alembic import op

revision = "0010"
down_revision = "0009"
_PLACE = ("city", "state", "postal_code", "country")
_FOLDED = {
    "companies": ("industry", "phone_quality", *_PLACE),
    "contacts": (
        *("job_title", "department", "source", "consent", "email_quality", "phone_quality"),
        *_PLACE,
    ),
}


def upgrade() -> None:
    for table, columns in _FOLDED.items():
        for column in columns:
            op.execute(
                f"create statistics {table}_{column}_folded on (fold({column})) from {table}"
            )


def downgrade() -> None:
    for table, columns in _FOLDED.items():
        for column in columns:
            op.execute(f"drop statistics {table}_{column}_folded")
