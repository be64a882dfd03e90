"""Tables of the activities component."""
