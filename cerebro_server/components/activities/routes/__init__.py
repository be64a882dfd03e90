"""HTTP for the verbs of the activities component."""
