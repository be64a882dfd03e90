"""What tests of activities begin with."""

from tests.server.sales.conftest import api, main

__all__ = ["api", "main"]
