"""What becomes of records that name one which becomes others, as a lead that is converted does."""

from __future__ import annotations

from enum import StrEnum


class Carried(StrEnum):
    """How a record goes along; it keeps naming what it named in any case."""

    NAMES_MORE = "names_more"
    """It names what that record became, too, where it names none of that kind yet."""
    IS_COPIED = "is_copied"
    """It names one record only, so one more is made, which names what that record became."""
