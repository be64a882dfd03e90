"""What people are told by mail about their accounts."""

from __future__ import annotations

from datetime import datetime

from cerebro_server.kernel import mail
from cerebro_server.kernel.access.actor import Actor
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.mail import Message

_WHEN = "%Y-%m-%d %H:%M UTC"


async def invitation(
    context: Context, *, email: str, name: str, by: str, token: str, until: datetime
) -> None:
    """Send the link by which a new user chooses a password."""
    await _send(
        context,
        email,
        f"Your invitation to {context.workspace} on Cerebro",
        f"{by} invites you, {name}, to the workspace {context.workspace}. "
        f"Choose a password here, until {until.strftime(_WHEN)}:",
        *_link(context, token),
    )


async def reset(context: Context, *, email: str, name: str, token: str, until: datetime) -> None:
    """Send the link by which somebody who lost a password sets a new one."""
    await _send(
        context,
        email,
        "Set a new password for Cerebro",
        f"Somebody, probably you, {name}, asked to set a new password for the workspace "
        f"{context.workspace}. Do it here, until {until.strftime(_WHEN)}:",
        *_link(context, token),
        "If it was not you, nothing has to be done: the password stays as it is.",
    )


async def password_was_set(context: Context, *, email: str) -> None:
    """Tell somebody that their password is another one now."""
    await _send(
        context,
        email,
        "Your password for Cerebro was changed",
        f"The password of your account in the workspace {context.workspace} was changed at "
        f"{context.now.strftime(_WHEN)}, and other sessions were ended. If it was not you, reset "
        "it, and tell whoever runs the workspace.",
    )


async def session_was_shared(context: Context, user: Actor, *, address: str) -> None:
    """Tell somebody that one of their sessions was ended since two seemed to use it."""
    await _send(
        context,
        user.email or "",
        "A session of yours on Cerebro was ended",
        f"An old token of one of your sessions in the workspace {context.workspace} was used again "
        f"at {context.now.strftime(_WHEN)}, from {address or 'an unknown address'}. Two programs "
        "may be using the same token, or somebody has taken it, so the session was ended. Sign in "
        "again; if you cannot explain it, change your password.",
    )


def _link(context: Context, token: str) -> tuple[str, str]:
    # after the #, or proxies would log it and pages pass it on; never the host that a request names
    return (
        f"{context.settings.public_url}/set-password#token={token}",
        f"Programs send the token itself to {context.settings.public_url}/v1/auth/redeem:\n{token}",
    )


async def _send(context: Context, email: str, subject: str, *paragraphs: str) -> None:
    body = "\n\n".join(paragraphs) + "\n"
    await mail.send(context, Message(email, subject, body))
