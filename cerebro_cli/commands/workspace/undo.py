"""`cerebro undo`: take anything back."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cerebro_cli import options, plans
from cerebro_cli.context import Run
from cerebro_cli.noun import single
from cerebro_sdk import errors
from cerebro_sdk.display import visible

app = single()

What = Annotated[
    str | None,
    typer.Argument(
        metavar="[WHAT]",
        help="An operation, or the end of its id; seq:812, or a request, as `changes list` shows "
        "them; NOUN/REF for the last change of a record. Left out: the last thing that you did.",
        show_default=False,
    ),
]


@app.command(
    epilog="\b\nExamples:\n"
    "  cerebro undo\n"
    "  cerebro undo contacts/ada@acme.example --yes\n"
    "  cerebro undo seq:812 --dry-run\n"
    "  cerebro undo 5b21c07d1e22 --where 'country = DE' --force-fields\n\n"
    "`cerebro changes list` and `cerebro operations list` show what there is to take back. What\n"
    "others did takes the permission operations:undo."
)
def undo(
    ctx: typer.Context,
    *,
    what: What = None,
    where: options.Where = None,
    force_fields: options.ForceFields = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> int:
    """Take anything back: an edit, a deletion, an import, a merge, another undo.

    It shows what would become of which record, and asks. What somebody changed since is left as it
    is, and told. An undo can be taken back itself.
    """
    run: Run = ctx.obj
    run.query = where

    def start(at_once: bool) -> dict[str, Any]:
        raw = run.crm.operations.raw
        found: dict[str, Any] = raw.take_back(what, where, force_fields, at_once)
        return found

    def about(found: dict[str, Any]) -> list[str]:
        return _about(run, found)

    manner = plans.Manner(dry_run=dry_run, yes=yes, json=json)
    return plans.carry_out(run, start, "Take it back?", manner, about=about)


def _about(run: Run, found: dict[str, Any]) -> list[str]:
    """Return what is taken back, and whose doing it is, as far as the caller may see that."""
    try:
        taken = run.crm.operations.raw.get(found["undoes"])
    except (errors.NotFoundError, errors.ForbiddenError):
        return []
    who = visible(str((taken.get("by") or {}).get("name") or ""))
    when = str(taken["created_at"])[:16].replace("T", " ")
    kind = "a change" if taken["kind"] == "edit" else visible(str(taken["kind"]))
    return [f"Takes back: {kind} by {who}, {when} UTC"]
