"""What a product costs in a deal: the price book that holds, and the tier of the quantity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql

_FIND: Final = """
select a.n, p.price, b.name, d.currency, m.name, r.sku
from unnest(%s::integer[], %s::uuid[], %s::uuid[], %s::numeric[])
    as a(n, deal_id, product_id, quantity)
join deals d on d.id = a.deal_id
join products r on r.id = a.product_id
left join price_books m on m.id = d.price_book_id
left join price_books b on b.is_active and b.deleted_at is null
    and (b.valid_from is null or b.valid_from <= %s) and (b.valid_to is null or b.valid_to >= %s)
    and (b.id = d.price_book_id
        or d.price_book_id is null and b.is_default and b.currency = d.currency)
left join lateral (select price from prices p where p.price_book_id = b.id
    and p.product_id = a.product_id and p.min_quantity <= a.quantity and p.deleted_at is null
    order by p.min_quantity desc limit 1) p on true
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A price that is looked for."""

    deal_id: str
    product_id: str
    quantity: Decimal


async def find(
    context: Context, wanted: Mapping[int, Wanted]
) -> tuple[dict[int, Decimal], dict[int, str]]:
    """Return prices, and for those that there are not, what to do about it, by the same numbers."""
    prices: dict[int, Decimal] = {}
    problems: dict[int, str] = {}
    if not wanted:
        return prices, problems
    today = context.now.date()
    columns: Sequence[Sequence[object]] = (
        list(wanted),
        [each.deal_id for each in wanted.values()],
        [each.product_id for each in wanted.values()],
        [each.quantity for each in wanted.values()],
    )
    for number, price, book, currency, named, sku in await context.read(
        Sql(_FIND, (*columns, today, today))
    ):
        if price is not None:
            prices[number] = price
        elif book is not None:
            problems[number] = (
                f"The price book {book} has no price of {sku} for a quantity of "
                f"{wanted[number].quantity}: add one, or send unit_price."
            )
        elif named is not None:
            problems[number] = (
                f"The deal's price book {named} is not in force today: choose another one, or send "
                "unit_price."
            )
        else:
            problems[number] = (
                f"There is no default price book for {currency} that is in force: make one, name "
                "one in the deal's price_book_id, or send unit_price."
            )
    return prices, problems
