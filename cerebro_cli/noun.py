"""`noun("companies")`: the commands that every noun has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import typer

from cerebro_cli import facts
from cerebro_cli.context import Run

_SAMPLES = {
    "domain": "acme.example",
    "email": "ada@acme.example",
    "integer": "42",
    "boolean": "true",
    "url": "https://acme.example",
    "decimal": "10.00",
    "date": "2026-10-01",
    "datetime": "2026-10-01T09:00:00Z",
}
_NAMED = {
    "positions.contact_id": "ada@acme.example",
    "positions.company_id": "acme.example",
    "positions.is_current": "false",
    "deal_contacts.deal_id": "12",
    "deal_contacts.contact_id": "ada@acme.example",
    "products.sku": "E-100",
    "products.name": "Engine",
    "price_books.name": "Retail",
    "prices.price_book_id": "Retail",
    "prices.product_id": "E-100",
    "prices.price": "99.50",
    "deal_lines.deal_id": "12",
    "quotes.deal_id": "12",
    "files.name": "offer.pdf",
    "files.sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "quotes.number": "7",
    "quote_lines.quote_id": "7",
    "stages.pipeline_id": "Sales",
    "stages.key": "trial",
    "pipelines.name": "Renewals",
    "lost_reasons.name": "'Wrong size'",
    "deals.number": "12",
    "contacts.last_name": "Lovelace",
    "users.name": "Ada",
    "teams.name": "Support",
    "teams.key": "support",
    "territories.name": "DACH",
    "assignment_rules.name": "Web",
    "assignment_members.rule_id": "Web",
    "assignment_members.user_id": "ada@acme.example",
    "quotas.period_start": "2026-10-01",
    "quotas.amount": "250000",
    "tasks.subject": "'Call back'",
    "activities.subject": "'First call'",
    "activities.type": "call",
    "notes.text": "'Prefers mail'",
    "follows.note": "'waits for the contract'",
    "leads.first_name": "Grace",
    "attendees.activity_id": "0a1b2c3d",
    "lead_statuses.name": "waiting",
    "lead_statuses.label": "Waiting",
    "lead_statuses.type": "open",
    "exchange_rates.currency": "USD",
    "exchange_rates.rate": "0.92",
    "exchange_rates.key": "USD@2026-10-01",
    "recurring_plans.months": "6",
    "roles.name": "EMEA",
    "roles.key": "emea",
}
_ALONG = {
    "deal_lines": ["product_id=E-100"],
    "quote_lines": ["product_id=E-100"],
    "quotas": ["user_id=me"],
    "activities": ["contact_id=ada@acme.example"],
    "notes": ["contact_id=ada@acme.example"],
    "follows": ["deal_id=12"],
}
"""What a new record must say besides: one of several fields."""
_MORE = {
    "users create": ["name='Ada Lovelace' email=ada@acme.example roles=agent teams=support"],
    "users update": ["ada@acme.example roles=agent,manager"],
    "roles create": [
        "key=emea name=EMEA permissions=companies:read,companies:update:team "
        "row_rules.companies='country = DE' field_rules.contacts.phone=masked",
    ],
    "roles update": ["emea row_rules.companies="],
    "contacts create": [
        "last_name=Lovelace email=ada@acme.example phone='+49 30 1234567' tags=vip,press",
        """last_name=Lovelace 'phones=["+49 30 1234567", {"number": "+49 171 1234567"}]'""",
    ],
    "contacts update": [
        "ada@acme.example phone='+49 30 7654321'",
        "ada@acme.example phones+='+49 171 1234567' tags+=vip",
        "ada@acme.example emails-=old@acme.example",
    ],
    "positions create": ["contact_id=ada@acme.example company_id=acme.example role=CTO"],
    "teams update": ["support parent_id=service manager_id=ada@acme.example"],
    "territories create": ["name=Germany parent_id=DACH manager_id=ada@acme.example"],
    "assignment_rules create": ["name=Web where='source = web' method=least_loaded team=sales"],
    "assignment_members create": [
        "rule_id=Web user_id=ada@acme.example capacity_per_month=50",
    ],
    "quotas create": [
        "period_start=2026-10-01 period=quarter team=sales amount=250000 currency=EUR",
    ],
    "deals create": ["name=Fleet company_id=acme.example amount=12500 stage=proposal owner_id=me"],
    "tasks create": [
        "subject='Call back' deal_id=12 due_at=2026-12-01T09:00:00Z priority=high owner_id=me",
    ],
    "tasks list": ["--where 'owner = me and due_at < now and completed_at is empty'"],
    "activities create": [
        "type=call subject='First call' contact_id=ada@acme.example direction=out "
        "duration_seconds=300 outcome=connected",
        "type=meeting subject=Demo deal_id=12 starts_at=2026-12-01T09:00:00Z "
        "ends_at=2026-12-01T10:00:00Z",
    ],
    "notes create": ["text='Prefers mail' contact_id=ada@acme.example is_pinned=true"],
    "attendees create": [
        "activity_id=0a1b2c3d contact_id=ada@acme.example acceptance=accepted",
    ],
    "attendees import": ["guests.csv --map Meeting=activity --map Mail=contact --dry-run"],
    "attendees update": ["1a2b3c4d acceptance=declined"],
    "follows create": ["deal_id=12", "contact_id=ada@acme.example note='waits for the contract'"],
    "follows import": ["followers.csv --map Mail=user_id --map Deal=deal --dry-run"],
    "products create": ["sku=E-100 name=Engine unit=piece tax_rate=19"],
    "price_books create": ["name=Retail currency=EUR is_default=true"],
    "prices create": ["price_book_id=Retail product_id=E-100 price=89.00 min_quantity=10"],
    "deal_lines create": [
        "deal_id=12 product_id=E-100 quantity=10",
        "deal_id=12 description=Delivery unit_price=40 tax_rate=19 discount_percent=50",
    ],
    "quotes create": ["deal_id=12 valid_until=2030-01-31 shipping=15 wins_deal=true"],
    "deals update": [
        "12 amount_source=lines price_book_id=Retail",
        "12 probability=35",
        "12 probability= expected_close=2026-12-31",
    ],
    "deals list": ["--where 'stage = proposal and amount > 10000' --sort -amount"],
    "deal_stages import": [
        "history.csv --map Deal=deal --map Stage=to_stage --map Since=entered_at --dry-run"
    ],
    "deal_stages list": ["--where 'deal.owner = me and left_at is empty'"],
    "earlier_changes import": ["AccountHistory.csv --preset salesforce --dry-run"],
    "earlier_changes list": ["--where 'contact.owner = me and field = email' --sort -changed_at"],
    "companies list": ["--where 'owner = me'"],
    "companies update": ["acme.example owner=me team=support"],
}
_VERBS: Mapping[str, str] = {
    "list": "reading:list_",
    "get": "reading:get",
    "create": "writing:create",
    "update": "writing:update",
    "delete": "deleting:delete",
    "restore": "deleting:restore",
    "destroy": "deleting:destroy",
    "lock": "locking:lock",
    "unlock": "locking:unlock",
    "import": "importing:import_",
    "export": "exporting:export",
    "merge": "merging:merge",
    "split": "merging:split",
    "timeline": "history:timeline",
    "diff": "history:diff",
}
_ONE_BY_ONE: Mapping[str, str] = {
    **_VERBS,
    "update": "writing:update_one",
    "delete": "deleting:delete_each",
}
"""The verbs of nouns whose records are not changed by a filter."""


class Own(NamedTuple):
    """A verb that one noun has and others have not."""

    function: Callable[..., Any]
    examples: Sequence[str]
    """What follows noun and verb."""
    more: str = ""
    """What else its help says."""


def application(help_: str) -> typer.Typer:
    """Return an empty group of commands, set up as all of ours: plain help, no completion."""
    return typer.Typer(
        help=help_,
        epilog="--profile, --url and --debug, as in `cerebro --help`, go anywhere.",
        add_completion=False,
        rich_markup_mode=None,  # Rich's help costs 3.5 times `import typer`
        pretty_exceptions_enable=False,
    )


def single() -> typer.Typer:
    """Return an application for one command that has no verbs, such as `cerebro whoami`."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def noun(name: str, verb: str | None = None, own: Mapping[str, Own] | None = None) -> typer.Typer:
    """Return the command group of a noun, from what nouns.json says of it.

    A noun with verbs of its own hands them over in `commands/<component>/<noun>.py`, and has a
    line in `lazy.py`; a plain noun needs neither. With `verb`, only that one is made: 12 ms less.
    """
    about = facts.nouns()[name]
    words = name.replace("_", " ")
    app = application(f"{words.capitalize()}: one command for each thing to do with them.")
    more = own or {}

    def enter(ctx: typer.Context) -> None:
        run: Run = ctx.obj
        run.noun = about

    app.callback()(enter)
    known = list(dict.fromkeys([*about.commands, *more]))
    for word in (verb,) if verb in known else known:
        if word in more:
            _add_own(app, f"{name} {word}", more[word])
            continue
        if word == facts.DUPLICATES:
            make = import_module("cerebro_cli.verbs.duplicates").group
            app.add_typer(make(about, application), name=word, epilog=_epilog(about, word))
            continue
        function = _function(word, _VERBS if about.is_bulk else _ONE_BY_ONE)
        summary = (function.__doc__ or "").replace("records", words)
        app.command(
            word,
            help=summary.replace("a record", _one(about.singular)),
            epilog=_epilog(about, word),
        )(function)
    return app


def _one(singular: str) -> str:
    """Return one of them, in words: `an activity`."""
    return f"{'an' if singular[0] in 'aeio' else 'a'} {singular}"


def _add_own(app: typer.Typer, path: str, own: Own) -> None:
    examples = "\n".join(f"  cerebro {path} {rest}".rstrip() for rest in own.examples)
    epilog = f"\b\nExamples:\n{examples}" + (f"\n\n{own.more}" if own.more else "")
    app.command(path.partition(" ")[2], epilog=epilog)(own.function)


def _function(verb: str, verbs: Mapping[str, str]) -> Callable[..., int | None]:
    module, _, name = verbs[verb].partition(":")
    found: Callable[..., int | None] = getattr(import_module(f"cerebro_cli.verbs.{module}"), name)
    return found


def _epilog(about: facts.Noun, verb: str) -> str:
    shown = examples(about, verb)
    listed = "\n".join(f"  cerebro {about.name} {verb} {rest}".rstrip() for rest in shown)
    text = f"\b\nExamples:\n{listed}"
    if verb in ("create", "update"):
        text += f"\n\n\b\nFields:\n{field_lines(about.name)}"
    if verb in ("list", "export"):
        text += f"\n\nFields: {', '.join(about.fields)}."
    if verb == "list":
        text += (
            "\n\nOn a terminal this is a table; on a pipe, lines of tab-separated columns under "
            "a line of names. --json and --jsonl write every field."
        )
    return text


def examples(about: facts.Noun, verb: str) -> list[str]:
    """Return what may follow a noun and one of its verbs, as its help shows it."""
    return [*_examples(about)[verb], *_MORE.get(f"{about.name} {verb}", ())]


def _examples(about: facts.Noun) -> dict[str, list[str]]:
    ref = _sample(about, about.fields[about.keys[0]]) if about.keys else "1a2b3c4d"
    given = [field for field in about.writable if field.required_on_create]
    keys = (about.fields[key] for key in about.keys)
    given += [field for field in keys if field.writable and field not in given]
    given = given or list(about.writable[:1])
    said = [f"{field.name}={_sample(about, field)}" for field in given]
    pairs = " ".join([*said, *_ALONG.get(about.name, ())])
    outside = about.fields.get("external_ids")
    known = " external_ids.crm=4711" if outside is not None and outside.writable else ""
    plain = [field for field in about.fields.values() if field.kind == "text"]
    texts = [field.name for field in plain if field.writable and field not in given]
    text = next(iter([*texts, *(field.name for field in plain)]), "name")
    first = given[0].name if given else about.columns[0]
    columns = ",".join(dict.fromkeys([first, text, *about.columns[:2]][:3]))
    change = f"{text}=Other"
    return {
        "list": [
            "",
            f"--where '{text} = Example' --sort -created_at",
            f"--where '{text} contains am' --columns {columns} --all --csv",
        ],
        facts.DUPLICATES: ["scan", "list --min-score 0.9", "merge --above 0.98 --dry-run"],
        "get": [ref, f"{ref} --json", f"{ref} --as-of 2026-11-01"],
        "create": [pairs, f"{pairs}{known} --dry-run", "- < records.jsonl"],
        "update": [f"{ref} {change}", f"{ref} {text}= --if-version 3"],
        "delete": [ref, "- --yes < ids.txt"],
        "restore": ["1a2b3c4d"],
        "destroy": ["1a2b3c4d --yes"],
        "lock": [ref, "- --yes < ids.txt"],
        "unlock": [ref],
        "import": [
            f"{about.name}.csv --dry-run",
            f"{about.name}.csv --preset salesforce --yes",
        ],
        "merge": [
            f"1a2b3c4d --into {ref} --dry-run",
            f"1a2b3c4d 5e6f7a8b --into {ref} --take {text}=5e6f7a8b --yes",
        ],
        "split": ["1a2b3c4d", f"{ref} --dry-run"],
        "timeline": [ref, f"{ref} --actions updated,deleted --all --jsonl"],
        "diff": [f"{ref} --since 2026-11-01", f"{ref} --since 3 --until 5 --json"],
        "export": [
            f"-o {about.name}.csv",
            f"--where '{text} = Example' --format jsonl > some.jsonl",
        ],
    }


def _sample(about: facts.Noun, field: facts.Field) -> str:
    return _NAMED.get(f"{about.name}.{field.name}") or _SAMPLES.get(field.kind, "Acme")


def field_lines(name: str) -> str:
    """Return the fields of a noun that can be set, one a line, as help shows them."""
    about = facts.nouns()[name]
    wide = max(len(field.name) for field in about.writable)
    kinds = max(len(field.kind) for field in about.writable)
    return "\n".join(
        f"  {field.name.ljust(wide)}  {field.kind.ljust(kinds)}  "
        f"{'Required. ' if field.required_on_create else ''}{field.description}"
        for field in about.writable
    )
