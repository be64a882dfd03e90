"""What is checked and derived when lines are written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, NamedTuple

from cerebro_server.components.sales.rules import pricing
from cerebro_server.components.sales.rules.pricing import Wanted
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction, ident
from cerebro_server.kernel.fields import Batch
from cerebro_server.kernel.records import planned

Products = Mapping[str, tuple[str, str | None, Decimal | None, bool]]
"""Name, unit, tax rate of products by id, and whether they are sold."""
_MOST: Final = Decimal(10) ** 13
_CENT: Final = Decimal("0.01")
_FROM_PRODUCT: Final = ("description", "unit", "tax_rate")


class Home(NamedTuple):
    """What lines belong to: a deal, or a quote of one."""

    deal_id: str
    currency: str
    last: int
    """The place of its last line."""
    code: str | None = None
    """Why its lines may not be written, and what to say about it."""
    said: str = ""


Homes = Mapping[str, Home]
Find = Callable[[Context, list[str]], Awaitable[Homes]]
"""Finds what lines belong to, by id."""
_OF: Final = {"deal_id": "deal_lines", "quote_id": "quote_lines"}
_COMES_ALONG: Final = (
    "The deal, the quote or the product comes with the same import, so that no price book can be "
    "asked yet: say unit_price."
)
_LOCKED: Final = "The deal is locked, and its lines with it: unlock it first."


async def deal_lines(context: Context, batch: Batch) -> None:
    """Complete new lines of deals by what their product and the price book say."""
    await complete(context, batch, "deal_id", _deals)


async def changed_deal_lines(context: Context, batch: Batch) -> None:
    """Take price, name and tax of another product anew; refuse lines of locked deals, and sums that
    cannot be."""
    await change(context, batch, "deal_id", _deals)


async def complete(context: Context, batch: Batch, column: str, find: Find) -> None:
    """Complete new lines by what their product and the price book say; `column` names what they
    belong to."""
    # of what a file names and is not there nothing is known
    homes = await find(context, [str(row[column]) for row in batch.rows if row[column]])
    products = await _products(context, batch)
    last = {one: home.last for one, home in homes.items()}
    placeless = {str(row[column]) for row in batch.rows if row.get("position") is None}
    coming = await planned.highest(context, _OF[column], (column, placeless), "position")
    for one, place in coming.items():
        last[one] = max(place, last.get(one, 0))
    for number, row in enumerate(batch.rows):
        one = str(row[column])
        _check_home(batch, number, homes.get(one))
        row["quantity"] = row.get("quantity") or Decimal(1)
        if row.get("position") is None:
            last[one] = last.get(one, 0) + 1
            row["position"] = last[one]
        _fill(batch, number, products, is_past=context.planning is not None)
    await _price(context, batch, [{} for _ in batch.rows], homes, column)
    for number, row in enumerate(batch.rows):
        check_sums(batch, number, row)


async def change(context: Context, batch: Batch, column: str, find: Find) -> None:
    """Settle changes of lines; `column` names what they belong to."""
    named = [str(row.get(column) or before[column]) for row, before in _both(batch)]
    homes = await find(context, [*named, *(before[column] for before in batch.before)])
    products = await _products(context, batch)
    for number, (row, before) in enumerate(_both(batch)):
        old, new = homes.get(before[column]), homes.get(named[number])
        if not batch.relinks:
            _check_home(batch, number, old)
        if old and new and old.currency != new.currency:
            said = f"The line is priced in {old.currency}, and it would be in {new.currency}."
            batch.refuse(number, column, "other_currency", said)
        if _other_product(row, before) and not batch.relinks:
            row.setdefault("unit_price", None)
            _fill(batch, number, products, is_past=context.planning is not None)
    await _price(context, batch, batch.before, homes, column)
    for number, (row, before) in enumerate(_both(batch)):
        if row.get("deleted_at") is None:
            check_sums(batch, number, {**before, **row})


def check_sums(batch: Batch, number: int, row: Mapping[str, Any]) -> None:
    """Refuse a line that comes to less than nothing, or to more than there is."""
    if row.get("unit_price") is None:
        return
    number_of = {
        name: Decimal(str(row.get(name) or 0))
        for name in ("quantity", "unit_price", "discount_percent", "discount_amount")
    }
    whole = cents(number_of["quantity"] * number_of["unit_price"])
    off = cents(whole * number_of["discount_percent"] / 100) + number_of["discount_amount"]
    if off > whole:
        said = f"{off} would come off a line of {whole}: it may come to nothing, but not to less."
        batch.refuse(number, "discount_amount", "discount_too_large", said)
    if whole > _MOST:
        batch.refuse(number, "unit_price", "too_large", f"A line comes to {_MOST:,} at most.")


def cents(value: Decimal) -> Decimal:
    """Round to cents, half away from zero, as PostgreSQL does."""
    return value.quantize(_CENT, ROUND_HALF_UP)


def _both(batch: Batch) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return list(zip(batch.rows, batch.before, strict=True))


def _other_product(row: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    product = row.get("product_id")
    return product is not None and str(product) != before.get("product_id")


def _fill(batch: Batch, number: int, products: Products, *, is_past: bool) -> None:
    """Fill what a product says of itself, where the line says nothing. What is told of the past, in
    a file, may be sold no longer."""
    row = batch.rows[number]
    product = row.get("product_id")
    if product is None:
        if not row.get("description"):
            said = "Say what is sold: a product, or a description."
            batch.refuse(number, "description", "missing", said)
        return
    found = products.get(str(product))
    if found is None:  # it was refused
        return
    *values, is_active = found
    if not is_active and not is_past:
        said = f"The product {found[0]} is sold no longer: it is not active."
        batch.refuse(number, "product_id", "not_active", said)
    is_new = not batch.before
    for name, value in zip(_FROM_PRODUCT, values, strict=True):
        if name not in row or (is_new and row[name] is None):
            row[name] = value


async def _price(
    context: Context, batch: Batch, before: list[dict[str, Any]], homes: Homes, column: str
) -> None:
    """Look up the prices of lines that have none."""
    wanted = {}
    for number, (row, old) in enumerate(zip(batch.rows, before, strict=True)):
        if (old and "unit_price" not in row) or row.get("unit_price") is not None:
            continue
        now = {**old, **row}
        if now.get("product_id") is None:
            said = "What is no product has no price of its own: send unit_price."
            batch.refuse(number, "unit_price", "missing", said)
            continue
        if home := homes.get(str(now[column])):
            quantity = Decimal(str(now["quantity"]))
            wanted[number] = Wanted(home.deal_id, str(now["product_id"]), quantity)
        elif context.planning is not None:
            batch.refuse(number, "unit_price", "missing", _COMES_ALONG)
    prices, problems = await pricing.find(context, wanted)
    for number in wanted.keys() - prices.keys() - problems.keys():
        batch.refuse(number, "unit_price", "missing", _COMES_ALONG)
    for number, price in prices.items():
        batch.rows[number]["unit_price"] = price
    for number, said in problems.items():
        batch.refuse(number, "unit_price", "no_price", said)


def _check_home(batch: Batch, number: int, home: Home | None) -> None:
    if home is not None and home.code is not None:
        batch.refuse(number, None, home.code, home.said)


async def hold(context: Context, table: str, ids: list[str]) -> Transaction:
    """Let nobody else write lines of the same deals or quotes meanwhile: what is read afterwards
    stays, such as the place of the last line. Those that one statement both locks and reads are
    read as they were before it waited."""
    transaction = await context.write()
    await transaction.rows(
        Sql(
            f"select id from {ident(table)} where id = any(%s::uuid[]) order by id "
            "for no key update",
            (ids,),
        )
    )
    return transaction


async def _deals(context: Context, ids: list[str]) -> Homes:
    transaction = await hold(context, "deals", ids)
    rows = await transaction.rows(
        Sql(
            "select d.id::text, d.currency, coalesce((select max(l.position) from deal_lines l "
            "where l.deal_id = d.id and l.deleted_at is null), 0), d.locked_at is not null "
            "from deals d where d.id = any(%s::uuid[])",
            (ids,),
        )
    )
    return {
        one: Home(one, currency, last, *(("record_locked", _LOCKED) if locked else ()))
        for one, currency, last, locked in rows
    }


async def _products(context: Context, batch: Batch) -> Products:
    named = {str(row["product_id"]) for row in batch.rows if row.get("product_id")}
    if not named:
        return {}
    coming = {
        each["id"]: (
            *(each["name"], each.get("unit")),
            None if each.get("tax_rate") is None else Decimal(str(each["tax_rate"])),
            True,
        )
        for each in await planned.made(context, "products", named)
    }
    rows = await context.read(
        Sql(
            "select id::text, name, unit, tax_rate, is_active from products "
            "where id = any(%s::uuid[])",
            ([*named],),
        )
    )
    return coming | {one: (name, unit, tax, active) for one, name, unit, tax, active in rows}
