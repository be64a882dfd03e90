"""The worker: runs jobs that are due, and reads the journal for those who wait for changes."""

from cerebro_server.kernel.worker.timetable import Schedule
from cerebro_server.kernel.worker.work import Dead, Fenced, Handler, Recall, Retry, Site, Work

__all__ = ["Dead", "Fenced", "Handler", "Recall", "Retry", "Schedule", "Site", "Work"]
