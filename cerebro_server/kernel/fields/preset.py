"""Presets: how another product's export maps to our fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preset:
    """The columns of another product's export. Headers are compared without case."""

    source: str
    """The key under `external_ids`."""
    key: str
    """The column with the record's id there; a second import finds the record by it."""
    columns: Mapping[str, str]
    """`{column: field}`."""
    deleted: str | None = None
    """The column that is true for rows that were deleted there; such rows are skipped."""
