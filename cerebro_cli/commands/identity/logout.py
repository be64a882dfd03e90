"""`cerebro logout`: end the session, and forget the profile."""

from __future__ import annotations

import typer

from cerebro_cli import exits, options, output
from cerebro_cli.context import Run
from cerebro_cli.noun import single
from cerebro_sdk import Cerebro, NotSignedInError, OneShot, profiles

app = single()


@app.command(
    epilog="\b\nExamples:\n  cerebro logout\n  cerebro logout --profile crm.example.com",
)
def logout(ctx: typer.Context, *, yes: options.Yes = False) -> None:
    """Sign out: end the session, and forget the profile."""
    run: Run = ctx.obj
    name = run.profile or profiles.current()
    profile = None if name is None else profiles.load(name)
    if name is None or profile is None:
        said = f"There is no profile {name!r}." if name else "Nobody is signed in here."
        raise exits.Stop(said, exits.DENIED)
    if profile.session is None:
        options.confirm(f"Forget the key of profile {name}? It may be saved nowhere else.", yes=yes)
        profiles.remove(name)
        output.note(f"Forgot profile {name}. Its key still works: `cerebro keys revoke` ends keys.")
    else:
        _end(name)
        output.note(f"Signed out of {profile.url}.")
    _choose_next()


def _end(name: str) -> None:
    """End a session; whatever the server says, its tokens are gone from this machine."""
    try:
        with Cerebro(profile=name, sender=OneShot()) as crm:
            crm.auth.raw.logout()
    except NotSignedInError:
        pass  # it had ended before
    except Exception:
        output.note(
            f"Forgot profile {name}, but its session may not have ended: `cerebro sessions list` "
            "shows it to whoever signs in again."
        )
        raise
    finally:
        profiles.remove(name)


def _choose_next() -> None:
    left = profiles.names()
    if len(left) == 1:
        profiles.make_current(left[0])
        output.note(f"Profile {left[0]} is current now.")
    elif left:
        output.note(f"Choose another with --profile: {', '.join(left)}.")
