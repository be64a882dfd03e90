"""What is sent along when a deal is won, lost, opened again, moved or assigned."""

from __future__ import annotations

from cerebro_sdk.schemas.base import Payload, field
from cerebro_sdk.schemas.kinds import Amount, Line, RecordRef, TeamKey, Text, Timestamp, UserRef

_CLOSED = ("Closed", "When that was (UTC); now, unless told otherwise.")


class DealWin(Payload):
    """How a deal was won."""

    stage: Line | None = field("Stage", "Which won stage; the pipeline's first.")
    amount: Amount | None = field("Amount", "What it came to in the end.")
    closed_at: Timestamp | None = field(*_CLOSED)


class DealLose(Payload):
    """Why a deal was lost."""

    lost_reason_id: RecordRef | None = field(
        "Lost reason", "Why: an id or a name; needed, unless the deal has one."
    )
    lost_note: Text | None = field("Lost note", "More about it; some reasons need it.")
    stage: Line | None = field("Stage", "Which lost stage; the pipeline's first.")
    closed_at: Timestamp | None = field(*_CLOSED)


class DealReopen(Payload):
    """Where a deal goes on."""

    stage: Line | None = field("Stage", "Which open stage; the one that it was closed in.")


class DealMove(Payload):
    """Where a deal goes: into a stage, beside another deal, or both."""

    stage: Line | None = field(
        "Stage", "The key or the label of the stage; that of the deal that it goes beside."
    )
    pipeline_id: RecordRef | None = field("Pipeline", "Its pipeline; the deal's own.")
    before: RecordRef | None = field("Before", "The deal that it stands right before from now on.")
    after: RecordRef | None = field("After", "The deal that it stands right after from now on.")


class DealAssign(Payload):
    """Whose a deal becomes."""

    owner_id: UserRef | None = field("Owner", "The user who is responsible from now on.")
    team: TeamKey | None = field("Team", "The team that shares it from now on.")
