"""The wire: every record and payload that crosses the API, one module per noun."""
