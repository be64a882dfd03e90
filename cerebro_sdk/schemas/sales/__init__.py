"""Wire schemas of the sales component."""
