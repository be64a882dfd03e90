"""`cerebro completion`: scripts for shells."""

from __future__ import annotations

from typing import Annotated

import typer

from cerebro_cli import completion, exits, output

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

Shell = Annotated[str, typer.Argument(metavar="bash|zsh|fish", help="Which shell.")]


@app.command(
    epilog="\b\nExamples:\n"
    "  source <(cerebro completion bash)      # in ~/.bashrc\n"
    "  source <(cerebro completion zsh)       # in ~/.zshrc, after compinit\n"
    "  cerebro completion fish | source       # in config.fish",
)
def print_script(shell: Shell) -> None:
    """Print the script that completes commands, options and fields in your shell."""
    if shell not in completion.SHELLS:
        raise exits.usage(f"{shell!r} is none of {', '.join(completion.SHELLS)}.")
    output.write(completion.script(shell))
