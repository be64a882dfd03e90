"""Sending mail: a port. Until there is a mail server to hand it to, a message is shown to whoever
runs Cerebro and kept in the workspace."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Protocol

import structlog

from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.db import Sql, Transaction
from cerebro_server.kernel.ids import uuid7

_log = structlog.get_logger("cerebro.mail")
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(10), *range(11, 32), *range(127, 160))}


@dataclass(frozen=True, slots=True)
class Message:
    """A message in plain text. One line each for recipient and subject: a second one would be a
    header of somebody else's making."""

    recipient: str
    subject: str
    body: str

    def __post_init__(self) -> None:
        for line in (self.recipient, self.subject):
            if not line.isprintable():
                raise ValueError("recipient and subject are single lines")


class Sender(Protocol):
    """What a message needs of the context that it is sent from."""

    @property
    def settings(self) -> Settings:
        """The server's settings."""

    async def write(self) -> Transaction:
        """Return the transaction to write in."""


async def send(context: Sender, message: Message) -> None:
    """Keep a message with what else the transaction writes, and print it unless it is a dry run.

    The workspace's role may add to `outgoing_mail` and not read it, since links stand in there.
    """
    transaction = await context.write()
    await transaction.rows(
        Sql(
            "insert into outgoing_mail (id, recipient, subject, body) values (%s, %s, %s, %s)",
            (uuid7(), message.recipient, message.subject, message.body),
        )
    )
    if transaction.is_dry:
        return
    _log.info("mail", recipient=message.recipient, subject=message.subject)
    _print(message.body, context.settings)


def _print(body: str, settings: Settings) -> None:
    """Show the body on stderr, where a log of JSON lines keeps being one."""
    if settings.log_format == "json":
        _log.info("mail_body", body=body)
    else:
        sys.stderr.write(body.translate(_CONTROLS).rstrip() + "\n")
