"""Where in a mapping file something is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class Places:
    """The lines of a mapping file, be it TOML or JSON."""

    def __init__(self, text: str, path: Path | None) -> None:
        self._lines = text.splitlines()
        self._path = path

    def of(self, *words: str) -> str | None:
        """Return the place of a word, looked for after the words before it: `dump.toml, line 3`."""
        if self._path is None:
            return None
        at = -1
        for word in words:
            found = self._after(at, word)
            at = at if found is None else found
        return str(self._path) if at < 0 else f"{self._path}, line {at + 1}"

    def of_error(self, wrong: Sequence[Mapping[str, Any]]) -> str | None:
        """Return the place that the first of a server's errors is about; None where that is not
        in the mapping file."""
        for each in wrong:
            file, detail = each.get("file"), str(each.get("detail") or "")
            if not isinstance(file, str) or self._after(-1, file) is None:
                continue
            start = self._after(-1, file) or 0
            inner = next((i for i in self._section(start) if self._said_in(i, detail)), None)
            return f"{self._path}, line {(start if inner is None else inner) + 1}"
        return None

    def _after(self, at: int, word: str) -> int | None:
        start = max(at, 0)
        return next((i for i in range(start, len(self._lines)) if word in self._lines[i]), None)

    def _section(self, start: int) -> range:
        """Return the lines up to the next table of another file."""
        for index in range(start + 1, len(self._lines)):
            line = self._lines[index].strip()
            if line.startswith("[") and "columns" not in line and "values" not in line:
                return range(start + 1, index)
        return range(start + 1, len(self._lines))

    def _said_in(self, index: int, detail: str) -> bool:
        """Whether a line sets what an error speaks of: a column or a field, in quotes there."""
        line = self._lines[index].strip().strip("{},")
        key, _, value = line.partition("=" if "=" in line else ":")
        words = (key.strip().strip("\"'"), value.strip().strip("\"',"))
        return any(word and f"'{word}'" in detail for word in words)
