"""Wire schemas of the activities component."""
