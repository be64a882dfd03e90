# Generated from ../_async/locking.py by tools/sync_client.py; do not edit.
"""Records that can be locked."""

from __future__ import annotations

from typing import Generic

from cerebro_sdk._sync.resource import Calls, R, if_match, tried
from cerebro_sdk._sync.transport import Call


class Lockable(Calls, Generic[R]):
    """Records that can be locked, so that nobody changes them."""

    def lock(self, ref: object, version: int | None = None, *, dry_run: bool = False) -> R:
        """Lock a record: until it is unlocked, changes of it are refused with a ConflictError.

        With `version`, only if the record still has it. One that is locked stays as it is.

        >>> contact = crm.contacts.lock("ada@example.com")
        >>> print(contact.locked_at)
        """
        return self._turn("lock", ref, version, dry_run=dry_run)

    def unlock(self, ref: object, version: int | None = None, *, dry_run: bool = False) -> R:
        """Unlock a record; one that is not locked stays as it is. With `version`, only if the
        record still has it.

        >>> crm.contacts.unlock("ada@example.com")
        """
        return self._turn("unlock", ref, version, dry_run=dry_run)

    def _turn(self, verb: str, ref: object, version: int | None, *, dry_run: bool) -> R:
        headers = if_match(version)
        call = Call("POST", f"{self._at(ref)}/{verb}", params=tried(dry_run), headers=headers)
        record: R = self._ask(call)
        return record
