"""Wire schemas of the contacts component."""
