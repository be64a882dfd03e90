"""What the contacts component checks and derives on write."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from cerebro_sdk.schemas.kinds import Domain
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import Batch

_DOMAIN: TypeAdapter[str] = TypeAdapter(Domain)


async def companies(context: Context, batch: Batch) -> None:
    """Derive the domain of new companies from their web site, where it is free."""
    guesses = {
        number: domain
        for number, row in enumerate(batch.rows)
        if not row.get("domain") and (domain := _domain_of(row.get("website")))
    }
    if not guesses:
        return
    rows = await context.read(
        Sql(
            "select value from record_keys where record_type = 'companies' and kind = 'domain' "
            "and value = any(select fold(d) from unnest(%s::text[]) d)",
            (list(guesses.values()),),
        )
    )
    taken = {value for (value,) in rows} | {row.get("domain") for row in batch.rows}
    for number, domain in guesses.items():
        if domain not in taken:
            batch.rows[number]["domain"] = domain
            taken.add(domain)


def _domain_of(website: str | None) -> str | None:
    """Return a web site's domain; some, such as `http://localhost`, have none."""
    try:
        return _DOMAIN.validate_python(website) if website else None
    except ValidationError:
        return None
