"""A workspace whose people the test makes, and a worker beside the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fixtures.people import People, people
from tests.fixtures.stores import Installation
from tests.server.jobs.conftest import desk  # noqa: F401 - a fixture


@pytest.fixture
def main(installation: Installation) -> Iterator[People]:
    with people(installation.url) as found:
        yield found
