"""Exit codes, and the one place that says what an error means for people and for scripts.

0  done                         5  not found
1  failed, or rows refused      6  conflict, changed meanwhile, ambiguous reference
2  usage, or a value refused    7  unavailable: no connection, 429, 502 to 504
4  not signed in, forbidden   130  interrupted
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cerebro_sdk.display import visible

OK = 0
FAILED = 1
USAGE = 2
DENIED = 4
NOT_FOUND = 5
CONFLICT = 6
UNAVAILABLE = 7
INTERRUPTED = 130

_BY_STATUS = {
    400: USAGE,
    401: DENIED,
    403: DENIED,
    404: NOT_FOUND,
    409: CONFLICT,
    410: NOT_FOUND,
    412: CONFLICT,
    413: USAGE,
    415: USAGE,
    422: USAGE,
    429: UNAVAILABLE,
    502: UNAVAILABLE,
    503: UNAVAILABLE,
    504: UNAVAILABLE,
}
_BY_NAME = {
    "NotConfiguredError": DENIED,
    "ProfileError": USAGE,
    "ConnectionFailedError": UNAVAILABLE,
    "TimedOutError": UNAVAILABLE,
}
_NEXT = {
    DENIED: "Check the key: CEREBRO_API_KEY, or the profile chosen with --profile; or sign in: "
    "`cerebro login`.",
    UNAVAILABLE: "`cerebro up` starts one on this machine; `cerebro doctor` says what is wrong.",
}
_NEXT_BY_CODE = {
    "fresh_sign_in_needed": "Sign in again: `cerebro login`.",
    "plan_drifted": "--on-drift skip leaves those as they are, --on-drift replan plans it anew.",
    "possible_duplicate": "--allow-duplicates creates it all the same.",
    "record_locked": "`cerebro NOUN unlock REF` unlocks it.",
    "session_ended": None,  # what it says is what to do
    "sign_in_failed": "`cerebro password reset EMAIL` sends a link to choose a new password.",
    "workspace_needed": "Say which: --workspace NAME.",
}
_OURS = ("cerebro_sdk", "cerebro_cli", "cerebro_server", "cerebro_tui")


class Stop(Exception):  # noqa: N818  # an outcome, as StopIteration is
    """End the command with this message and exit code; raised by commands, shown by `main`."""

    def __init__(self, message: str, code: int = FAILED, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


class ReaderGone(Exception):  # noqa: N818  # not an error
    """Nobody reads our stdout any more (`cerebro … | head`); not an error."""


class Verdict(NamedTuple):
    """What an error means: the exit code and the lines to print on stderr."""

    code: int
    lines: list[str]


def usage(message: str, *, hint: str | None = None) -> Stop:
    """Return the error for wrong usage, to be raised."""
    return Stop(message, USAGE, hint=hint)


def judge(error: BaseException, *, query: str | None = None) -> Verdict:
    """Return exit code and message of any exception; `query` is the filter that was sent."""
    if isinstance(error, Stop):
        return _said(error.code, str(error), hint=error.hint)
    if isinstance(error, (KeyboardInterrupt, EOFError)) or _is_typer(error, "Abort"):
        return Verdict(INTERRUPTED, ["Interrupted."])
    status = getattr(error, "status", None)
    if isinstance(status, int) and hasattr(error, "detail"):
        return Verdict(_BY_STATUS.get(status, FAILED), list(_problem(error, query)))
    return _local(error)


def _local(error: BaseException) -> Verdict:
    """Judge what went wrong on this side."""
    if type(error).__name__ in _BY_NAME:
        code = _BY_NAME[type(error).__name__]
        return _said(code, str(error), hint=_NEXT[code] if code == UNAVAILABLE else None)
    if _is_ours(error):
        return _said(FAILED, str(error))
    if isinstance(error, ModuleNotFoundError):
        return judge(missing(str(error.name), extra="all"))
    return _unforeseen(error)


def _unforeseen(error: BaseException) -> Verdict:
    if isinstance(error, UnicodeError) and "surrogates" in str(error):
        return _said(USAGE, "An argument is not valid UTF-8.", hint="Check the terminal's locale.")
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return _said(FAILED, f"{where}{error.strerror}.")
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    return _said(FAILED, f"This is a defect of Cerebro. {what}", hint="--debug shows where.")


def missing(module: str, *, extra: str) -> Stop:
    """Return the error that says which extra brings a module that is not there, to be raised."""
    return usage(
        f"This needs more than the SDK ({module} is not installed).",
        hint=f"pip install 'cerebro-platform[{extra}]'",
    )


def _said(code: int, message: str, *, hint: str | None = None) -> Verdict:
    lines = visible(message, keep="\n").split("\n")
    return Verdict(code, [*lines, visible(hint)] if hint else lines)


def _is_typer(error: BaseException, name: str) -> bool:
    return type(error).__name__ == name and type(error).__module__.split(".")[0] in (
        "typer",
        "click",
    )


def _is_ours(error: BaseException) -> bool:
    return type(error).__module__.split(".")[0] in _OURS and type(error).__name__.endswith("Error")


def _problem(error: Any, query: str | None) -> Iterator[str]:
    """Yield the lines for a problem (RFC 9457) from the server, or raised by its commands."""
    problem: Mapping[str, Any] = getattr(error, "problem", None) or getattr(error, "members", {})
    detail = str(error.detail or error)
    yield from visible(detail, keep="\n").split("\n")
    for entry in getattr(error, "errors", None) or []:
        place = str(entry.get("pointer") or entry.get("parameter") or "").lstrip("#/")
        text = str(entry.get("detail", ""))
        if text and text not in detail:
            yield visible(f"  {place.replace('/', '.')}: {text}" if place else f"  {text}")
    yield from _pointed(problem.get("position"), query)
    suggestion = problem.get("suggestion")
    if suggestion and str(suggestion) not in detail:
        yield visible(f"Did you mean {suggestion}?")
    for candidate in problem.get("candidates") or []:
        yield visible(f"  {_candidate(candidate)}")
    current = problem.get("current")
    if isinstance(current, Mapping) and "version" in current and "version" not in detail:
        yield visible(f"It is at version {current['version']} now; read it again.")
    for slug in problem.get("workspaces") or []:
        yield visible(f"  {slug}")
    yield from _next(error)
    request_id = getattr(error, "request_id", None)
    if request_id and error.status >= 500:
        yield visible(f"Request {request_id}; the server's log says more.")


def _next(error: Any) -> Iterator[str]:
    """Say what to do, where the problem itself does not."""
    known = _NEXT.get(_BY_STATUS.get(error.status, FAILED)) if error.status in (401, 503) else None
    hint = _NEXT_BY_CODE.get(str(getattr(error, "code", "")), known)
    if hint:
        yield hint


def _pointed(position: Any, query: str | None) -> Iterator[str]:
    """Show the filter with a mark under the place that is wrong."""
    if not isinstance(position, int) or query is None or not 1 <= position <= len(query) + 1:
        return
    before = visible(query[: position - 1])
    if len(before) > 60:
        before = "…" + before[-59:]
    yield "  " + before + visible(query[position - 1 :])[:60]
    yield "  " + " " * len(before) + "^"


def _candidate(candidate: Any) -> str:
    if isinstance(candidate, Mapping):
        values = (value for value in candidate.values() if value is not None)
        return "  ".join(", ".join(v) if isinstance(v, list) else str(v) for v in values)
    return str(candidate)
