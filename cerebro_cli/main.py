"""`cerebro`: the entry point. Finds the command, runs it, and turns what happens into an exit code.

Global options are read here by hand, so that `--help`, `--version`, completion and unknown commands
need neither Typer nor anything else: importing it is most of what they would cost.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from cerebro_cli import exits, lazy, output
from cerebro_cli.context import Run

_VALUED = {"--profile": "profile", "--url": "url"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; the `cerebro` script calls this."""
    run = Run()
    output.prepare()
    try:
        try:
            code = _dispatch(list(sys.argv[1:] if argv is None else argv), run)
            output.flush()
        except exits.ReaderGone:
            output.discard()
            code = exits.OK
    except BaseException as error:
        code = _fail(error, run)
    return code


def _fail(error: BaseException, run: Run) -> int:
    if isinstance(error, SystemExit):  # a command of a third party
        return error.code if isinstance(error.code, int) else exits.FAILED
    if type(error).__name__ == "Exit" and hasattr(error, "exit_code"):  # typer.Exit
        return int(error.exit_code)
    if run.debug:
        import traceback

        traceback.print_exception(error)
    verdict = exits.judge(error, query=run.query)
    try:
        output.flush()
    except (exits.ReaderGone, OSError):  # a full disk has been judged already
        output.discard()
    if verdict.lines:
        output.note("\n".join([f"cerebro: {verdict.lines[0]}", *verdict.lines[1:]]))
    return verdict.code


def _dispatch(arguments: list[str], run: Run) -> int:
    rest = _global_options(arguments, run)
    word = rest[0] if rest else "--help"
    if word in ("--version", "-V"):
        return _version()
    if word == "--complete":  # what the completion scripts call
        from cerebro_cli import completion

        output.write("".join(f"{name}\n" for name in completion.candidates(rest[1:])))
        return exits.OK
    if word == "help" and len(rest) > 1:
        return _dispatch([*rest[1:], "--help"], run)
    if word in ("--help", "-h", "help"):
        _require_typer()
        from cerebro_cli import help as help_

        output.write(help_.text(lazy.every()))
        return exits.OK
    if word.startswith("-"):
        raise exits.usage(f"There is no option {word}.", hint="`cerebro --help` lists them.")
    command = lazy.find(word)
    if command is None:
        _require_typer()
        from cerebro_cli import meant

        raise meant.command(word)
    return _invoke(command, rest[1:], run)


def _invoke(command: lazy.Command, arguments: list[str], run: Run) -> int:
    if command.talks:
        arguments = _global_options(arguments, run, everywhere=True)
    try:
        app = lazy.load(command, arguments[0] if arguments else None)
        import typer.main

        runner = typer.main.get_command(app)
        if not arguments and hasattr(runner, "commands"):  # a group alone: say what is in it
            arguments = ["--help"]
        # `runner.main` would end the process by itself on a broken pipe
        with runner.make_context(f"cerebro {command.name}", arguments, obj=run) as context:
            result: Any = runner.invoke(context)
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0]
        if run.debug or name.startswith("cerebro_"):
            raise
        raise exits.missing(name, extra=command.extra) from None
    except Exception as error:
        if not hasattr(error, "format_message"):  # Typer's own errors; typer need not be there
            raise
        from cerebro_cli import meant

        raise meant.usage(error) from error
    return result if isinstance(result, int) else exits.OK


def _global_options(arguments: list[str], run: Run, *, everywhere: bool = False) -> list[str]:
    """Take our options from the front, or from everywhere before `--`, and return the rest."""
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        name, equals, value = argument.partition("=")
        if argument == "--debug":
            run.debug = True
        elif name in _VALUED:
            given = value if equals else next(waiting, None)
            if not given:
                raise exits.usage(f"{name} needs a value.")
            setattr(run, _VALUED[name], given)
        elif everywhere and argument != "--":
            rest.append(argument)
        else:
            return [*rest, argument, *waiting]
    return rest


def _version() -> int:
    from importlib.metadata import PackageNotFoundError, version  # 20 ms

    try:
        number = version("cerebro-platform")
    except PackageNotFoundError:
        number = "(run from source)"
    output.write(f"cerebro {number}\n")
    return exits.OK


def _require_typer() -> None:
    """Say what to install when only the SDK is there; a command finds out as it is loaded."""
    from importlib.util import find_spec  # 6 ms

    try:
        found = find_spec("typer")
    except ImportError:
        found = None
    if found is None:
        raise exits.missing("typer", extra="cli")


if __name__ == "__main__":
    sys.exit(main())
