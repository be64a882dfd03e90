"""The records engine: reading, writing, importing and exporting any record type."""
