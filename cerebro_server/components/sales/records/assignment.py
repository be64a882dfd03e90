"""Assignment rules and their members."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.assignment_members import (
    AssignmentMember,
    AssignmentMemberCreate,
    AssignmentMemberUpdate,
)
from cerebro_sdk.schemas.sales.assignment_rules import (
    AssignmentRule,
    AssignmentRuleCreate,
    AssignmentRuleUpdate,
)
from cerebro_server.components.sales.rules import assignment as rules
from cerebro_server.components.sales.tables.assignment import (
    AssignmentMemberRow,
    AssignmentRuleRow,
)
from cerebro_server.kernel.fields import RecordType, Relation

assignment_rules = RecordType(
    wire=AssignmentRule,
    create=AssignmentRuleCreate,
    update=AssignmentRuleUpdate,
    row=AssignmentRuleRow,
    is_setting=True,
    rules=rules.assignment_rules,
    update_rules=rules.changed_assignment_rules,
    watched=frozenset({"where", "deleted_at"}),
    relations={
        "members": Relation("assignment_members", there="rule_id"),
        "leads": Relation("leads", there="assignment_rule_id"),
    },
)
assignment_members = RecordType(
    wire=AssignmentMember,
    create=AssignmentMemberCreate,
    update=AssignmentMemberUpdate,
    row=AssignmentMemberRow,
    is_setting=True,
    refers={"rule_id": "assignment_rules"},
    ends={"rule_id": assignment_rules},
    relations={
        "rule": Relation("assignment_rules", here="rule_id"),
        "user": Relation("users", here="user_id"),
    },
)
