"""Notes and follows."""

from __future__ import annotations

from cerebro_sdk.schemas.activities.follows import Follow, FollowCreate, FollowUpdate
from cerebro_sdk.schemas.activities.notes import Note, NoteCreate, NoteUpdate
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
from cerebro_server.components.activities.tables.notes import FollowRow, NoteRow
from cerebro_server.kernel.fields import Carried, RecordType, Relation, Searched

notes = RecordType(
    wire=Note,
    create=NoteCreate,
    update=NoteUpdate,
    row=NoteRow,
    rules=rules.notes,
    update_rules=rules.notes,
    watched=frozenset(LINKS),
    presets=presets.NOTES,
    files=("note", "notes", "comment", "comments", "mail.message", "Message (mail.message)"),
    also_called={"text": {"English": ("note", "content", "body", "note body")}},
    import_parents=PARENTS,
    owner="owner_id",
    team="team",
    relations={**OWNER, **RELATIONS},
    refers=REFERS,
    attached=LINKS,
    told_at=("source_created_at",),
    carried=Carried.NAMES_MORE,
    searched=(Searched("text"),),
)
follows = RecordType(
    wire=Follow,
    create=FollowCreate,
    update=FollowUpdate,
    row=FollowRow,
    is_personal=True,
    rules=rules.follows,
    update_rules=rules.changed_follows,
    watched=frozenset({"user_id", *LINKS}),
    files=("follow", "follows", "follower", "followers", "subscription", "subscriptions"),
    also_called={"user_id": {"English": ("follower", "follower email", "user email")}},
    import_parents=NEEDED,
    owner="user_id",
    refers=REFERS,
    ends=ENDS,
    same_by=("user_id", *LINKS),
    relations={"user": Relation("users", here="user_id"), **RELATIONS},
    carried=Carried.IS_COPIED,
)
