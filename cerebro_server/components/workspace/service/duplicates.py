"""Duplicates: the pairs that scans found, and the rules; the kernel's, with the wire's words."""

from __future__ import annotations

from cerebro_sdk.schemas.workspace.duplicates import DuplicateRules
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.records.matching import pairs, rules
from cerebro_server.kernel.records.validation import parse_payload


async def page(
    context: Context, noun: str, asked: pairs.Asked, *, cursor: str | None, limit: int
) -> bytes:
    """Return a page of pairs, the surest first. Raises `NotFound`, `Invalid`, `InvalidCursor`."""
    record_type = rules.matched(context, noun)
    return await pairs.page(context, record_type, asked, cursor=cursor, limit=limit)


async def get(context: Context, noun: str, pair: str) -> bytes:
    """Return a pair with both records side by side. Raises `NotFound`."""
    return await pairs.one(context, rules.matched(context, noun), pair)


async def dismiss(context: Context, noun: str, pair: str) -> bytes:
    """Keep that the records of a pair are two. Raises `NotFound`, `Forbidden`, `WrongState`."""
    return await pairs.decide(context, rules.matched(context, noun), pair, state="dismissed")


async def reopen(context: Context, noun: str, pair: str) -> bytes:
    """Take back that a pair was dismissed. Raises `NotFound`, `Forbidden`, `WrongState`."""
    return await pairs.decide(context, rules.matched(context, noun), pair, state="open")


async def get_rules(context: Context, noun: str) -> bytes:
    """Return the rules of a noun. Raises `NotFound`."""
    return await rules.shown(context, rules.matched(context, noun))


async def set_rules(context: Context, noun: str, body: bytes) -> bytes:
    """Give a noun rules of the workspace's own. Raises `NotFound`, `ValidationFailed`."""
    record_type = rules.matched(context, noun)
    await rules.change(context, record_type, parse_payload(DuplicateRules, body))
    return await rules.shown(context, record_type)


async def reset_rules(context: Context, noun: str) -> bytes:
    """Give a noun the rules that come with Cerebro. Raises `NotFound`."""
    record_type = rules.matched(context, noun)
    await rules.change(context, record_type, None)
    return await rules.shown(context, record_type)
