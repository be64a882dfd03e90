"""What a filter can be about: the fields of a record, and where paths lead from it.

A path is a subquery, not a join: `company.industry = saas` is true when *some* company fits, and
joining would list a record once for each. Inside of it the related row is `t` again, so that a
condition reads the same at every depth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import Field, Relation

MAX_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Related:
    """The other end of a relation, or the parts in a list."""

    name: str
    subject: Callable[[], Subject]
    before: Sql
    """The subquery up to the condition on its row `t`."""
    after: str = ")"


@dataclass(frozen=True, slots=True)
class Subject:
    """The fields that a filter may name, and the relations that it may follow."""

    fields: Mapping[str, Field]
    related: Mapping[str, Related] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, given: Subject | Mapping[str, Field]) -> Subject:
        """Return a subject; fields alone have no relations."""
        return given if isinstance(given, Subject) else cls(given)


def related_records(
    name: str,
    relation: Relation,
    *,
    table: str,
    link_table: str | None,
    link_limit: Sql | None = None,
    subject: Callable[[], Subject],
    limit: Sql | None,
) -> Related:
    """Return the living records at the end of a relation, as far as `limit` lets them be seen, and
    `link_limit` the links between."""
    params: tuple[Any, ...] = ()
    here, there, target = ident(relation.here), ident(relation.there), ident(table)
    if relation.via is None or link_table is None:
        text = f't.{here} in (select t.{there} from {target} as t where t."deleted_at" is null and '
    else:
        via = relation.via
        only = f"l.{ident(via.only)} and " if via.only else ""
        text = (
            f"t.{here} in (select l.{ident(via.here)} from {ident(link_table)} as l "
            f"join {target} as t on t.{there} = l.{ident(via.there)} "
            f'where l."deleted_at" is null and {only}t."deleted_at" is null and '
        )
        if link_limit is not None:
            # the inner `t` is the link, as its rules know it
            text += (
                f"l.id in (select t.id from {ident(link_table)} as t where {link_limit.text}) and "
            )
            params += link_limit.params
    if limit is not None:
        text += f"{limit.text} and "
        params += limit.params
    return Related(name, subject, Sql(text, params))


def listed_parts(holder: Field, kinds: Mapping[str, Kind]) -> Related:
    """Return the parts in a list of a record, such as its e-mail addresses: objects in JSON."""
    fields = {
        name: Field(
            name=name,
            kind=kind,
            label=name,
            description="",
            sql_type="boolean" if kind is Kind.BOOLEAN else "text",
            nullable=True,
            required=False,
            writable=False,
            expression=f"(part ->> '{ident(name)[1:-1]}')"
            + ("::boolean" if kind is Kind.BOOLEAN else ""),
        )
        for name, kind in kinds.items()
    }
    text = f"exists (select from jsonb_array_elements({holder.sql}) as parts(part) where "
    return Related(holder.name, lambda: Subject(fields), Sql(text))
