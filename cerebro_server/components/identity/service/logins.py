"""`public.logins`: which workspaces an e-mail address leads to, kept by a trigger on users."""

from __future__ import annotations

from cerebro_server.kernel.db import Workspace, ident, literal


def derived(workspace: Workspace, owner: str | None) -> list[str]:
    """Return the statements that (re)create the trigger of one workspace.

    `owner` is the role that owns the function and alone may write the table.
    """
    schema, slug = workspace.schema, workspace.slug
    statements = [
        f"""
create or replace function {ident(schema)}._logins_of_users() returns trigger
language plpgsql security definer set search_path = {ident(schema)}, pg_temp
as $logins$
begin
    if tg_op <> 'INSERT' then
        delete from public.logins where workspace = {literal(slug)} and user_id = old.id;
    end if;
    if tg_op <> 'DELETE' then
        if new.deleted_at is null and new.disabled_at is null then
            insert into public.logins (email, workspace, user_id)
            values (fold(new.email), {literal(slug)}, new.id);
        end if;
    end if;
    return null;
end $logins$""",
        f"revoke all on function {ident(schema)}._logins_of_users() from public",
        f"drop trigger if exists _logins on {ident(schema)}.users",
        "create trigger _logins after insert or delete or update of email, deleted_at, disabled_at "
        f"on {ident(schema)}.users for each row "
        f"execute function {ident(schema)}._logins_of_users()",
    ]
    if owner is not None:
        statements += [
            f"grant create on schema {ident(schema)} to {ident(owner)}",
            f"alter function {ident(schema)}._logins_of_users() owner to {ident(owner)}",
            f"revoke create on schema {ident(schema)} from {ident(owner)}",
        ]
    return statements
