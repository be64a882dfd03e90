"""Where the embedded stores keep their files: data, logs, secret and sockets."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cerebro_server.embedded import account as accounts
from cerebro_server.embedded.account import Account
from cerebro_server.embedded.errors import EmbeddedError

STATE = Path("/var/lib/cerebro")  # for root, whose own folders other users cannot enter
POINTER = "STORES_ARE_ELSEWHERE.txt"


@dataclass(frozen=True)
class Places:
    """The folders of one data directory."""

    data_dir: Path
    stores: Path
    sockets: Path
    account: Account

    @property
    def postgres(self) -> Path:
        """Return PostgreSQL's data."""
        return self.stores / "postgres"

    @property
    def redis(self) -> Path:
        """Return Redis's working folder."""
        return self.stores / "redis"

    @property
    def secret_file(self) -> Path:
        """Return the file of the secret key."""
        return self.data_dir / "secret_key"

    def log(self, name: str) -> Path:
        """Return the log of one child."""
        return self.data_dir / "logs" / f"{name}.log"

    def make(self) -> None:
        """Make the folders, each for those only who need it."""
        try:
            self.log("any").parent.mkdir(mode=0o700, exist_ok=True)
            if self.stores != self.data_dir:
                self.stores.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
                self.account.make_folder(self.stores)
                self._point()
            self.account.make_folder(self.redis)
        except OSError as error:
            raise EmbeddedError(f"{self.data_dir} cannot be written: {error}") from None
        make_sockets(self.sockets, self.account)

    def tidy(self) -> None:
        """Remove the folder of the sockets once the stores have taken theirs away."""
        with contextlib.suppress(OSError):
            self.sockets.rmdir()

    def _point(self) -> None:
        (self.data_dir / POINTER).write_text(
            f"The data of this folder lies in:\n{self.stores}\n\n"
            f"PostgreSQL does not run as root, and the user {self.account.name!r}, who runs it "
            "instead, cannot enter this folder.\n"
        )

    def secret_key(self) -> str:
        """Return the key that signs cursors and derives passwords; the first call makes it."""
        try:
            handle = os.open(self.secret_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            if key := self.secret_file.read_text().strip():
                return key
            handle = os.open(self.secret_file, os.O_WRONLY)  # killed between making and filling
        key = secrets.token_hex(32)
        with os.fdopen(handle, "w") as file:
            file.write(key + "\n")
            file.flush()
            os.fsync(file.fileno())
        return key


def default_data_dir() -> Path:
    """Return where `cerebro up` keeps data: `CEREBRO_DATA_DIR`, else the user's data directory."""
    if named := os.environ.get("CEREBRO_DATA_DIR"):
        return Path(named)
    import platformdirs  # here: `make run` and tests name their folder

    return Path(platformdirs.user_data_dir("cerebro"))


def make_data_dir(data_dir: Path) -> Path:
    """Make the data directory and return its one true path."""
    data_dir = data_dir.expanduser()
    # Root's stores run as another user, who has to pass through; what is secret is 0600 or 0700.
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        if not data_dir.exists():
            data_dir.mkdir(mode=mode, parents=True)
            data_dir.chmod(mode)
        if not os.access(data_dir, os.W_OK | os.X_OK):
            raise PermissionError(13, f"owned by {data_dir.owner()}, and you may not write to it")
        return data_dir.resolve(strict=True)
    except (OSError, KeyError) as error:
        reason = getattr(error, "strerror", None) or error
        raise EmbeddedError(
            f"The data directory {data_dir} cannot be used: {reason}. "
            "Choose another with --data-dir, or mend its rights."
        ) from None


def find(data_dir: Path, *, may_create: bool = True) -> Places:
    """Find out where the stores of a data directory are, or would be.

    Nothing is written, but for root's system user where `may_create` allows it.
    """
    data_dir = data_dir.resolve()
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    apart = STATE / digest
    inside = (data_dir / "postgres").exists()
    stores = apart if (data_dir / POINTER).exists() and not inside else data_dir
    account = accounts.choose(stores / "postgres", may_create=may_create)
    if not inside and not account.is_caller and not account.can_enter(data_dir):
        stores = apart
    # One folder per user too: /tmp is everybody's, and root may start what a user made.
    sockets = Path("/tmp") / f"cerebro-{account.uid}-{digest}"  # noqa: S108
    return Places(data_dir=data_dir, stores=stores, sockets=sockets, account=account)


def make_sockets(folder: Path, account: Account) -> None:
    """Make the folder of the sockets. Its mode 0700 is what keeps other users out."""
    try:
        folder.mkdir(mode=0o700)
        account.make_folder(folder)
    except FileExistsError:
        found = folder.lstat()
        if (
            not stat.S_ISDIR(found.st_mode)
            or found.st_uid not in (account.uid, os.geteuid())
            or found.st_mode & 0o077
        ):
            raise EmbeddedError(
                f"{folder} belongs to somebody else or is open to others, so the stores' sockets "
                "would not be safe in it. Remove it and start again."
            ) from None
        account.make_folder(folder)
    except OSError as error:
        raise EmbeddedError(f"{folder} cannot be made: {error}") from None


def make_temporary(account: Account) -> Path:
    """Make a folder that vanishes with its user; short, since socket paths end at 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="cerebro-", dir="/tmp"))
    account.make_folder(folder)
    return folder
