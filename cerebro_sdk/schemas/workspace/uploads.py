"""Uploads: files for operations to read."""

from __future__ import annotations

from uuid import UUID

from pydantic import ConfigDict, Field

from cerebro_sdk.schemas.shape import Shape


class Upload(Shape):
    """A file, as far as it has arrived."""

    model_config = ConfigDict(extra="ignore")

    id: UUID = Field(description="Its id; an import takes it as `upload_id`.")
    name: str | None = Field(default=None, description="What the file is called.")
    size: int = Field(description="How many bytes have arrived.")
