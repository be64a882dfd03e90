"""What `cerebro doctor` asks of what runs: the database, the API, and the saved key."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from cerebro_cli.exits import Stop
from cerebro_sdk import profiles
from cerebro_server.commands import environment, probe
from cerebro_server.commands.checks import Check, State

if TYPE_CHECKING:
    from cerebro_server.kernel.config import Settings

_OLDEST_POSTGRES = 140000
_SLOW_WRITE_SECONDS = 2.0  # what the journal's readers are promised
_STUCK_WRITE_SECONDS = 60.0
_WORKER_SECONDS = 5.0


def database(values: Mapping[str, str]) -> Iterator[Check]:
    """Look into a database; `values` are the settings that lead to it."""
    from cerebro_server.kernel.db import examine  # a second of imports, not for `--help`

    try:
        settings = environment.settings(**values)
        with environment.explained():
            found = examine.examine(settings)
            revisions = _revisions(settings)
    except Stop as stop:
        mend = "Look into logs/postgres.log, or check CEREBRO_DATABASE_URL."
        yield Check("database", "fail", str(stop), mend)
        return
    old = found.version_number < _OLDEST_POSTGRES
    size = f"PostgreSQL {found.version}, {found.size_bytes / 1e6:.0f} MB, "
    size += f"{found.connections} of {found.max_connections} connections"
    yield Check("database", "fail" if old else "ok", size, "Use PostgreSQL 14 or newer.")
    yield Check(
        "letters",
        "ok" if found.lowers_accents else "fail",
        "lower('É') is é" if found.lowers_accents else "lower('É') is not é",
        "Make the database with LC_CTYPE C.UTF-8, or with the builtin provider from 17 on.",
    )
    yield Check(
        "roles",
        "ok" if found.may_create_roles else "warn",
        "may be created" if found.may_create_roles else "this login may not create roles",
        "Grant it CREATEROLE; without it there is one workspace only.",
    )
    yield _oldest_write(found.oldest_write_seconds)
    yield from revisions
    if all(check.state == "ok" for check in revisions):
        yield from _jobs(settings)


def _oldest_write(seconds: float) -> Check:
    state: State = "fail" if seconds > _STUCK_WRITE_SECONDS else "ok"
    if _SLOW_WRITE_SECONDS < seconds <= _STUCK_WRITE_SECONDS:
        state = "warn"
    return Check(
        "oldest write",
        state,
        f"open for {seconds:.1f} s" if seconds else "none is open",
        "Readers of the journal wait for it: see pg_stat_activity, and end who left it open.",
    )


def _jobs(settings: Settings) -> Iterator[Check]:
    from cerebro_server import registry
    from cerebro_server.kernel.jobs import overview

    deadline = time.monotonic() + _WORKER_SECONDS
    while not (found := overview.look(settings)).workers and time.monotonic() < deadline:
        threading.Event().wait(0.2)  # `up` may just be starting it
    listed = ", ".join(found.workers) or "none lives"
    start = "Start one: cerebro worker (cerebro up does it by itself)."
    yield Check("workers", "ok" if found.workers else "warn", listed, start)
    missing = sorted(registry.handlers(settings).keys() - found.kinds)
    if found.workers and missing:
        mend = "Give one worker CEREBRO_DATABASE_URL: these need the owner's login."
        yield Check("kinds of jobs", "warn", f"nobody runs {', '.join(missing)}", mend)
    said = f"{found.due} due, {found.dead} dead"
    mend = "See them with `cerebro jobs list --state dead`, and `cerebro jobs retry`."
    yield Check("jobs", "warn" if found.dead else "ok", said, mend)


def _revisions(settings: Settings) -> list[Check]:
    from cerebro_server import registry
    from cerebro_server.kernel.db import migrate

    found = registry.current(settings)
    newest = {"public": migrate.newest("control")}
    code = found.pop("code")
    behind = {s: r for s, r in found.items() if r < newest.get(s, code)}
    ahead = {s: r for s, r in found.items() if r > newest.get(s, code)}
    if ahead:
        mend = "This program is older than the data: upgrade cerebro-platform."
        return [Check("migrations", "fail", f"newer than {code}: {ahead}", mend)]
    if behind or not found:
        mend = "cerebro db upgrade (cerebro up does it by itself)"
        return [Check("migrations", "warn", f"behind {code}: {behind or 'empty'}", mend)]
    return [Check("migrations", "ok", f"at {code}")]


def api(url: str) -> Check:
    """Ask a server whether it is ready."""
    answer = probe.get(url, "/readyz")
    if answer.status == 200:
        return Check("api", "ok", f"ready at {url}")
    detail = answer.body.get("checks") or answer.body.get("detail") or answer.body
    said = f"answers {answer.status}" if answer.status else "does not answer"
    return Check("api", "fail", f"{url} {said}: {detail}", "Look into logs/api.log.")


def profile() -> Check:
    """Try the current profile's key on its server."""
    found = profiles.search()
    if found.session is not None:  # only a client renews it, so it is not tried here
        return Check("profile", "ok", f"signed in at {found.url}; `cerebro whoami` says as whom")
    if not found.url or not found.api_key:
        mend = "`cerebro up` saves one; or set CEREBRO_URL and CEREBRO_API_KEY."
        return Check("profile", "warn", "no server and key are saved", mend)
    answer = probe.get(found.url, "/v1/companies?limit=1", api_key=found.api_key)
    name = f"{profiles.masked(found.api_key)} at {found.url}"
    if answer.status == 200:
        return Check("profile", "ok", f"{name} works")
    if answer.status == 0:
        mend = "Start the server, or choose another profile with CEREBRO_PROFILE."
        return Check("profile", "warn", f"{name}: no answer ({answer.body['detail']})", mend)
    detail = answer.body.get("detail", f"status {answer.status}")
    return Check("profile", "fail", f"{name}: {detail}", "Save a valid key for this server.")
