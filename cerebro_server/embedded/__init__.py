"""PostgreSQL and Redis of our own, under our own supervisor. The floor below the kernel."""

from cerebro_server.embedded.errors import AlreadyRunningError, EmbeddedError
from cerebro_server.embedded.throwaway import Throwaway, throwaway

__all__ = ["AlreadyRunningError", "EmbeddedError", "Throwaway", "throwaway"]
