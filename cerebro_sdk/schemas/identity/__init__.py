"""Wire schemas of the identity component."""
