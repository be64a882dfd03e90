"""The headless server: API, rules and data."""
