"""What all schemas are made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """A part of the wire. Its validator is built when it is first used: there are hundreds, and
    whoever starts needs a few of them."""

    model_config = ConfigDict(defer_build=True)
