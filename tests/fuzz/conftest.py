"""A server in this process for a whole file, spoken to from synchronous tests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, settings

from tests.fixtures.everyday import TORTURE
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation, copied

EXAMPLES = 2000 if TORTURE else 30
OPERATION_EXAMPLES = 200 if TORTURE else 5

fuzzing = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,  # by chance, of texts that would fit after all
        HealthCheck.function_scoped_fixture,
    ],
)


@pytest.fixture(scope="module")
def fuzzed(postgres: str, template: Installation) -> Iterator[Installation]:
    """A database for all examples of a file."""
    yield from copied(postgres, template)


class Blocking:
    """The checked client of other tests, for tests that are no coroutines."""

    def __init__(self, portal: BlockingPortal, client: httpx.AsyncClient) -> None:
        self._portal = portal
        self._client = client

    def ask(self, method: str, url: str, **options: Any) -> httpx.Response:
        """Send one request; the reply was held to the OpenAPI document, which knows no 500."""
        return self._portal.call(partial(self._client.request, method, url, **options))


@pytest.fixture(scope="module")
def client(fuzzed: Installation) -> Iterator[Blocking]:
    """A client signed in as the owner; the log holds defects only."""
    server = serving(fuzzed, log_level="error")
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(server) as made:
        yield Blocking(portal, made)
