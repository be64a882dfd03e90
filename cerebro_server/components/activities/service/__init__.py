"""The verbs of the activities component."""
