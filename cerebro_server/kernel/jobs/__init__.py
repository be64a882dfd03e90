"""Jobs: rows that say what has to happen later; PostgreSQL holds the truth about them."""

from cerebro_server.kernel.jobs.enqueueing import cancel_of_operation, enqueue
from cerebro_server.kernel.jobs.job import Job

__all__ = ["Job", "cancel_of_operation", "enqueue"]
