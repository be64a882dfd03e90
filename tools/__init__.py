"""Programs that write generated files; each takes `--check` to compare instead."""
