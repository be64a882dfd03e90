"""Setting a lost password, for whoever runs the server and so has its database."""

from __future__ import annotations

from cerebro_server.commands import environment


def run(email: str, workspace: str, password: str) -> None:
    """Set the password of a user; all of their sessions end.

    Takes the database of CEREBRO_DATABASE_URL, or that of the server that `cerebro up` runs on this
    machine. Ends the command where there is neither, no such user, or the password will not do.
    """
    settings = environment.operator_settings()
    import psycopg  # here, as below: the command line starts without them

    from cerebro_server.components.identity.service import users
    from cerebro_server.kernel.db import urls

    with environment.explained(), psycopg.connect(urls.owner_url(settings)) as connection:
        users.set_password(connection, workspace=workspace, email=email, password=password)
