"""What PostgreSQL's errors mean to a caller."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors as pg

from cerebro_server.kernel.errors import (
    Conflict,
    Invalid,
    NotAuthenticated,
    Timeout,
    Unavailable,
)

_RETRY_AFTER = {"Retry-After": "1"}


class Collision(Conflict):
    """Nothing was written; the whole transaction can be tried again."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise the problem that a driver error stands for; leave what callers handle themselves."""
    try:
        yield
    except (pg.UniqueViolation, pg.ForeignKeyViolation):
        raise
    except (pg.DeadlockDetected, pg.SerializationFailure) as error:
        raise Collision(
            "Another change came in between, of the same records in another order; try again.",
            headers=_RETRY_AFTER,
        ) from error
    except pg.ExclusionViolation as error:
        raise Conflict(
            "Another record has been given meanwhile what only one can have, such as to be the "
            "default; look at what there is, and try again.",
            headers=_RETRY_AFTER,
        ) from error
    except pg.QueryCanceled as error:
        raise Timeout(
            "The database did not finish in time; ask for less, or try again.",
            headers=_RETRY_AFTER,
        ) from error
    except (pg.InvalidParameterValue, pg.InsufficientPrivilege) as error:
        # of all that a scope sets, PostgreSQL checks the role alone: it is shut out, or dropped
        if error.diag.source_function != "call_string_check_hook":
            raise
        raise NotAuthenticated(
            "The workspace is gone.", headers={"WWW-Authenticate": "Bearer"}
        ) from error
    except pg.LockNotAvailable as error:
        raise Conflict(
            "The record is locked by another change; try again.", headers=_RETRY_AFTER
        ) from error
    except (pg.UntranslatableCharacter, pg.CharacterNotInRepertoire) as error:
        raise Invalid("A value holds characters that the database cannot store.") from error
    except psycopg.DataError as error:
        if error.sqlstate is not None:
            raise
        # psycopg's own, of a NUL in a text: it was not sent
        raise Invalid("A value holds characters that the database cannot store.") from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise Unavailable(
            "The database does not answer; try again shortly.", headers=_RETRY_AFTER
        ) from error
