"""Routes of the workspace component."""
