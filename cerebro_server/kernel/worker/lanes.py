"""Who runs next: fair shares of a worker's places for every kind of job in every workspace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

Lane = tuple[str, str]
"""A schema and a kind."""


class Lanes:
    """Counts what runs, and divides what is free.

    A lane that is hungry shares the free places with the other hungry ones; one of which nothing
    runs gets a place even where none is free, as long as twice the places are not taken. So nobody
    waits behind ten thousand of another.
    """

    def __init__(self, kinds: Sequence[str], places: int) -> None:
        self._kinds = kinds
        self._places = places
        self._running: Counter[Lane] = Counter()
        self._hungry: set[Lane] = set()
        self._in_vain: dict[Lane, int] = {}
        """When lanes were asked last that had nothing, in turns."""
        self._turn = 0

    @property
    def free(self) -> int:
        """How many places are free."""
        return max(0, self._places - self._running.total())

    def shares(self, schema: str) -> dict[str, int]:
        """Return how many jobs of each kind may be taken from a workspace now."""
        lanes = [(schema, kind) for kind in self._kinds]
        others = {lane[0] for lane in self._hungry if lane[0] != schema}
        here = -(-self.free // (len(others) + 1))  # rounded up: a single place goes to somebody
        hungry = [lane for lane in lanes if lane in self._hungry]
        spare = 2 * self._places - self._running.total()
        share = -(-here // (len(hungry or lanes) or 1))
        found = {}
        # first those that were not asked in vain: a lane without jobs must not keep others waiting
        for lane in sorted(lanes, key=lambda lane: self._in_vain.get(lane, 0)):
            most = share if lane in self._hungry or not hungry else min(1, here)
            if lane not in self._running and spare > 0:
                most = max(1, most)
                spare -= 1
            found[lane[1]] = most
        return {kind: most for kind, most in found.items() if most > 0}

    def took(self, schema: str, shares: dict[str, int], kinds: Sequence[str]) -> bool:
        """Note which jobs were taken; tell whether some lane may hold more."""
        taken = Counter(kinds)
        self._turn += 1
        for kind, most in shares.items():
            lane = (schema, kind)
            if taken[kind]:
                self._running[lane] += taken[kind]
                self._in_vain.pop(lane, None)
            else:
                self._in_vain[lane] = self._turn
            if taken[kind] >= most:
                self._hungry.add(lane)
            else:
                self._hungry.discard(lane)
        return any(lane[0] == schema for lane in self._hungry)

    def left(self, schema: str, kind: str) -> None:
        """Note that a job has ended."""
        self._running[schema, kind] -= 1
        if not self._running[schema, kind]:
            del self._running[schema, kind]
