"""The asynchronous client: the one that is written; `_sync` is generated from it."""
