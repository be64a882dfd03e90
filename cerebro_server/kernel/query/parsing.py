"""From a filter's text to its tree."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

from lark.exceptions import UnexpectedInput

from cerebro_sdk.schemas.query import Node
from cerebro_server.kernel.query import limits
from cerebro_server.kernel.query.grammar import parser
from cerebro_server.kernel.query.mistakes import explain, refusal


def parse(text: str) -> Node:
    """Return the tree of a filter. Raises InvalidQuery and QueryTooLarge, with the position."""
    limits.check_text(text)
    return _parse(text)


# Programs and saved views send the same few texts again and again; parsing one takes 0.3 ms.
@lru_cache(maxsize=256)
def _parse(text: str) -> Node:
    if bad := limits.UNSTORABLE.search(text):
        raise refusal(
            f"U+{ord(bad[0]):04X} at character {bad.start() + 1} cannot stand in a filter.",
            position=bad.start() + 1,
        )
    if not text.strip():
        raise refusal("The filter is empty.", position=1)
    try:
        node = cast(Node, parser().parse(text))
    except UnexpectedInput as error:
        raise explain(error, text) from None
    limits.check_tree(node)
    return node
