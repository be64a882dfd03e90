# Generated from ../_async/duplicates.py by tools/sync_client.py; do not edit.
"""Records that are there twice: found by rules, looked at, dismissed, merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from cerebro_sdk._sync.operations import Operations, PlannedOperation
from cerebro_sdk._sync.pages import Pages
from cerebro_sdk._sync.resource import Calls, PlainCalls, TypedCalls, Plain, tried
from cerebro_sdk._sync.transport import Transport, Call, segment

if TYPE_CHECKING:
    from cerebro_sdk.schemas.workspace.duplicates import (  # noqa: F401 -- in strings
        DuplicatePair,
        DuplicateRules,
        DuplicateRuleSet,
    )

P = TypeVar("P")
S = TypeVar("S")
_RULES = "workspace.duplicates:DuplicateRules"


class DuplicateCalls(Calls, Generic[P, S]):
    """What can be done with the duplicates of a noun."""

    def __init__(self, transport: Transport, name: str, schema: str) -> None:
        super().__init__(transport, name, schema)
        self._path = f"/v1/duplicates/{segment(name)}"

    def scan(self) -> PlannedOperation:
        """Compare all records by the rules, and wait for the end; keeps the pairs that it finds.

        What was dismissed stays so. `op.raw["report"]` says how many there are.

        >>> op = crm.contacts.duplicates.scan()
        >>> print(op.raw["report"]["pairs"], "pairs")
        """
        kind = f"{self._name}.find_duplicates"
        made: PlannedOperation = Operations(self._transport).create(kind, {})
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
    ) -> Pages[P]:
        """List pairs, the surest first; with `sample`, so many by chance, to judge the rules by.

        >>> for pair in crm.contacts.duplicates.list(min_score=0.9):
        ...     print(pair.score, pair.one_title, pair.other_title)
        """
        return Pages(
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

    def get(self, pair: object) -> P:
        """Fetch a pair, both records side by side.

        >>> pair = crm.contacts.duplicates.get("1a2b3c4d")
        >>> for field in pair.fields:
        ...     print(field.label, field.one, field.other)
        """
        return self._pair(Call("GET", self._at(pair), is_repeatable=True))

    def dismiss(self, pair: object, *, dry_run: bool = False) -> P:
        """Say that its records are two; later scans keep that. A `dry_run`, here and below, checks
        everything and writes nothing.

        >>> crm.contacts.duplicates.dismiss(pair.id)
        """
        return self._pair(self._verb(pair, "dismiss", dry_run=dry_run))

    def reopen(self, pair: object, *, dry_run: bool = False) -> P:
        """Take back that it was dismissed.

        >>> crm.contacts.duplicates.reopen(pair.id)
        """
        return self._pair(self._verb(pair, "reopen", dry_run=dry_run))

    def merge_plan(
        self, pairs: Sequence[object] | None = None, *, above: float | None = None
    ) -> PlannedOperation:
        """Plan to merge pairs: these, by id, or all that are open from a score on.

        Of each group the record that says most stays, of equals the oldest.

        >>> op = crm.contacts.duplicates.merge_plan(above=0.98)
        >>> print(op.summary)
        >>> op.apply()
        >>> op.undo()
        """
        asked: dict[str, Any] = {} if above is None else {"above": above}
        if pairs is not None:
            asked["pairs"] = [str(getattr(pair, "id", pair)) for pair in pairs]
        kind = f"{self._name}.merge"
        operations = Operations(self._transport)
        made: PlannedOperation = operations.create(kind, {"duplicates": asked})
        return made

    def rules(self) -> S:
        """Fetch the rules by which duplicates are found.

        >>> found = crm.contacts.duplicates.rules()
        >>> print(found.version, found.rules.review)
        """
        return self._rules(Call("GET", f"{self._path}/rules", is_repeatable=True))

    def set_rules(
        self, rules: DuplicateRules | Mapping[str, Any], *, dry_run: bool = False
    ) -> S:
        """Set the rules, all of them; the next scan goes by them.

        >>> rules = (crm.contacts.duplicates.rules()).rules
        >>> rules.review = 0.6
        >>> crm.contacts.duplicates.set_rules(rules)
        """
        payload, fields = (None, rules) if isinstance(rules, Mapping) else (rules, {})
        body = self._body(_RULES, payload, fields)
        params = tried(dry_run)
        return self._rules(
            Call("PUT", f"{self._path}/rules", body=body, params=params, is_repeatable=True)
        )

    def reset_rules(self, *, dry_run: bool = False) -> S:
        """Go back to the rules that come with Cerebro.

        >>> crm.contacts.duplicates.reset_rules()
        """
        params = tried(dry_run)
        return self._rules(
            Call("DELETE", f"{self._path}/rules", params=params, is_repeatable=True)
        )

    def _pair(self, call: Call) -> P:
        found: P = self._ask(call, f"{self._schema}:DuplicatePair")
        return found

    def _rules(self, call: Call) -> S:
        found: S = self._ask(call, f"{self._schema}:DuplicateRuleSet")
        return found


class RawDuplicates(PlainCalls, DuplicateCalls[Plain, Plain]):
    """Duplicates as plain dicts."""


class Duplicates(TypedCalls, DuplicateCalls["DuplicatePair", "DuplicateRuleSet"]):
    """Records that are there twice: found by rules, looked at, dismissed, merged."""
