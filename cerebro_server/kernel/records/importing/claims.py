"""The keys within one file: of several rows with the same key, the first has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cerebro_server.kernel.query import fold


class Claims:
    """Which row of a file claims which key; compared as `record_keys` compares."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys
        self._lines: dict[tuple[str, str], int] = {}

    def claim(self, values: dict[str, Any], line: int) -> dict[str, int]:
        """Claim the keys of a row; return `{key: line that has it}` of those that are taken.

        A row that lacks one of its keys will not be written, so it claims nothing.
        """
        found = dict(self._of(values))
        taken = {key: self._lines[key, v] for key, v in found.items() if (key, v) in self._lines}
        if not taken:
            self._lines |= dict.fromkeys(found.items(), line)
        return taken

    def _of(self, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
        for key in self._keys:
            if value := value_of(key, values):
                yield key, value if "." in key else fold(value)


def value_of(key: str, values: dict[str, Any]) -> str | None:
    """Return the value of `external_ids.<source>` or of a natural key in a row's values."""
    parent, _, source = key.partition(".")
    if source:
        return (values.get(parent) or {}).get(source)
    return values.get(parent)
