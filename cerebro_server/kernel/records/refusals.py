"""What rules refused, as the problem of a request."""

from __future__ import annotations

from cerebro_server.kernel.errors import Forbidden, ValidationFailed
from cerebro_server.kernel.fields import Batch


def refused(batch: Batch) -> ValidationFailed | Forbidden:
    """Return the error for a batch of one that rules refused, be it for want of a right alone."""
    errors = [
        {"pointer": f"/{r.field}" if r.field else "", "code": r.code, "detail": r.message}
        for r in batch.refusals
    ]
    said = "; ".join(r.message for r in batch.refusals)
    if all(r.code == Forbidden.code for r in batch.refusals):
        return Forbidden(said, errors=errors)
    return ValidationFailed(said, errors=errors)
