"""Logs and measures."""

from cerebro_server.kernel.telemetry.logs import configure_logs, log_request
from cerebro_server.kernel.telemetry.metrics import count_round_trip, exposition, measure

__all__ = ["configure_logs", "count_round_trip", "exposition", "log_request", "measure"]
