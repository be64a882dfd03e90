"""When two links of a deal and a contact say the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cerebro_server.kernel.query import fold


def is_same_part(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether two links of a deal with a contact are one: both in one role, or one in none."""
    roles = [fold(each["role"] or "") for each in (first, second)]
    return not all(roles) or roles[0] == roles[1]
