"""What the API child of `cerebro up` tells its supervisor: lines of JSON on a pipe."""

from __future__ import annotations

import json
import os
from typing import Any


def tell(pipe: int | None, event: str, **facts: Any) -> None:
    """Report an event: `installed`, `ready` or `failed`. Without a pipe nobody wants to know."""
    if pipe is not None:
        os.write(pipe, json.dumps({"event": event, **facts}).encode() + b"\n")
