"""The verbs of the workspace component."""
