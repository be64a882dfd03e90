"""The commands that the server adds to `cerebro`; each module has a Typer `app`."""
