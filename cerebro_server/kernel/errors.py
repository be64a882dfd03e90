"""What can go wrong, as the API says it: RFC 9457 problems with stable codes.

    Problem
    ├── BadRequest            400   the request cannot be read
    ├── NotAuthenticated      401   no key, or not a valid one
    ├── Forbidden             403   the key is valid, the right is missing
    ├── NotFound              404   no such record or address
    ├── Conflict              409   the data does not allow it
    ├── LinkExpired           410   the link was good once
    ├── PreconditionFailed    412   the record changed since it was read
    ├── Invalid               422   understood, but refused: fields, filters, cursors
    ├── RateLimited           429   too many requests; Retry-After says when to go on
    └── Unavailable           503   try again later

`code` never changes once released; components add theirs in their own `errors.py`. The whole list
is docs/errors.md, held by a test.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar


class Problem(Exception):  # noqa: N818 - RFC 9457's word
    """An error with a stable code. `detail` says what is wrong, where, and what to do."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(
        self,
        detail: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.members = {name: value for name, value in members.items() if value is not None}


class BadRequest(Problem):
    """The request cannot be read."""

    status = 400
    code = "bad_request"
    title = "The request cannot be read"


class MalformedJson(BadRequest):
    """The body is not JSON."""

    code = "malformed_json"
    title = "The body is not valid JSON"


class NotAuthenticated(Problem):
    """No credentials, or none that are valid."""

    status = 401
    code = "not_authenticated"
    title = "Not signed in"


class Forbidden(Problem):
    """Signed in, but the right is missing."""

    status = 403
    code = "forbidden"
    title = "Not allowed"


class NotFound(Problem):
    """No such record, or none that the caller may see."""

    status = 404
    code = "not_found"
    title = "Not found"


class RecordDeleted(NotFound):
    """The record is deleted; restore it first."""

    code = "record_deleted"
    title = "The record is deleted"


class MethodNotAllowed(Problem):
    """The address exists, the method does not."""

    status = 405
    code = "method_not_allowed"
    title = "Method not allowed"


class Conflict(Problem):
    """The data as it is does not allow it."""

    status = 409
    code = "conflict"
    title = "Conflict"


class DuplicateKey(Conflict):
    """Another living record has this key; `candidates` names it."""

    code = "duplicate_key"
    title = "The key is taken"


class PossibleDuplicate(Conflict):
    """The record is probably there already; `candidates` says which it may be, and why."""

    code = "possible_duplicate"
    title = "Probably a duplicate"


class AmbiguousReference(Conflict):
    """Several records fit the reference; `candidates` lists them."""

    code = "ambiguous_reference"
    title = "Several records fit"


class NotDeleted(Conflict):
    """Only what is deleted can be destroyed."""

    code = "not_deleted"
    title = "The record is not deleted"


class RecordLocked(Conflict):
    """The record is locked, so that nobody changes it; unlock it first."""

    code = "record_locked"
    title = "The record is locked"


class PlanDrifted(Conflict):
    """What was planned is not what is there now; `errors` names the first 20 records."""

    code = "plan_drifted"
    title = "The plan fits no longer"


class PlanRemoved(Conflict):
    """The rows of the operation's plan were removed some time after it ended."""

    code = "plan_removed"
    title = "The plan is gone"


class NotWhole(Conflict):
    """Not all rows of an operation can be written that was to be all or nothing; `errors` names the
    first 20 that cannot."""

    code = "not_whole"
    title = "Not all of it can be written"


class Destroyed(Conflict):
    """What is to be taken back destroyed a record: that is final."""

    code = "destroyed"
    title = "The record was destroyed"


class WrongState(Conflict):
    """The operation's state does not allow it."""

    code = "wrong_state"
    title = "Not in this state"


class IdempotencyKeyInUse(Conflict):
    """The first request with this key is still running."""

    code = "in_flight"
    title = "The key is in use"


class VersionMismatch(Problem):
    """The record changed since it was read; `current` holds it as it is now."""

    status = 412
    code = "version_mismatch"
    title = "The record has changed"


class LinkExpired(Problem):
    """The link was good once, and is no more; ask for a new one."""

    status = 410
    code = "link_expired"
    title = "The link has expired"


class PayloadTooLarge(Problem):
    """The body is larger than this address takes."""

    status = 413
    code = "payload_too_large"
    title = "The body is too large"


class UnsupportedMediaType(Problem):
    """The body's Content-Type is not one that this address reads."""

    status = 415
    code = "unsupported_media_type"
    title = "Unsupported media type"


class RangeNotSatisfiable(Problem):
    """The file has none of the bytes that were asked for."""

    status = 416
    code = "range_not_satisfiable"
    title = "No such range"


class Invalid(Problem):
    """Understood, but refused; `errors` points at each field."""

    status = 422
    code = "invalid"
    title = "The request was refused"


class ValidationFailed(Invalid):
    """One or more fields are wrong."""

    code = "validation_failed"
    title = "One or more fields are wrong"

    @classmethod
    def at(cls, field: str, code: str, detail: str) -> ValidationFailed:
        """Return the error about one field of the body."""
        return cls(detail, errors=[{"pointer": f"/{field}", "code": code, "detail": detail}])


class IdempotencyKeyReused(Invalid):
    """The key came before, with another body."""

    code = "idempotency_key_reused"
    title = "The key was used before"


class InvalidQuery(Invalid):
    """A filter or sort that cannot be understood; `position` counts characters from 1."""

    code = "invalid_query"
    title = "The filter or sort is wrong"


class QueryTooLarge(Invalid):
    """A filter beyond the limits."""

    code = "query_too_large"
    title = "The filter is too large"


class InvalidCursor(Invalid):
    """A cursor that was not made for this list, or is too old."""

    code = "invalid_cursor"
    title = "The cursor does not fit"


class InvalidFile(Invalid):
    """A file that cannot be read; `errors` name line and column."""

    code = "invalid_file"
    title = "The file cannot be read"


class RateLimited(Problem):
    """More requests than the budget of the window allows; Retry-After says when it ends."""

    status = 429
    code = "rate_limited"
    title = "Too many requests"


class Unavailable(Problem):
    """A part that the server needs does not answer."""

    status = 503
    code = "unavailable"
    title = "Temporarily unavailable"


class Timeout(Unavailable):
    """The database took longer than it is allowed to."""

    code = "timeout"
    title = "The request took too long"


class InternalError(Problem):
    """A defect of ours. The request id finds it in the logs."""


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that was probably meant, for a suggestion, or none."""
    names = {name.lower(): name for name in candidates}
    found = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    return names[found[0]] if found else None
