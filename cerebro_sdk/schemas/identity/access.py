"""Why somebody may do something, or may not."""

from __future__ import annotations

from uuid import UUID

from pydantic import ConfigDict, Field

from cerebro_sdk.schemas.shape import Shape


class Reason(Shape):
    """What one role says."""

    model_config = ConfigDict(extra="ignore")

    role: str = Field(description="The role's key.")
    allows: bool = Field(description="Whether this role allows it.")
    detail: str = Field(description="Why, in one sentence.")


class Explanation(Shape):
    """Whether a user may do something with a record, and why."""

    model_config = ConfigDict(extra="ignore")

    user_id: UUID = Field(description="The user.")
    record_type: str = Field(description="The record's noun.")
    record_id: UUID = Field(description="The record.")
    action: str = Field(description="What is to be done: `read`, `update`.")
    allowed: bool = Field(description="Whether the user may.")
    detail: str = Field(description="The answer in one sentence.")
    reasons: list[Reason] = Field(description="What each role of the user says.")
    fields: dict[str, str] = Field(
        description="Fields that are not plain for the user: `hidden`, `masked`, `read_only`."
    )


class MatrixRow(Shape):
    """Who has one permission."""

    model_config = ConfigDict(extra="ignore")

    permission: str = Field(description="`<noun>:<action>`.")
    allows: str = Field(description="What it allows.")
    roles: dict[str, str] = Field(description="`own`, `team` or `all` by role that has it.")


class Matrix(Shape):
    """Every permission with the roles that have it."""

    model_config = ConfigDict(extra="ignore")

    rows: list[MatrixRow] = Field(description="One row a permission.")
