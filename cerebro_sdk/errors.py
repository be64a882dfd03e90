"""What a call can raise.

CerebroError
├── APIError                  the server refused: status, code, detail, fields, problem
│   ├── BadRequestError       400         the request could not be read
│   ├── NotSignedInError      401         no key, or not a valid one; the session has ended
│   ├── ForbiddenError        403         the right is missing
│   ├── NotFoundError         404         no such record
│   ├── ConflictError         409         the data does not allow it; `candidates`
│   ├── PreconditionFailedError 412       the record changed since it was read; `current`
│   ├── InvalidError          413 415 422 a field, filter or file was refused; `fields`
│   ├── RateLimitedError      429         too many requests; `retry_after`
│   └── ServerError           5xx         a defect on the server's side
│       └── UnavailableError  502 503 504 try again later; `retry_after`
├── ConnectionFailedError     no connection, or it broke
├── TimedOutError             no answer in time
└── NotConfiguredError        no server or no key is known
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

_SHOWN = 5


class CerebroError(Exception):
    """Anything that this SDK raises on purpose."""


class ConnectionFailedError(CerebroError):
    """The server cannot be reached, or the connection broke."""


class TimedOutError(CerebroError):
    """The server did not answer in time."""


class NotConfiguredError(CerebroError):
    """No server or no API key is known, or one of them cannot be used."""


class APIError(CerebroError):
    """The server refused; `code` never changes, `detail` is for people.

    >>> try:
    ...     crm.companies.get("nobody.example")
    ... except APIError as error:
    ...     print(error.status, error.code, error.request_id)
    """

    def __init__(
        self,
        *,
        status: int,
        problem: Mapping[str, Any],
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.status = status
        self.problem: dict[str, Any] = dict(problem)
        """The whole problem document, with members such as `current` or `candidates`."""
        self.code = _text(problem.get("code")) or f"http_{status}"
        self.detail = _text(problem.get("detail")) or _text(problem.get("title")) or self.code
        listed = problem.get("errors")
        self.errors: list[dict[str, Any]] = (
            [dict(entry) for entry in listed if isinstance(entry, Mapping)]
            if isinstance(listed, list)
            else []
        )
        """One entry per refused field or parameter: `pointer` or `parameter`, `code`, `detail`."""
        self.request_id = _text(problem.get("request_id")) or request_id
        """Finds the request in the server's logs; None if the request was never sent."""
        self.retry_after = retry_after
        """Seconds after which the server asks to be tried again, if it said so."""
        super().__init__(self._message())

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.status, self.problem, self.request_id, self.retry_after)

    @property
    def fields(self) -> list[str]:
        """Names of the refused fields and parameters, without repeats."""
        return list(dict.fromkeys(name for entry in self.errors if (name := _name(entry))))

    def _message(self) -> str:
        lines = [
            (f"{name}: {told}" if (name := _name(entry)) else told).rstrip(".")
            for entry in self.errors
            if (told := _text(entry.get("detail")) or _text(entry.get("code")))
        ]
        new = [line for line in dict.fromkeys(lines) if line not in self.detail]
        shown = "; ".join(new[:_SHOWN])
        more = f"; and {len(new) - _SHOWN} more" if len(new) > _SHOWN else ""
        asked = f" [request {self.request_id}]" if self.request_id else ""
        head = self.detail if not shown else f"{self.detail.rstrip('.:')}: "
        return f"{head}{shown}{more}{asked}"


class BadRequestError(APIError):
    """400: the request could not be read."""


class NotSignedInError(APIError):
    """401: no API key, or not a valid one; or the session has ended."""


class ForbiddenError(APIError):
    """403: signed in, but the right is missing."""


class NotFoundError(APIError):
    """404: no such record, or none that this key may see."""


class ConflictError(APIError):
    """409: the data as it is does not allow it: a taken key, an ambiguous reference."""

    @property
    def candidates(self) -> list[Any]:
        """The records that stand in the way or that the reference may have meant."""
        listed = self.problem.get("candidates")
        return listed if isinstance(listed, list) else []


class PreconditionFailedError(APIError):
    """412: the record changed since the version that was named."""

    @property
    def current(self) -> dict[str, Any] | None:
        """The record as it is now."""
        record = self.problem.get("current")
        return record if isinstance(record, dict) else None


class InvalidError(APIError):
    """413, 415, 422: understood and refused, by the server or, before sending, by the schema."""


class RateLimitedError(APIError):
    """429: too many requests."""


class ServerError(APIError):
    """5xx: something is wrong on the server's side."""


class UnavailableError(ServerError):
    """502, 503, 504: the server, or what it needs, does not answer now."""


_BY_STATUS: dict[int, type[APIError]] = {
    400: BadRequestError,
    401: NotSignedInError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    412: PreconditionFailedError,
    413: InvalidError,
    415: InvalidError,
    422: InvalidError,
    429: RateLimitedError,
    502: UnavailableError,
    503: UnavailableError,
    504: UnavailableError,
}


def by_status(status: int) -> type[APIError]:
    """Name the class of error that a status stands for."""
    return _BY_STATUS.get(status) or (ServerError if status >= 500 else APIError)


def from_reply(
    status: int, headers: Mapping[str, str], body: bytes, *, retry_after: float | None = None
) -> APIError:
    """Make the error that a reply stands for; `headers` have lower-case names.

    What is not a problem document (a proxy's error page) is quoted in the detail.
    """
    try:
        problem = json.loads(body)
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        problem = _foreign(status, headers, body)
    return by_status(status)(
        status=status,
        problem=problem,
        request_id=headers.get("x-request-id"),
        retry_after=retry_after,
    )


def refused(detail: str, errors: Sequence[Mapping[str, Any]] = ()) -> InvalidError:
    """Make the error for what this side already knows the server would refuse."""
    listed = [dict(entry) for entry in errors]
    problem = {"status": 422, "code": "validation_failed", "detail": detail, "errors": listed}
    return InvalidError(status=422, problem=problem)


def unexpected(status: int, detail: str, *, request_id: str | None = None) -> APIError:
    """Make the error for a reply that no Cerebro server sends."""
    problem = {"status": status, "code": "unexpected_reply", "detail": detail}
    return by_status(status)(status=status, problem=problem, request_id=request_id)


def _foreign(status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    from html import unescape  # only when something between us and the server answers
    from http import HTTPStatus

    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "unknown status"
    text = body[:20_000].decode("utf-8", "replace")
    if "<title" in text.lower():
        text = text[text.lower().index("<title") :].partition(">")[2].partition("<")[0]
    elif "<html" in text.lower():
        text = ""
    shown = " ".join("".join(c if c.isprintable() else " " for c in unescape(text)).split())
    detail = f"The server, or a proxy before it, answered {status} {phrase}"
    if location := headers.get("location"):
        detail += f" and points to {location[:200]}; use the address of the server itself"
    if shown:
        detail += f': "{shown[:200]}"'
    return {"status": status, "title": phrase, "detail": detail}


def _rebuild(
    kind: type[APIError],
    status: int,
    problem: dict[str, Any],
    request_id: str | None,
    retry_after: float | None,
) -> APIError:
    return kind(status=status, problem=problem, request_id=request_id, retry_after=retry_after)


def _name(entry: Mapping[str, Any]) -> str:
    pointer = _text(entry.get("pointer")).removeprefix("#").removeprefix("/")
    plain = pointer.replace("/", ".").replace("~1", "/").replace("~0", "~")
    return plain or _text(entry.get("parameter"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
