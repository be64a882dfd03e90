"""Which system user the stores run as: the caller, or for root one without rights of its own."""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from cerebro_server.embedded.errors import EmbeddedError

OWN_USER = "cerebro"
_FALLBACKS = ("postgres", "nobody")


class Identity(TypedDict, total=False):
    """Arguments of subprocess that change who a child is."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """A system user. PostgreSQL refuses to run as root, so root hands its stores to one."""

    name: str
    uid: int
    gid: int

    @property
    def is_caller(self) -> bool:
        """Say whether this is who runs us, so that no identity has to change."""
        return self.uid == os.geteuid()

    def identity(self) -> Identity:
        """Return what subprocess needs to start a child as this user."""
        if self.is_caller:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_run(self, command: list[str]) -> bool:
        """Say whether this user can run a command; the kernel knows modes, ACLs and mounts best."""
        try:
            done = subprocess.run(  # noqa: S603
                command, capture_output=True, timeout=20, check=False, cwd="/", **self.identity()
            )
        except (OSError, subprocess.SubprocessError):
            return False
        return done.returncode == 0

    def can_enter(self, folder: Path) -> bool:
        """Say whether this user can reach what lies in a folder."""
        if self.is_caller:
            return os.access(folder, os.X_OK)
        return self.can_run([shutil.which("test") or "/usr/bin/test", "-x", str(folder)])

    def make_folder(self, folder: Path) -> None:
        """Make a folder that only this user can enter, or make an existing one so."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.is_caller:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)


def choose(existing: Path, *, may_create: bool = True) -> Account:
    """Choose the account; data that exists keeps its owner, whoever starts it the next time.

    Root gets a system user of its own, created the first time unless the caller only looks.
    """
    if os.geteuid() != 0:
        return _caller()
    if existing.exists() and (owner := existing.stat().st_uid) != 0:
        return _by_uid(owner, gid=existing.stat().st_gid)
    return _known(OWN_USER) or (_create() if may_create else None) or _first_fallback()


def _caller() -> Account:
    return _by_uid(os.geteuid(), gid=os.getegid())


def _by_uid(uid: int, *, gid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:  # a container started with a bare number
        return Account(str(uid), uid, gid)
    return Account(entry.pw_name, uid, entry.pw_gid)


def _known(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    # An ordinary person may be called `cerebro`; only a system user may be taken over.
    if entry.pw_uid == 0 or (entry.pw_uid >= 1000 and name == OWN_USER):
        return None
    return Account(name, entry.pw_uid, entry.pw_gid)


def _create() -> Account | None:
    useradd = shutil.which("useradd") or shutil.which("useradd", path="/usr/sbin:/sbin")
    if useradd is None:
        return None
    options = ["--system", "--no-create-home", "--user-group", "--shell", "/usr/sbin/nologin"]
    # two at once have been seen to go on with an id that in the end was nobody's
    with Path("/etc/passwd").open(encoding="utf-8") as turns:
        fcntl.flock(turns, fcntl.LOCK_EX)
        if (account := _known(OWN_USER)) is not None:
            return account
        subprocess.run(  # noqa: S603
            [useradd, *options, OWN_USER], capture_output=True, check=False, timeout=30
        )
    return _known(OWN_USER)


def _first_fallback() -> Account:
    for name in _FALLBACKS:
        if (account := _known(name)) is not None:
            return account
    raise EmbeddedError(
        "PostgreSQL refuses to run as root, and no other user was found to run it as. "
        f"Create one: useradd --system --no-create-home {OWN_USER}"
    )
