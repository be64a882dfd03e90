"""`cerebro password`: change one's own, or get in again without it."""

from __future__ import annotations

from typing import Annotated

import typer

from cerebro_cli import output
from cerebro_cli.asking import PasswordStdin, Secret, secrets
from cerebro_cli.context import Run
from cerebro_cli.noun import application

app = application("Change your password, or get in again without it.")

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The address to sign in with.")]
_NEW = Secret("New password", is_new=True)


@app.callback()
def _group() -> None:
    """Keep this a group of commands."""


@app.command(
    epilog="\b\nExamples:\n"
    "  cerebro password change\n"
    "  cerebro password change --password-stdin < both.txt\n\n"
    "On stdin: the old one on the first line, the new one on the second.",
)
def change(ctx: typer.Context, *, password_stdin: PasswordStdin = False) -> None:
    """Change your own password; your other sessions end."""
    run: Run = ctx.obj
    crm = run.crm  # says that nobody is signed in before it asks for passwords
    old, new = secrets(Secret("Password"), _NEW, from_stdin=password_stdin)
    output.note(crm.auth.raw.change_password(old, new)["detail"])


@app.command(epilog="\b\nExamples:\n  cerebro password reset ada@acme.example")
def reset(ctx: typer.Context, *, email: Email) -> None:
    """Have a link sent with which to choose a new password."""
    run: Run = ctx.obj
    output.note(run.visitor.auth.raw.request_reset(email)["detail"])


@app.command(
    epilog="\b\nExamples:\n"
    "  cerebro password redeem\n"
    "  cerebro password redeem --password-stdin < token-and-password.txt\n\n"
    "The token stands at the end of the link in the message. On stdin: the token on the first "
    "line, the new password on the second.",
)
def redeem(ctx: typer.Context, *, password_stdin: PasswordStdin = False) -> None:
    """Choose a password with the token of an invitation or a reset."""
    run: Run = ctx.obj
    visitor = run.visitor
    token, password = secrets(Secret("Token"), _NEW, from_stdin=password_stdin)
    output.note(visitor.auth.raw.redeem(token.strip(), password)["detail"])
