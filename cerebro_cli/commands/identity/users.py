"""`cerebro users`: the people who sign in."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cerebro_cli import lazy, options, output
from cerebro_cli.asking import PasswordStdin, Secret, secrets
from cerebro_cli.context import Run
from cerebro_cli.noun import Own, noun
from cerebro_cli.verbs.acting import Act, each, looked_up, on_each, words, would_be
from cerebro_sdk.display import moment

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The address to sign in with.")]
Workspace = Annotated[str, typer.Option("--workspace", metavar="NAME", help="Of which workspace.")]


def app(name: str, verb: str | None = None) -> typer.Typer:
    """Return the commands of users."""
    return noun(name, verb, own=_OWN)


def invite(
    ctx: typer.Context,
    *,
    refs: options.References,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Send users a link with which to choose a password."""
    run: Run = ctx.obj
    act = Act("invite", "invited", run.records.invite)
    found = words(refs)
    if dry_run:
        many = len(each(found, act, dry_run=True))
        output.note(f"{many} user{'' if many == 1 else 's'} {would_be(act)}.")
        return
    users = looked_up(run, found, act, yes=yes)
    invitations: list[dict[str, Any]] = each([user["id"] for user in users] or found, act)
    if json:
        output.write_json(invitations[0] if len(invitations) == 1 else invitations)
    for sent in invitations:
        output.note(
            f"Invited {sent['email']}; the link is good until {moment(sent['expires_at'])}."
        )


disable = on_each(
    "disable",
    "disabled",
    "Keep users from signing in; their sessions end and their keys stop working.",
    undo="enable",
)


enable = on_each("enable", "enabled", "Let disabled users sign in again.", undo="disable")


def set_password(
    *, email: Email, workspace: Workspace = "main", password_stdin: PasswordStdin = False
) -> None:
    """Set a lost password, on the machine of the server; all sessions of the user end."""
    [password] = secrets(Secret("New password", is_new=True), from_stdin=password_stdin)
    said = {"email": email, "workspace": workspace, "password": password}
    lazy.on_server(lazy.SET_PASSWORD, extra="server", **said)
    output.note(f"The password of {email} in {workspace} is set.")


_OWN = {
    "invite": Own(invite, ("ada@acme.example", "- --yes < addresses.txt")),
    "disable": Own(disable, ("ada@acme.example", "ada@acme.example bob@acme.example --yes")),
    "enable": Own(enable, ("ada@acme.example",)),
    "set-password": Own(
        set_password,
        ("ada@acme.example", "ada@acme.example --workspace acme --password-stdin < password.txt"),
        "For whoever runs the server: it needs no sign-in, but the database, as `cerebro db` does.",
    ),
}
