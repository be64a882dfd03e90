"""Activities and their attendees."""

from __future__ import annotations

from cerebro_sdk.schemas.activities.activities import Activity, ActivityCreate, ActivityUpdate
from cerebro_sdk.schemas.activities.attendees import Attendee, AttendeeCreate, AttendeeUpdate
from cerebro_server.components.activities import presets
from cerebro_server.components.activities.records.links import (
    ENDS,
    NEEDED,
    OWNER,
    PARENTS,
    REFERS,
    RELATIONS,
)
from cerebro_server.components.activities.rules import activities as rules
from cerebro_server.components.activities.rules.links import LINKS
from cerebro_server.components.activities.tables.activities import ActivityRow, AttendeeRow
from cerebro_server.kernel.fields import Carried, ImportParent, RecordType, Relation, Searched, Via

_WHO = Via("attendees", here="activity_id", there="contact_id")

activities = RecordType(
    wire=Activity,
    create=ActivityCreate,
    update=ActivityUpdate,
    row=ActivityRow,
    rules=rules.activities,
    update_rules=rules.changed_activities,
    watched=frozenset({*LINKS, *rules.TIMES}),
    presets=presets.ACTIVITIES,
    files=(
        *("activity", "activities", "call", "calls", "meeting", "meetings", "event", "events"),
        *("calendar.event", "Calendar Event (calendar.event)"),
    ),
    also_called={
        "subject": {"English": ("title", "activity title", "meeting name")},
        "type": {"English": ("activity type",)},
        "starts_at": {"English": ("start", "start time", "date", "activity date")},
        "ends_at": {"English": ("end", "end time")},
        "description": {"English": ("notes", "body")},
    },
    import_parents=PARENTS,
    owner="owner_id",
    team="team",
    relations={
        **OWNER,
        **RELATIONS,
        "attendees": Relation("attendees", there="activity_id"),
        "attending": Relation("contacts", via=_WHO),
    },
    refers=REFERS,
    told_at=("starts_at",),
    carried=Carried.NAMES_MORE,
    searched=(Searched("subject"), Searched("description", 0.4)),
)
attendees = RecordType(
    wire=Attendee,
    create=AttendeeCreate,
    update=AttendeeUpdate,
    row=AttendeeRow,
    rules=rules.attendees,
    update_rules=rules.changed_attendees,
    watched=frozenset({"activity_id", *rules.PERSONS}),
    files=("attendee", "attendees", "participant", "participants", "invitee", "invitees"),
    also_called={
        "acceptance": {"English": ("answer", "response", "rsvp")},
        "user_id": {"English": ("user email", "colleague")},
    },
    import_parents={
        "activity": ImportParent(
            "activities",
            here="activity_id",
            by=("subject",),
            created_by="",
            called=("activity subject", "meeting", "event", "call"),
        ),
        "contact": NEEDED["contact"],
        "lead": NEEDED["lead"],
    },
    refers={"activity_id": "activities", "contact_id": "contacts", "lead_id": "leads"},
    ends={"activity_id": activities, "contact_id": ENDS["contact_id"], "lead_id": ENDS["lead_id"]},
    part_of="activity_id",
    same_by=("activity_id", *rules.PERSONS),
    relations={
        "activity": Relation("activities", here="activity_id"),
        "contact": Relation("contacts", here="contact_id"),
        "lead": Relation("leads", here="lead_id"),
        "user": Relation("users", here="user_id"),
    },
)
