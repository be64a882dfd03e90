"""The platform's own nouns: workspaces and changes."""
