"""Exporting records: CSV, JSON lines, XLSX, Parquet and vCards, with columns of related records."""

from cerebro_server.kernel.records.exporting.engine import Export, export, export_statement, gone

__all__ = ["Export", "export", "export_statement", "gone"]
