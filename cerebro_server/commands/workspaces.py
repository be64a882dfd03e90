"""`cerebro workspaces`: list, make and remove workspaces, as the operator of the server."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cerebro_cli import output
from cerebro_cli.exits import USAGE, Stop
from cerebro_server.commands import environment

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="List, make and remove workspaces: for whoever has the database, not through the API.",
)
DataDir = Annotated[
    Path | None,
    typer.Option(
        help="The data of a running `cerebro up`; else the database of CEREBRO_DATABASE_URL, else "
        "the current profile's data, else yours."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Slug = Annotated[str, typer.Argument(help="Its short name: small letters, digits and underscores.")]


@app.command("list")
def list_workspaces(as_json: Json = False, data_dir: DataDir = None) -> None:
    """List the workspaces with their schema, revision, number of users and size.

    Example: cerebro workspaces list --json
    """
    settings = environment.operator_settings(data_dir)
    from cerebro_server.components.workspace.service import workspaces

    with environment.explained():
        found = workspaces.listed(settings)
    if as_json:
        output.write_json(
            [{**asdict(each), "created_at": each.created_at.isoformat()} for each in found]
        )
    else:
        output.write_table(
            ["slug", "schema", "revision", "created", "users", "MB"],
            [
                [
                    *(each.slug, each.schema, each.revision, f"{each.created_at:%Y-%m-%d}"),
                    *(str(each.users), f"{each.size_bytes / 1e6:.1f}"),
                ]
                for each in found
            ],
            right=["users", "MB"],
        )
    output.flush()


@app.command()
def create(
    slug: Slug,
    owner_email: Annotated[str, typer.Option(help="E-mail address of its first user.")],
    owner_name: Annotated[str, typer.Option(help="Name of its first user.")] = "Owner",
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Make a workspace with an owner, whose first API key is printed this once.

    Workspaces share nothing: the database itself keeps them apart. Servers that run know the new
    one at once.

    Example: cerebro workspaces create acme --owner-email ada@acme.example
    """
    settings = environment.operator_settings(data_dir)
    from cerebro_server import registry

    with environment.explained():
        key = registry.create_workspace(settings, slug, email=owner_email, name=owner_name)
    output.note(f"Workspace {slug} was made. Its owner's credentials are shown this once:")
    if as_json:
        output.write_json({"workspace": slug, "owner": owner_email, "api_key": key})
    else:
        output.write(f"owner    {owner_email}\napi key  {key}\n")
    output.flush()


@app.command()
def remove(
    slug: Slug,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Delete a workspace and all that is in it, for good.

    Its keys and sessions end within a second. The workspace `main` stays.

    Example: cerebro workspaces remove acme --yes
    """
    settings = environment.operator_settings(data_dir)
    from cerebro_server.components.workspace.service import workspaces

    if not yes:
        _confirm(slug)
    with environment.explained():
        workspaces.remove(settings, slug)
    output.note(f"Removed workspace {slug}.")


def _confirm(slug: str) -> None:
    if not output.can_ask():
        raise Stop(
            f"This deletes workspace {slug} for good, and nobody is there to ask: add --yes.",
            USAGE,
        )
    typer.confirm(f"Delete workspace {slug} and all that is in it, for good?", abort=True, err=True)
