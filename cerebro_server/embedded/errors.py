"""What can go wrong with the embedded stores, said so that a person can mend it."""

from __future__ import annotations


class EmbeddedError(Exception):
    """The stores cannot start or go on. The message says why and what to do."""


class AlreadyRunningError(EmbeddedError):
    """Another supervisor holds the data directory; `holder` is what it wrote about itself."""

    def __init__(self, message: str, *, holder: dict[str, object]) -> None:
        super().__init__(message)
        self.holder = holder
