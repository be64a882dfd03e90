"""Saved servers and keys: `profiles.json` in the user's configuration folder, for their eyes only.

{"current": "local", "profiles": {"local": {"url": …, "api_key": …, "workspace": …}}}
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple


class ProfileError(ValueError):
    """The file cannot be read, or holds no such profile."""


class Profile(NamedTuple):
    """One server and the key to it."""

    url: str
    api_key: str
    workspace: str | None = None
    data_dir: str | None = None
    """Where the server of this machine keeps its data, if it is one."""

    def __repr__(self) -> str:
        return f"Profile(url={self.url!r}, api_key={masked(self.api_key)!r})"


class Found(NamedTuple):
    """What a search for a server and its key came to; None where nothing was said."""

    url: str | None
    api_key: str | None
    other: str | None = None
    """A profile whose key was left out because it belongs to another server."""

    def __repr__(self) -> str:
        return f"Found(url={self.url!r}, api_key={masked(self.api_key or '')!r})"


def masked(api_key: str) -> str:
    """Show which key it is without the secret: `cbr_main_k1_***`."""
    known, _, secret = api_key.rpartition("_")
    shown = known.startswith("cbr_") and known.count("_") >= 2 and secret
    return f"{known}_***" if shown else "***"


def folder() -> Path:
    """Name the folder of the profiles: CEREBRO_CONFIG_DIR, else the system's place for it."""
    if chosen := os.environ.get("CEREBRO_CONFIG_DIR"):
        return Path(chosen)
    import platformdirs  # only needed without the variable

    return Path(platformdirs.user_config_dir("cerebro"))


def load(name: str | None = None) -> Profile | None:
    """Return a profile: the named one, else that of CEREBRO_PROFILE, else the current one.

    >>> profile = load()
    >>> profile.url if profile else "not signed in"
    """
    content = _read()
    chosen = name or os.environ.get("CEREBRO_PROFILE") or content["current"]
    entry = content["profiles"].get(chosen)
    return None if entry is None else _profile(entry, str(chosen))


def current() -> str | None:
    """Name the profile that is used when none is asked for."""
    chosen = os.environ.get("CEREBRO_PROFILE") or _read()["current"]
    return chosen if isinstance(chosen, str) else None


def names() -> list[str]:
    """List the names of all profiles, in alphabetical order."""
    return sorted(_read()["profiles"])


def save(name: str, profile: Profile, make_current: bool = True) -> None:
    """Store a profile under a name; an older one of that name is replaced."""
    if not name:
        raise ProfileError("A profile needs a name.")
    with _locked():
        content = _read()
        entry = {key: value for key, value in profile._asdict().items() if value is not None}
        content["profiles"][name] = entry
        if make_current or content["current"] is None:
            content["current"] = name
        _write(content)


def remove(name: str) -> bool:
    """Forget a profile and its key; False if there was none."""
    with _locked():
        content = _read()
        if content["profiles"].pop(name, None) is None:
            return False
        if content["current"] == name:
            content["current"] = None
        _write(content)
    return True


def search(
    url: str | None = None, api_key: str | None = None, *, profile: str | None = None
) -> Found:
    """Find server and key: arguments, a named profile, CEREBRO_URL and CEREBRO_API_KEY, a profile.

    The key of a profile is used for the server of that profile only.
    """
    named = None
    if profile is not None:
        named = load(profile)
        if named is None:
            known = ", ".join(names()) or "none"
            raise ProfileError(f"There is no profile {profile!r}; known profiles: {known}.")
    else:
        url = url or os.environ.get("CEREBRO_URL") or None
        api_key = api_key or os.environ.get("CEREBRO_API_KEY") or None
    if url and api_key:
        return Found(url, api_key)
    saved = named or load()
    if saved is None:
        return Found(url, api_key)
    if url and url.rstrip("/") != saved.url.rstrip("/"):
        return Found(url, api_key, saved.url)
    return Found(url or saved.url, api_key or saved.api_key)


def _path() -> Path:
    return folder() / "profiles.json"


def _read() -> dict[str, Any]:
    path = _path()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {"current": None, "profiles": {}}
    except OSError as error:
        raise ProfileError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ProfileError(f"{path} is not valid JSON ({error}); mend or delete it.") from error
    if not isinstance(content, dict) or not isinstance(content.get("profiles", {}), dict):
        raise ProfileError(f"{path} does not hold profiles; mend or delete it.")
    return {**content, "current": content.get("current"), "profiles": content.get("profiles", {})}


def _profile(entry: Any, name: str) -> Profile:
    said = entry if isinstance(entry, dict) else {}
    values = {key: said.get(key) for key in Profile._fields}
    if not (isinstance(values["url"], str) and isinstance(values["api_key"], str)):
        raise ProfileError(f"{_path()}: profile {name!r} needs url and api_key; sign in again.")
    return Profile(**{k: v for k, v in values.items() if isinstance(v, str)})


def _write(content: dict[str, Any]) -> None:
    path = _path()
    # beside the target, so that the rename is atomic; 0600 from its first moment
    draft = path.with_name(f".profiles-{os.getpid()}-{os.urandom(4).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2, ensure_ascii=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    place = folder()
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(place / ".profiles.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ProfileError(f"{place} cannot be written to: {error.strerror}.") from error
    try:
        try:
            import fcntl  # not on Windows, where two logins at once are not kept apart

            fcntl.flock(lock, fcntl.LOCK_EX)
        except ImportError:
            pass
        yield
    finally:
        os.close(lock)
