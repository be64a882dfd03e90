"""Commands of the identity component."""
