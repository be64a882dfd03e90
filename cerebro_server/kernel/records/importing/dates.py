"""Since when records are there, where a dump tells it: `created_at` and `updated_at`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from cerebro_sdk.schemas.kinds import Timestamp
from cerebro_server.kernel.records.customizing import Wrong
from cerebro_server.kernel.records.validation import message

NAMES: Final = ("created_at", "updated_at")
_ADAPTER: TypeAdapter[datetime] = TypeAdapter(Timestamp)


class Dates:
    """Reads the columns with the times of a record, which no payload has."""

    def __init__(
        self, columns: Mapping[str, int], readers: Mapping[int, Callable[[str], Any]], now: datetime
    ) -> None:
        self.columns = columns
        """`{created_at: index of the column}`"""
        self._readers = readers
        self._now = now

    def of(self, cells: Sequence[Any]) -> tuple[dict[str, str], list[Wrong]]:
        """Return the times that a row says, and what is wrong with them."""
        found: dict[str, str] = {}
        wrong: list[Wrong] = []
        for name, index in self.columns.items():
            cell = cells[index] if index < len(cells) else ""
            text = cell.strip() if isinstance(cell, str) else cell
            if text in ("", None):
                continue
            read = self._readers.get(index)
            try:
                moment = _ADAPTER.validate_python(_in_utc(read(text) if read else text))
            except ValidationError as error:
                detail = error.errors(include_url=False, include_context=False)[0]
                wrong.append(Wrong(name, detail["type"], message(detail)))
                continue
            if moment > self._now:
                wrong.append(Wrong(name, "in_the_future", "It lies in the future."))
            found[name] = moment.isoformat()
        return found, wrong


def _in_utc(said: Any) -> Any:
    """Read a day, or a time without a zone, as UTC; what is neither is left to be judged."""
    try:
        moment = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return said
    is_open = moment is not None and moment.tzinfo is None
    return moment.replace(tzinfo=UTC).isoformat() if moment is not None and is_open else said
