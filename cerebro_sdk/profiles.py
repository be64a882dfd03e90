"""Saved servers and how to sign in there: `profiles.json`, which its owner alone can read.

{"current": "local", "profiles": {"local": {"url": …, "api_key": …, "workspace": …},
"crm.example": {"url": …, "access_token": …, "refresh_token": …, "expires_at": …}}}
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple


class ProfileError(ValueError):
    """The file cannot be read, or holds no such profile."""


class SessionTokens(NamedTuple):
    """What a person who signed in has in place of a key."""

    access_token: str
    refresh_token: str
    expires_at: float
    """When the access token ends, in seconds since 1970 by this machine's clock."""

    @classmethod
    def of(cls, reply: Mapping[str, Any], *, now: float) -> SessionTokens:
        """Read the server's reply to a sign-in or a renewal that came just now."""
        return cls(reply["access_token"], reply["refresh_token"], now + reply["expires_in"])

    def __repr__(self) -> str:
        return f"SessionTokens(access_token='***', expires_at={self.expires_at!r})"


class Profile(NamedTuple):
    """One server, and the key to it or the tokens of a session there."""

    url: str
    api_key: str | None = None
    workspace: str | None = None
    data_dir: str | None = None
    """Where the server of this machine keeps its data, if it is one."""
    access_token: str | None = None
    refresh_token: str | None = None
    expires_at: float | None = None

    @property
    def session(self) -> SessionTokens | None:
        """The tokens, if this is the sign-in of a person."""
        if self.access_token and self.refresh_token and self.expires_at is not None:
            return SessionTokens(self.access_token, self.refresh_token, self.expires_at)
        return None

    def __repr__(self) -> str:
        return f"Profile(url={self.url!r}, {_shown(self.api_key, self.session)})"


class Found(NamedTuple):
    """What a search for a server and a way to sign in came to; None where nothing was said."""

    url: str | None
    api_key: str | None = None
    other: str | None = None
    """A profile whose key was left out because it belongs to another server."""
    profile: str | None = None
    """The profile that was used, if any."""
    session: SessionTokens | None = None

    def __repr__(self) -> str:
        return f"Found(url={self.url!r}, {_shown(self.api_key, self.session)})"


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
    return _loaded(name)[1]


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


def renew(name: str, old: SessionTokens, new: SessionTokens) -> bool:
    """Put new tokens in the place of old ones; False if those are no longer there.

    So nobody who has signed out, or in as somebody else, is signed in again by a late renewal.
    """
    with _locked():
        content = _read()
        entry = content["profiles"].get(name)
        if not isinstance(entry, dict) or entry.get("refresh_token") != old.refresh_token:
            return False
        content["profiles"][name] = {**entry, **new._asdict()}
        _write(content)
    return True


def make_current(name: str) -> None:
    """Use this profile when none is asked for."""
    with _locked():
        content = _read()
        if name not in content["profiles"]:
            raise _unknown(name)
        content["current"] = name
        _write(content)


def remove(name: str) -> bool:
    """Forget a profile with its key or tokens; False if there was none."""
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

    The key or session of a profile is used for the server of that profile only.
    """
    if profile is not None:
        if profile not in names():
            raise _unknown(profile)
    else:
        url = url or os.environ.get("CEREBRO_URL") or None
        api_key = api_key or os.environ.get("CEREBRO_API_KEY") or None
    if url and api_key:
        return Found(url, api_key)
    name, saved = _loaded(profile)
    if saved is None:
        return Found(url, api_key)
    if url and url.rstrip("/") != saved.url.rstrip("/"):
        return Found(url, api_key, saved.url)
    if api_key:
        return Found(saved.url, api_key)
    return Found(url or saved.url, saved.api_key, profile=name, session=saved.session)


def lock(name: str) -> int | None:
    """Lock the session of a profile for its renewal: a file to close afterwards, or None.

    None means that somebody else renews it now. It does not wait, since that would hold up an
    event loop.
    """
    handle = _lock_file(f".session-{name.encode().hex()[:60]}.lock")
    try:
        import fcntl  # not on Windows, where two processes may renew at once

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        pass
    except OSError:
        os.close(handle)
        return None
    return handle


def _shown(api_key: str | None, session: SessionTokens | None) -> str:
    return "session='***'" if session else f"api_key={masked(api_key or '')!r}"


def _loaded(name: str | None) -> tuple[str, Profile | None]:
    content = _read()
    chosen = name or os.environ.get("CEREBRO_PROFILE") or content["current"]
    entry = content["profiles"].get(chosen)
    return str(chosen), None if entry is None else _profile(entry, str(chosen))


def _unknown(name: str) -> ProfileError:
    known = ", ".join(names()) or "none"
    return ProfileError(f"There is no profile {name!r}; known profiles: {known}.")


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
    texts = {key: held for key in Profile._fields if isinstance(held := said.get(key), str)}
    ends = said.get("expires_at")
    profile = Profile(
        **{"url": "", **texts},
        expires_at=float(ends) if isinstance(ends, int | float) else None,
    )
    if not profile.url or not (profile.api_key or profile.session):
        raise ProfileError(
            f"{_path()}: profile {name!r} needs url, and api_key or the tokens of a session; sign "
            "in again."
        )
    return profile


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
    handle = _lock_file(".profiles.lock")
    try:
        try:
            import fcntl  # not on Windows, where two logins at once are not kept apart

            fcntl.flock(handle, fcntl.LOCK_EX)
        except ImportError:
            pass
        yield
    finally:
        os.close(handle)


def _lock_file(name: str) -> int:
    place = folder()
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(place / name, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ProfileError(f"{place} cannot be written to: {error.strerror}.") from error
