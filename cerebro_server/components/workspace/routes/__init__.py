"""HTTP for the platform's own nouns, besides what every record type gets."""
