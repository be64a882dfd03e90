"""Why deals are lost."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.lost_reasons import (
    LostReason,
    LostReasonCreate,
    LostReasonUpdate,
)
from cerebro_server.components.sales.tables.deals import LostReasonRow
from cerebro_server.kernel.fields import RecordType

lost_reasons = RecordType(
    wire=LostReason,
    create=LostReasonCreate,
    update=LostReasonUpdate,
    row=LostReasonRow,
    is_setting=True,
    goes_along=True,
)
