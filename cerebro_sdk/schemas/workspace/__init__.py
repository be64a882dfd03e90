"""Wire schemas of the platform's own nouns."""
