"""What Prometheus reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

_registry = CollectorRegistry()
_seconds = Histogram(
    "cerebro_request_seconds",
    "Time to answer, by operation, method and class of status.",
    ["operation", "method", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_registry,
)
_pool = Gauge(
    "cerebro_database_connections", "Connections of the pool.", ["state"], registry=_registry
)
_oldest = Gauge(
    "cerebro_oldest_write_seconds",
    "Age of the oldest transaction that has written; readers of the journal wait for it.",
    registry=_registry,
)
_workers = Gauge("cerebro_workers", "Workers that live.", registry=_registry)
_jobs = Gauge(
    "cerebro_jobs",
    "Jobs of all workspaces that are due or dead, counted every half minute.",
    ["state"],
    registry=_registry,
)
_round_trips = Counter(
    "cerebro_database_round_trips", "Round trips to the database.", registry=_registry
)
_statements = Counter(
    "cerebro_database_statements", "Statements sent to the database.", registry=_registry
)
_METHODS = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"})


def measure(operation: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    known = method if method in _METHODS else "other"
    _seconds.labels(operation, known, f"{status // 100}xx").observe(seconds)


def count_round_trip(statements: int) -> None:
    """Count one round trip to the database."""
    _round_trips.inc()
    _statements.inc(statements)


def exposition(
    *,
    pool: Mapping[str, int],
    oldest_write_seconds: float | None,
    jobs: Sequence[int] | None,
) -> tuple[bytes, str]:
    """Return the measures in Prometheus' text format, and its content type.

    `jobs` are the workers that live, and the jobs that are due and dead.
    """
    size, free = pool.get("pool_size", 0), pool.get("pool_available", 0)
    _pool.labels("open").set(size)
    _pool.labels("busy").set(size - free)
    _pool.labels("waiting").set(pool.get("requests_waiting", 0))
    if oldest_write_seconds is not None:
        _oldest.set(oldest_write_seconds)
    if jobs is not None:
        _workers.set(jobs[0])
        _jobs.labels("due").set(jobs[1])
        _jobs.labels("dead").set(jobs[2])
    return generate_latest(_registry), CONTENT_TYPE_LATEST
