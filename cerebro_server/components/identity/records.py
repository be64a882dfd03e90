"""Record types of the identity component."""

from __future__ import annotations

from cerebro_sdk.schemas.identity.keys import Key, KeyCreate
from cerebro_sdk.schemas.identity.roles import Role, RoleCreate, RoleUpdate
from cerebro_sdk.schemas.identity.sessions import Session
from cerebro_sdk.schemas.identity.teams import Team, TeamCreate, TeamUpdate
from cerebro_sdk.schemas.identity.users import User, UserCreate, UserUpdate
from cerebro_server.components.identity import rules
from cerebro_server.components.identity.tables import (
    KeyRow,
    RoleRow,
    SessionRow,
    TeamRow,
    UserRow,
)
from cerebro_server.kernel.fields import RecordType, Relation

users = RecordType(
    wire=User,
    create=UserCreate,
    update=UserUpdate,
    row=UserRow,
    rules=rules.users,
    update_rules=rules.users,
    kept=("disabled_at", "password_changed_at"),
    owner="id",
    actions={
        "invite": "Send {noun} an invitation to choose a password.",
        "disable": "Keep {noun} from signing in, and let them in again.",
    },
)
teams = RecordType(
    wire=Team,
    create=TeamCreate,
    update=TeamUpdate,
    row=TeamRow,
    update_rules=rules.changed_teams,
    watched=frozenset({"parent_id", "deleted_at"}),
    asked_again=frozenset({"parent_id"}),
    refers={"parent_id": "teams"},
    relations={
        "parent": Relation("teams", here="parent_id"),
        "manager": Relation("users", here="manager_id"),
    },
)
roles = RecordType(
    wire=Role,
    create=RoleCreate,
    update=RoleUpdate,
    row=RoleRow,
    rules=rules.roles,
    update_rules=rules.roles,
    kept=("is_built_in",),
)
keys = RecordType(
    wire=Key,
    create=KeyCreate,
    row=KeyRow,
    update_rules=rules.belongings,
    kept=("user_id", "prefix", "revoked_at"),
    owner="user_id",
    actions={
        "create": "Make {noun} of one's own.",
        "revoke": "End {noun} for good.",
    },
)
sessions = RecordType(
    wire=Session,
    row=SessionRow,
    update_rules=rules.belongings,
    kept=("user_id", "client", "address", "ended_at", "ended_because"),
    owner="user_id",
    actions={"end": "End {noun}: sign somebody out."},
)
