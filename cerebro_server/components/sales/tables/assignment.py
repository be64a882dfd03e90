"""Assignment rules and their members."""

from __future__ import annotations

from uuid import UUID

from cerebro_server.kernel.fields import RecordRow


class AssignmentRuleRow(RecordRow, table=True):
    """Rules by which leads without an owner get one."""

    __tablename__ = "assignment_rules"

    name: str
    position: int
    is_active: bool = True
    where: str | None = None
    method: str = "round_robin"
    team: str | None = None


class AssignmentMemberRow(RecordRow, table=True):
    """The people among whom a rule shares out leads."""

    __tablename__ = "assignment_members"

    rule_id: UUID
    user_id: UUID
    capacity_per_month: int | None = None
    is_active: bool = True
