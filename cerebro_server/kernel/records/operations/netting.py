"""What an operation did to one record, all in all: first old and last new value of each field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Pair = tuple[Any, Any]


@dataclass(slots=True)
class Net:
    """The net of some changes of one record, in their order."""

    existed: bool = True
    """Whether it was there before, deleted or not."""
    lived_before: bool = True
    lives_after: bool = True
    version: int = 0
    """Its version after the last of them."""
    fields: dict[str, Pair] = field(default_factory=dict)
    """`(old, new)` by column."""
    maps: dict[str, dict[str, Pair]] = field(default_factory=dict)
    """The same by key of a map."""

    @property
    def is_empty(self) -> bool:
        """Whether all is as it was."""
        return not self.fields and not self.maps and self.lived_before == self.lives_after


def net(changes: Iterable[tuple[str, int, Mapping[str, Any]]]) -> Net:
    """Return the net of changes: (action, version, difference), each as the journal has it."""
    found = Net()
    for number, (action, version, diff) in enumerate(changes):
        if number == 0:
            found.existed = action != "created"
            found.lived_before = action not in ("created", "restored")
            found.lives_after = found.lived_before
        found.version = version
        if action in ("created", "restored"):
            found.lives_after = True
        elif action in ("deleted", "destroyed"):
            found.lives_after = False
        for name, change in diff.items():
            if isinstance(change, Mapping):
                _merge(found.maps.setdefault(name, {}), change)
            else:
                _merge(found.fields, {name: change})
    found.maps = {name: pairs for name, pairs in found.maps.items() if pairs}
    return found


def _merge(into: dict[str, Pair], changes: Mapping[str, Any]) -> None:
    for name, (old, new) in changes.items():
        first = into[name][0] if name in into else old
        if first == new:
            into.pop(name, None)
        else:
            into[name] = (first, new)
