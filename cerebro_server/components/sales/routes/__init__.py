"""Routes of the sales component."""
