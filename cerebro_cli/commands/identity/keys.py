"""`cerebro keys`: how programs sign in."""

from __future__ import annotations

import typer

from cerebro_cli import edit, options, output, show
from cerebro_cli.context import Run
from cerebro_cli.noun import Own, field_lines, noun
from cerebro_cli.verbs.acting import on_each


def app(name: str, verb: str | None = None) -> typer.Typer:
    """Return the commands of keys."""
    return noun(name, verb, own=_own(verb))


def create(
    ctx: typer.Context,
    *,
    pairs: options.Pairs,
    dry_run: options.DryRun = False,
    json: options.Json = False,
) -> None:
    """Make a key of your own, and write its secret: this once, on stdout."""
    run: Run = ctx.obj
    payload = edit.payload(pairs, run.facts)
    if dry_run:
        shape = show.Shape(run.facts, options.fitting(output.Format.JSON if json else None))
        key = run.records.create(payload, dry_run=True)
        show.one({name: value for name, value in key.items() if name != "secret"}, shape)
        output.note("Dry run: 1 key would be made; nothing was written.")
        return
    key = run.records.create(payload)
    if json:
        output.write_json(key)
    else:
        output.write(f"{output.readable(key['secret'])}\n")
    output.note(
        f"1 key created: {show.label(key, run.facts)}. Its secret is shown this once and stored "
        "nowhere."
    )


revoke = on_each("revoke", "revoked", "End keys for good.")


def _own(verb: str | None) -> dict[str, Own]:
    """Return the verbs of keys; the fields are told in the help of `create` alone."""
    about = f"Fields:\n{field_lines('keys')}" if verb in ("create", None) else ""
    examples = (
        "name='nightly export' scopes=companies:read,companies:export",
        "name=ci expires_at=2027-01-01T00:00:00Z > key.txt",
    )
    return {
        "create": Own(create, examples, f"\b\n{about}"),
        "revoke": Own(revoke, ("1a2b3c4d", "- --yes < ids.txt")),
    }
