"""The CLI profile that `cerebro up` keeps for a data directory, so that `cerebro` just works."""

from __future__ import annotations

from pathlib import Path

from cerebro_sdk import profiles
from cerebro_sdk.profiles import Profile


def of(data_dir: Path) -> tuple[str, Profile] | None:
    """Return name and profile that belong to a data directory."""
    for name in profiles.names():
        profile = profiles.load(name)
        if profile is not None and profile.data_dir == str(data_dir):
            return name, profile
    return None


def keep(data_dir: Path, *, url: str, workspace: str, api_key: str | None) -> str | None:
    """Save a new key, or follow a server that moved to another port; return the profile's name.

    None when there is no key to save and none saved.
    """
    known = of(data_dir)
    if known is not None:
        name, key = known[0], api_key or known[1].api_key
    elif api_key is not None:
        name, key = _free_name(), api_key
    else:
        return None
    profile = Profile(url=url, api_key=key, workspace=workspace, data_dir=str(data_dir))
    if known is None or known[1] != profile:
        profiles.save(name, profile, make_current=_may_be_current(data_dir))
    return name


def is_current(name: str) -> bool:
    """Say whether `cerebro` without `--profile` uses this profile."""
    return profiles.current() == name


def forget(data_dir: Path) -> str | None:
    """Remove the profile of a data directory; return its name."""
    known = of(data_dir)
    if known is not None:
        profiles.remove(known[0])
    return known[0] if known else None


def _may_be_current(data_dir: Path) -> bool:
    current = profiles.load()
    return current is None or current.data_dir == str(data_dir)


def _free_name() -> str:
    taken = set(profiles.names())
    return next(
        name
        for number in range(1, len(taken) + 2)
        if (name := "local" if number == 1 else f"local-{number}") not in taken
    )
