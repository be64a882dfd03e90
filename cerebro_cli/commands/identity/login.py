"""`cerebro login`: sign in, and save it as a profile."""

from __future__ import annotations

import os
import socket
import time
from typing import Annotated
from urllib.parse import urlsplit

import typer

from cerebro_cli import exits, output
from cerebro_cli.asking import PasswordStdin, Secret, line, secrets
from cerebro_cli.context import Run
from cerebro_cli.noun import single
from cerebro_sdk import Cerebro, OneShot, profiles
from cerebro_sdk.profiles import Profile, SessionTokens

app = single()

Email = Annotated[
    str | None, typer.Option("--email", metavar="ADDRESS", help="Yours; asked for if left out.")
]
Workspace = Annotated[
    str | None,
    typer.Option("--workspace", metavar="NAME", help="Which one, where you are in several."),
]
KeyStdin = Annotated[
    bool,
    typer.Option("--api-key-stdin", help="Save the API key that stands on stdin instead."),
]


@app.command(
    epilog="\b\nExamples:\n"
    "  cerebro login --url https://crm.example.com\n"
    "  cerebro login --email ada@acme.example --password-stdin < password.txt\n"
    "  cerebro login --profile ci --api-key-stdin < key.txt\n\n"
    "--profile NAME chooses the name to save it under; else it is that of the server. "
    "CEREBRO_API_KEY goes before every profile that --profile does not name.",
)
def login(
    ctx: typer.Context,
    *,
    email: Email = None,
    workspace: Workspace = None,
    password_stdin: PasswordStdin = False,
    api_key_stdin: KeyStdin = False,
) -> None:
    """Sign in to a server, and save that as a profile."""
    run: Run = ctx.obj
    url = _url(run)
    name = _name(run, url)
    if api_key_stdin:
        if email or workspace or password_stdin:
            raise exits.usage("--api-key-stdin goes alone: a key says who and where.")
        profile, who = _with_key(url)
    else:
        profile, who = _as_person(url, email, workspace, from_stdin=password_stdin)
    profiles.save(name, profile)
    output.note(f"Signed in to {profile.workspace} at {url} as {who}; saved as profile {name}.")
    if os.environ.get("CEREBRO_API_KEY"):
        output.note(f"CEREBRO_API_KEY is set, and goes before it unless you say --profile {name}.")


def _as_person(
    url: str, email: str | None, workspace: str | None, *, from_stdin: bool
) -> tuple[Profile, str]:
    with Cerebro.visitor(url, sender=OneShot()) as visitor:  # a wrong address before any question
        email = email or line("E-mail", option="--email")
        [password] = secrets(Secret("Password"), from_stdin=from_stdin)
        reply = visitor.auth.raw.login(email, password, workspace, client=_client())
    tokens = SessionTokens.of(reply, now=time.time())
    return Profile(url=url, workspace=reply["workspace"], **tokens._asdict()), email


def _with_key(url: str) -> tuple[Profile, str]:
    [key] = secrets(Secret("API key"), from_stdin=True, option="--api-key-stdin")
    with Cerebro(url, key.strip(), sender=OneShot()) as crm:
        me = crm.auth.raw.whoami()
    return Profile(url=url, api_key=key.strip(), workspace=me["workspace"]), me["name"]


def _client() -> str:
    """Name this program as lists of sessions show it."""
    host = socket.gethostname()
    return f"cerebro on {host}" if host.isascii() and host.isprintable() else "cerebro"


def _wanted(run: Run) -> str | None:
    return run.profile or os.environ.get("CEREBRO_PROFILE")


def _url(run: Run) -> str:
    wanted = _wanted(run)
    known = profiles.load(wanted) if wanted else None
    url = run.url or (known.url if known and run.profile else None) or profiles.search().url
    if not url:
        raise exits.usage("Which server? Say --url, such as --url https://crm.example.com.")
    return url


def _name(run: Run, url: str) -> str:
    """Return the name to save under; the key that `cerebro up` keeps is never replaced."""
    known = {name: profiles.load(name) for name in profiles.names()}
    if wanted := _wanted(run):
        held = known.get(wanted)
        if held is not None and held.data_dir:
            raise exits.usage(
                f"Profile {wanted} holds the owner's key of the server on this machine.",
                hint="Choose another name with --profile.",
            )
        return wanted
    stem = urlsplit(url).netloc or urlsplit(url).path
    free = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(known) + 2))
    return next(
        name
        for name in free
        if (held := known.get(name)) is None or (held.url == url and not held.data_dir)
    )
