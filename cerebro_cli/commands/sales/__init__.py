"""Commands of sales."""
