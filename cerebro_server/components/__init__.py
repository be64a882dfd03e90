"""The components, each with the same few rooms."""
