"""Routes of the identity component."""
