"""Exporting records: CSV, JSON lines, XLSX and vCards, with columns of related records."""

from cerebro_server.kernel.records.exporting.engine import Export, export, export_statement

__all__ = ["Export", "export", "export_statement"]
