"""Fixtures for the whole suite."""

pytest_plugins = ["tests.fixtures.not_run", "tests.fixtures.server", "tests.fixtures.stores"]
