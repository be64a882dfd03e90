"""Parquet from rows of JSON: typed columns, written a group of rows at a time.

Apache Parquet format, version 2.6; pyarrow is an extra, so it is imported when it is needed.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.errors import Invalid
from cerebro_server.kernel.records.exporting.columns import Column

EXTRA = "parquet"
"""The extra of cerebro-platform that brings pyarrow."""
_GROUP = 20_000  # rows; some 20 MB of Python objects
_DIGITS, _DECIMALS = 38, 12  # of custom numbers: the most that they may have


def check() -> None:
    """Raise `Invalid` where pyarrow is not installed."""
    if find_spec("pyarrow") is None:
        raise Invalid(
            "This server cannot write Parquet: pyarrow is not installed there. "
            f"pip install 'cerebro-platform[{EXTRA}]'",
            errors=[{"parameter": "format", "code": "not_installed", "detail": "Needs pyarrow."}],
        )


class Table:
    """A Parquet file while it is written; `take` hands out what has come to be of it."""

    def __init__(self, columns: Sequence[Column]) -> None:
        import pyarrow as pa  # here: an extra, and 40 ms
        from pyarrow import parquet

        self._arrow = pa
        self._columns = [(column.name, *_typed(pa, column)) for column in columns]
        self._schema = pa.schema([(name, kind) for name, kind, _ in self._columns])
        self._sink = _Sink()
        self._writer = parquet.ParquetWriter(self._sink, self._schema, compression="zstd")
        self._rows: list[list[Any]] = []

    def write(self, lines: Iterable[bytes]) -> bytes:
        """Take rows, each a JSON object with the columns in their order; return what there is to
        hand on."""
        for line in lines:
            self._rows.append(list(json.loads(line).values()))
            if len(self._rows) == _GROUP:
                self._flush()
        return self._sink.take()

    def close(self) -> bytes:
        """End the file; return the rest of it."""
        self._flush()
        self._writer.close()
        return self._sink.take()

    def _flush(self) -> None:
        if not self._rows:
            return
        pa = self._arrow
        arrays = []
        for place, (_, kind, read) in enumerate(self._columns):
            values = (row[place] for row in self._rows)
            arrays.append(pa.array([v if v is None else read(v) for v in values], kind))
        self._rows = []
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))


class _Sink(io.RawIOBase):
    """Where pyarrow writes: kept until it is taken."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._taken = 0

    def writable(self) -> bool:
        """As every file says that is open for writing."""
        return True

    def tell(self) -> int:
        """Return how much was written in all."""
        return self._taken + len(self._held)

    def write(self, data: Any) -> int:
        """Keep what is written."""
        view = memoryview(data)
        self._held += view
        return view.nbytes

    def take(self) -> bytes:
        """Return what was written since the last time."""
        held = bytes(self._held)
        self._taken += len(held)
        self._held.clear()
        return held


def _typed(pa: Any, column: Column) -> tuple[Any, Callable[[Any], Any]]:
    """Return a column's type, and what makes a value of it of one of JSON."""
    decimals = _DECIMALS if column.decimals is None else column.decimals
    text = (pa.string(), _text)
    types: dict[Kind, tuple[Any, Callable[[Any], Any]]] = {
        Kind.INTEGER: (pa.int64(), int),
        Kind.BOOLEAN: (pa.bool_(), bool),
        Kind.DECIMAL: (pa.decimal128(_DIGITS, decimals), _number),
        Kind.DATE: (pa.date32(), date.fromisoformat),
        Kind.DATETIME: (pa.timestamp("us", tz="UTC"), datetime.fromisoformat),
        Kind.KEYS: (pa.list_(pa.string()), _words),
    }
    return text if column.is_text else types.get(column.kind, text)


def _number(value: Any) -> Decimal:
    return Decimal(str(value))


def _words(value: Any) -> list[str]:
    return [_text(item) for item in value] if isinstance(value, list) else [_text(value)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
