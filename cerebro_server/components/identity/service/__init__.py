"""The verbs of the identity component."""
