"""Tables of the sales component."""
