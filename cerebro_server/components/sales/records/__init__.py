"""Record types of the sales component."""
