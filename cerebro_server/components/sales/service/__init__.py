"""The verbs of sales, and what is counted."""
