"""Records that are there twice: found by rules, looked at, dismissed, merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from cerebro_sdk._async.operations import AsyncOperations, AsyncPlannedOperation
from cerebro_sdk._async.pages import AsyncPages
from cerebro_sdk._async.resource import AsyncCalls, AsyncPlainCalls, AsyncTypedCalls, Plain, tried
from cerebro_sdk._async.transport import AsyncTransport, Call, segment

if TYPE_CHECKING:
    from cerebro_sdk.schemas.workspace.duplicates import (  # noqa: F401 -- in strings
        DuplicatePair,
        DuplicateRules,
        DuplicateRuleSet,
    )

P = TypeVar("P")
S = TypeVar("S")
_RULES = "workspace.duplicates:DuplicateRules"


class AsyncDuplicateCalls(AsyncCalls, Generic[P, S]):
    """What can be done with the duplicates of a noun."""

    def __init__(self, transport: AsyncTransport, name: str, schema: str) -> None:
        super().__init__(transport, name, schema)
        self._path = f"/v1/duplicates/{segment(name)}"

    async def scan(self) -> AsyncPlannedOperation:
        """Compare all records by the rules, and wait for the end; keeps the pairs that it finds.

        What was dismissed stays so. `op.raw["report"]` says how many there are.

        >>> op = await crm.contacts.duplicates.scan()
        >>> print(op.raw["report"]["pairs"], "pairs")
        """
        kind = f"{self._name}.find_duplicates"
        made: AsyncPlannedOperation = await AsyncOperations(self._transport).create(kind, {})
        return made

    def list(
        self,
        state: Literal["open", "dismissed", "merged"] | None = None,
        *,
        min_score: float | None = None,
        max_score: float | None = None,
        sample: int | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> AsyncPages[P]:
        """List pairs, the surest first; with `sample`, so many by chance, to judge the rules by.

        >>> async for pair in crm.contacts.duplicates.list(min_score=0.9):
        ...     print(pair.score, pair.one_title, pair.other_title)
        """
        return AsyncPages(
            self._transport,
            self._path,
            read=lambda value: self._read(f"{self._schema}:DuplicatePair", value),
            params={
                "state": state,
                "min_score": min_score,
                "max_score": max_score,
                "sample": sample,
            },
            limit=limit,
            page_size=page_size,
        )

    async def get(self, pair: object) -> P:
        """Fetch a pair, both records side by side.

        >>> pair = await crm.contacts.duplicates.get("1a2b3c4d")
        >>> for field in pair.fields:
        ...     print(field.label, field.one, field.other)
        """
        return await self._pair(Call("GET", self._at(pair), is_repeatable=True))

    async def dismiss(self, pair: object, *, dry_run: bool = False) -> P:
        """Say that its records are two; later scans keep that. A `dry_run`, here and below, checks
        everything and writes nothing.

        >>> await crm.contacts.duplicates.dismiss(pair.id)
        """
        return await self._pair(self._verb(pair, "dismiss", dry_run=dry_run))

    async def reopen(self, pair: object, *, dry_run: bool = False) -> P:
        """Take back that it was dismissed.

        >>> await crm.contacts.duplicates.reopen(pair.id)
        """
        return await self._pair(self._verb(pair, "reopen", dry_run=dry_run))

    async def merge_plan(
        self, pairs: Sequence[object] | None = None, *, above: float | None = None
    ) -> AsyncPlannedOperation:
        """Plan to merge pairs: these, by id, or all that are open from a score on.

        Of each group the record that says most stays, of equals the oldest.

        >>> op = await crm.contacts.duplicates.merge_plan(above=0.98)
        >>> print(op.summary)
        >>> await op.apply()
        >>> await op.undo()
        """
        asked: dict[str, Any] = {} if above is None else {"above": above}
        if pairs is not None:
            asked["pairs"] = [str(getattr(pair, "id", pair)) for pair in pairs]
        kind = f"{self._name}.merge"
        operations = AsyncOperations(self._transport)
        made: AsyncPlannedOperation = await operations.create(kind, {"duplicates": asked})
        return made

    async def rules(self) -> S:
        """Fetch the rules by which duplicates are found.

        >>> found = await crm.contacts.duplicates.rules()
        >>> print(found.version, found.rules.review)
        """
        return await self._rules(Call("GET", f"{self._path}/rules", is_repeatable=True))

    async def set_rules(
        self, rules: DuplicateRules | Mapping[str, Any], *, dry_run: bool = False
    ) -> S:
        """Set the rules, all of them; the next scan goes by them.

        >>> rules = (await crm.contacts.duplicates.rules()).rules
        >>> rules.review = 0.6
        >>> await crm.contacts.duplicates.set_rules(rules)
        """
        payload, fields = (None, rules) if isinstance(rules, Mapping) else (rules, {})
        body = self._body(_RULES, payload, fields)
        params = tried(dry_run)
        return await self._rules(
            Call("PUT", f"{self._path}/rules", body=body, params=params, is_repeatable=True)
        )

    async def reset_rules(self, *, dry_run: bool = False) -> S:
        """Go back to the rules that come with Cerebro.

        >>> await crm.contacts.duplicates.reset_rules()
        """
        params = tried(dry_run)
        return await self._rules(
            Call("DELETE", f"{self._path}/rules", params=params, is_repeatable=True)
        )

    async def _pair(self, call: Call) -> P:
        found: P = await self._ask(call, f"{self._schema}:DuplicatePair")
        return found

    async def _rules(self, call: Call) -> S:
        found: S = await self._ask(call, f"{self._schema}:DuplicateRuleSet")
        return found


class AsyncRawDuplicates(AsyncPlainCalls, AsyncDuplicateCalls[Plain, Plain]):
    """Duplicates as plain dicts."""


class AsyncDuplicates(AsyncTypedCalls, AsyncDuplicateCalls["DuplicatePair", "DuplicateRuleSet"]):
    """Records that are there twice: found by rules, looked at, dismissed, merged."""
