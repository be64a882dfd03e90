"""`cerebro leads`: leads, what they are converted to, and what their own fields become."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cerebro_cli import edit, exits, facts, options, output, plans, show
from cerebro_cli.context import Run
from cerebro_cli.noun import Own, noun
from cerebro_cli.verbs.acting import words


def _into(what: str) -> Any:
    return typer.Option(
        f"--into-{what}",
        metavar="REF",
        help=f"Take this {what} and complete it where it is empty.",
    )


def _with(what: str) -> Any:
    return typer.Option(
        f"--{what}", metavar="KEY=VALUE", help=f"A value of the new {what}; can be repeated."
    )


def _without(what: str) -> Any:
    return typer.Option(f"--no-{what}", help=f"Make no {what}.")


Mapped = Annotated[
    list[str],
    typer.Argument(metavar="NOUN.KEY=KEY...", help="A field, and the one of leads that it gets."),
]


def app(name: str, verb: str | None = None) -> typer.Typer:
    """Return the commands of leads."""
    return noun(name, verb, own=_OWN)


def convert(
    ctx: typer.Context,
    *,
    ref: options.Reference,
    into_contact: Annotated[str | None, _into("contact")] = None,
    into_company: Annotated[str | None, _into("company")] = None,
    into_deal: Annotated[str | None, _into("deal")] = None,
    contact: Annotated[list[str] | None, _with("contact")] = None,
    company: Annotated[list[str] | None, _with("company")] = None,
    deal: Annotated[list[str] | None, _with("deal")] = None,
    no_contact: Annotated[bool, _without("contact")] = False,
    no_company: Annotated[bool, _without("company")] = False,
    no_deal: Annotated[bool, _without("deal")] = False,
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="USER", help="Whose they become.")
    ] = None,
    status: Annotated[
        str | None, typer.Option("--status", metavar="NAME", help="A status of type won.")
    ] = None,
    overwrite_source: Annotated[
        bool, typer.Option("--overwrite-source", help="The lead's source replaces the contact's.")
    ] = False,
    allow_duplicates: Annotated[
        bool, typer.Option("--allow-duplicates", help="Make them even where such ones are there.")
    ] = False,
    dry_run: options.DryRun = False,
    json: options.Json = False,
) -> None:
    """Convert a lead to a contact, a company and a deal, all in one write."""
    run: Run = ctx.obj
    asked = {
        "contact": _choice("contact", into=into_contact, values=contact, without=no_contact),
        "company": _choice("company", into=into_company, values=company, without=no_company),
        "deal": _choice("deal", into=into_deal, values=deal, without=no_deal),
        "owner_id": owner,
        "status_id": status,
    }
    how = {name: value for name, value in asked.items() if value is not None}
    flags = {"overwrite_source": overwrite_source, "allow_duplicates": allow_duplicates}
    done = run.records.convert(ref, **how, **flags, dry_run=dry_run)
    if json:
        output.write_json(done)
    for name, plural in _BECAME.items():
        if done[name] is not None:
            made = "made" if name in done["made"] else "taken"
            output.note(f"  {name}: {show.label(done[name], facts.nouns()[plural])} ({made})")
    called = show.label(done["lead"], run.facts)
    if dry_run:
        output.note(f"Dry run: {called} would be converted; nothing was written.")
    else:
        back = f"cerebro undo leads/{done['lead']['id']}"
        output.note(f"1 lead converted: {called}. To undo: {back}")


def convert_many(
    ctx: typer.Context,
    *,
    refs: options.SomeReferences = None,
    where: options.Where = None,
    contact: Annotated[list[str] | None, _with("contact")] = None,
    company: Annotated[list[str] | None, _with("company")] = None,
    deal: Annotated[list[str] | None, _with("deal")] = None,
    no_contact: Annotated[bool, _without("contact")] = False,
    no_company: Annotated[bool, _without("company")] = False,
    no_deal: Annotated[bool, _without("deal")] = False,
    duplicates: Annotated[
        str,
        typer.Option(
            metavar="refuse|choose|make",
            help="What becomes of a lead whose contact or company is probably there.",
        ),
    ] = "refuse",
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="USER", help="Whose they become.")
    ] = None,
    status: Annotated[
        str | None, typer.Option("--status", metavar="NAME", help="A status of type won.")
    ] = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> int:
    """Convert all leads that fit, or those that are named, by one plan with one undo."""
    run: Run = ctx.obj
    if bool(refs) == (where is not None):
        raise exits.usage("Say which leads.", hint="REF..., - or --where EXPR.")
    if where is not None:
        run.query = where
    asked = {
        "where": where,
        "leads": words(refs) if refs else None,
        "contact": _choice("contact", into=None, values=contact, without=no_contact),
        "company": _choice("company", into=None, values=company, without=no_company),
        "deal": _choice("deal", into=None, values=deal, without=no_deal),
        "owner_id": owner,
        "status_id": status,
        "duplicates": duplicates,
    }
    how = {name: value for name, value in asked.items() if value is not None}

    def start(at_once: bool) -> dict[str, Any]:
        found: dict[str, Any] = run.crm.operations.raw.create("leads.convert", how, yes=at_once)
        return found

    manner = plans.Manner(dry_run=dry_run, yes=yes, json=json)
    return plans.carry_out(run, start, "Convert these leads?", manner, about=_about)


def _about(found: dict[str, Any]) -> list[str]:
    """Say what the leads of a plan become."""
    report = found.get("report") or {}
    counts = {each["record_type"]: each["plan"].get("create", 0) for each in found["nouns"]}
    made = [f"{counts[noun]:,} new {noun}" for noun in _BECAME.values() if counts.get(noun)]
    taken = [f"{count:,} {noun} that are there" for noun, count in report.get("takes", {}).items()]
    said = f"Leads: {report.get('converts', 0):,} converted, {report.get('refuses', 0):,} refused"
    return [f"{said}; they become {', '.join([*made, *taken]) or 'nothing'}."]


def assign(
    ctx: typer.Context,
    *,
    refs: options.SomeReferences = None,
    where: options.Where = None,
    rule: Annotated[
        str | None, typer.Option("--rule", metavar="NAME", help="Only by this assignment rule.")
    ] = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> int:
    """Give leads that have no owner one, by the assignment rules: one plan, one undo."""
    run: Run = ctx.obj
    if bool(refs) == (where is not None):
        raise exits.usage("Which leads?", hint="Name some, or say --where, but not both.")
    if where is not None:
        run.query = where
    asked = {"where": where, "leads": words(refs) if refs else None, "rule": rule}
    how = {name: value for name, value in asked.items() if value is not None}

    def start(at_once: bool) -> dict[str, Any]:
        found: dict[str, Any] = run.crm.operations.raw.create("leads.assign", how, yes=at_once)
        return found

    manner = plans.Manner(dry_run=dry_run, yes=yes, json=json)
    return plans.carry_out(run, start, "Assign these leads?", manner, about=_shares)


_WHY = {
    "has_owner": "have an owner",
    "no_rule": "no rule fits, or nobody has room",
    "converted": "were converted",
    "locked": "are locked",
}


def _shares(found: dict[str, Any]) -> list[str]:
    """Say who gets how many leads of a plan, and which stay."""
    report = found.get("report") or {}
    said = [f"Leads: {report.get('assigned', 0):,} assigned.", *plans.handed(found, nobody=False)]
    said += [f"  stay: {n:,}, {_WHY.get(why, why)}" for why, n in report.get("stays", {}).items()]
    if report.get("more"):
        said.append("  There are more; assign again for the next 10,000.")
    return said


def mapping(ctx: typer.Context, *, json: options.Json = False) -> None:
    """Show which custom fields of leads become which of what they are converted to."""
    run: Run = ctx.obj
    _show(run.records.mapping(), json=json)


def set_mapping(ctx: typer.Context, *, pairs: Mapped, json: options.Json = False) -> None:
    """Say which custom fields of leads become which; it replaces what was said before."""
    run: Run = ctx.obj
    fields: dict[str, dict[str, str]] = {}
    for pair in pairs if pairs != ["-"] else ():
        path, equals, of_lead = pair.partition("=")
        plural, dot, key = path.partition(".")
        if not (equals and dot and key and of_lead and plural in _BECAME.values()):
            raise exits.usage(
                f"{pair!r} is no mapping.", hint="Write it as contacts.grade=tier; - for none."
            )
        fields.setdefault(plural, {})[key] = of_lead
    _show(run.records.set_mapping(**fields), json=json)


def _choice(
    what: str, *, into: str | None, values: list[str] | None, without: bool
) -> bool | str | dict[str, Any] | None:
    """Return what is asked of one of the three; None where nothing was said."""
    said = [into is not None, bool(values), without]
    if sum(said) > 1:
        raise exits.usage(
            f"--into-{what}, --{what} and --no-{what} exclude each other.", hint="Say one of them."
        )
    if values:
        return edit.payload(values, facts.nouns()[_BECAME[what]])
    return False if without else into


def _show(found: dict[str, Any], *, json: bool) -> None:
    if json:
        output.write_json(found)
        return
    pairs = [
        (f"{plural}.{key}", of_lead)
        for plural in _BECAME.values()
        for key, of_lead in found[plural].items()
    ]
    output.write_pairs(pairs)
    output.note(f"{len(pairs)} field{'' if len(pairs) == 1 else 's'} mapped.")


_BECAME = {"contact": "contacts", "company": "companies", "deal": "deals"}
_OWN = {
    "convert": Own(
        convert,
        (
            "1a2b3c4d --dry-run",
            "1a2b3c4d --into-company acme.example --no-deal",
            "1a2b3c4d --into-contact ada@acme.example --deal name=Engines --deal amount=9000",
        ),
        "What it became, and what was made for it, is taken back by one `cerebro undo`.",
    ),
    "convert-many": Own(
        convert_many,
        (
            "--where 'status.name = in_process' --dry-run",
            "--where 'tags has fair' --duplicates choose --deal pipeline_id=Renewals",
            "- --no-deal --yes < ids.txt",
        ),
        "Leads of one company become contacts of one company. Nothing is written before the plan\n"
        "is shown; `cerebro undo leads/REF` takes one of them back, `cerebro operations undo` all.",
    ),
    "assign": Own(
        assign,
        ("1a2b3c4d --dry-run", "--where 'source = web' --rule Web --yes"),
        "Leads that have an owner stay; the first rule that fits and has room is taken.\n"
        "Nothing is written before the plan is shown; `cerebro operations undo` takes it back.",
    ),
    "mapping": Own(mapping, ("", "--json")),
    "set-mapping": Own(set_mapping, ("contacts.grade=tier deals.worth=budget", "-")),
}
