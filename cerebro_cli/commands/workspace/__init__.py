"""Commands of the workspace component."""
