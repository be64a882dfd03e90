"""HTTP for what is particular to sales."""
