"""Start-up: what is imported, help, completion, commands of third parties."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from cerebro_cli import completion, facts, lazy
from cerebro_cli.main import main
from tests.cli.conftest import Ran, company, environment, page
from tests.cli.people import ME, SECRET, key, user
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]
HEAVY = ("pydantic", "httpx", "rich", "typer", "asyncio", "platformdirs.unix")


def imported(words: list[str], url: str, folder: Path) -> set[str]:
    """Run a command in a process of its own and return the heavy modules that it imported."""
    code = (
        "import sys\n"
        "from cerebro_cli.main import main\n"
        f"code = main({words!r})\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
        "sys.exit(code)\n"
    )
    env = {**os.environ, **environment(url, folder)}
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return set(ran.stderr.splitlines()[-1].split())


class TestImports:
    @pytest.mark.parametrize(
        "words",
        [["--help"], [], ["--version"], ["--complete", "companies", "list", "--"], ["help"]],
    )
    def test_help_and_completion_need_nothing(self, words: list[str], tmp_path: Path) -> None:
        assert not imported(words, "http://127.0.0.1:1", tmp_path) & {*HEAVY[:5]}

    @pytest.mark.parametrize(
        "words",
        [
            ["companies", "list"],
            ["companies", "list", "--json"],
            ["companies", "get", "a1b2c3"],
            ["companies", "create", "name=x"],
            ["companies", "export"],
            ["changes", "list"],
            ["users", "list"],
            ["keys", "create", "name=x"],
            ["whoami"],
            ["access", "matrix"],
            ["login", "--help"],
            ["users", "set-password", "--help"],
        ],
    )
    def test_commands_on_a_pipe_need_typer_only(
        self, words: list[str], server: Script, tmp_path: Path
    ) -> None:
        server.tell("GET /v1/companies", page(company(1)))
        server.tell("GET /v1/changes", page())
        server.tell("GET /v1/companies/a1b2c3", company(1))
        server.tell("POST /v1/companies", company(1), status=201)
        server.tell("GET /v1/companies/export", b"id\r\n")
        server.tell("GET /v1/users", page(user()))
        server.tell("POST /v1/keys", {**key(), "secret": SECRET}, status=201)
        server.tell("GET /v1/auth/whoami", ME)
        server.tell("GET /v1/access/matrix", {"rows": []})
        assert imported(words, server.url, tmp_path) == {"typer"}

    def test_one_verb_is_made_at_a_time(self) -> None:
        runner: Any = typer.main.get_command(lazy.load(lazy.built_in()["companies"], "list"))
        assert list(runner.commands) == ["list"]


def verbs() -> Iterator[tuple[str, Any]]:
    for name, command in lazy.built_in().items():
        if command.target.startswith("cerebro_cli"):
            runner: Any = typer.main.get_command(lazy.load(command))
            for verb, inner in getattr(runner, "commands", {"": runner}).items():
                yield f"{name} {verb}".strip(), inner


class TestHelp:
    def test_names_every_command_with_one_line(self, cerebro: Cerebro) -> None:
        ran = cerebro("--help")
        assert (ran.code, ran.err) == (0, "")
        for name, command in lazy.built_in().items():
            assert f"  {name}" in ran.out
            assert command.help in ran.out
        assert max(map(len, ran.out.splitlines())) <= 80
        assert cerebro() == ran

    @pytest.mark.parametrize(("path", "command"), list(verbs()))
    def test_every_command_has_an_example(self, path: str, command: Any) -> None:
        assert f"cerebro {path}" in (command.epilog or ""), path
        assert command.help

    def test_create_explains_the_fields(self, cerebro: Cerebro) -> None:
        out = cerebro("companies", "create", "--help").out
        for field in facts.nouns()["companies"].writable:
            assert field.name in out
            assert field.description.split("`")[0] in out

    def test_help_of_a_word_is_the_help_of_the_command(self, cerebro: Cerebro) -> None:
        assert cerebro("help", "companies", "get") == cerebro("companies", "get", "--help")

    def test_a_noun_alone_shows_its_verbs(self, cerebro: Cerebro) -> None:
        ran = cerebro("companies")
        assert (ran.code, ran.err) == (0, "")
        assert "restore" in ran.out

    def test_is_plain(self, cerebro: Cerebro) -> None:
        for words in (("--help",), ("companies", "--help"), ("companies", "list", "--help")):
            assert "\x1b" not in cerebro(*words, terminal=True).out

    def test_version(self, cerebro: Cerebro) -> None:
        assert cerebro("--version").out.startswith("cerebro ")


class TestCompletion:
    @pytest.mark.parametrize(
        ("words", "found"),
        [
            (["compan"], ["companies"]),
            (["companies", "re"], ["restore"]),
            (["companies", "list", "--wh"], ["--where"]),
            (["companies", "list", "--columns", "name,empl"], ["name,employees"]),
            (["companies", "list", "--sort", "-empl"], ["-employees"]),
            (["companies", "create", "employ"], ["employees="]),
            (["companies", "update", "acme.example", "employ"], ["employees="]),
            (["companies", "update", "employ"], []),
            (["companies", "export", "--format", "j"], ["jsonl"]),
            (["--profile", "x", "compan"], ["companies"]),
            (["changes", "list", "--rec"], ["--record", "--record-type"]),
            (["changes", "cre"], []),
            (["users", "in"], ["invite"]),
            (["users", "im"], []),
            (["users", "list", "--wh"], ["--where"]),
            (["users", "create", "ro"], ["roles="]),
            (["keys", "create", "sc"], ["scopes="]),
            (["keys", "up"], []),
            (["sessions", "end", "--dry"], ["--dry-run"]),
            (["password", "re"], ["reset", "redeem"]),
            (["operations", "re"], ["redo", "resume"]),
            (["contacts", "import", "--save"], ["--save-mapping"]),
            (["access", "explain", "--ac"], ["--action"]),
            (["login", "--api"], ["--api-key-stdin"]),
            (["login", ""], []),
            (["completion", "z"], ["zsh"]),
            (["nonsense", "x"], []),
            (["--u"], ["--url"]),
        ],
    )
    def test_completes(self, words: list[str], found: list[str]) -> None:
        assert completion.candidates(words) == found

    def test_knows_every_option_that_commands_declare(self) -> None:
        for path, command in verbs():
            name, _, verb = path.partition(" ")
            listed = completion.verbs(name).get(verb) if verb else completion.ALONE.get(name)
            declared = [option.opts[0] for option in command.params if option.opts[0][:2] == "--"]
            if path != "completion":
                assert listed is not None, path
                assert sorted(listed) == sorted(set(declared) - {"--help"}), path

    @pytest.mark.parametrize("shell", completion.SHELLS)
    def test_scripts_are_printed(self, cerebro: Cerebro, shell: str) -> None:
        ran = cerebro("completion", shell)
        assert (ran.code, ran.err) == (0, "")
        assert "cerebro --complete" in ran.out

    def test_bash_takes_the_script_and_completes(self, tmp_path: Path) -> None:
        program = tmp_path / "cerebro"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m cerebro_cli "$@"\n')
        program.chmod(0o755)
        root = Path(__file__).parents[2]
        env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "PYTHONPATH": str(root), "HOME": str(tmp_path)}
        for line, found in (
            ("cerebro compan", "companies"),
            ("cerebro companies list --wh", "--where"),
            ("cerebro companies create empl", "employees="),
        ):
            script = (
                f"{completion.script('bash')}\ncompopt() {{ :; }}\n"
                f"COMP_LINE='{line}' COMP_POINT={len(line)}\n_cerebro\necho \"${{COMPREPLY[@]}}\""
            )
            ran = subprocess.run(
                ["bash", "-c", script], capture_output=True, text=True, env=env, check=False
            )
            assert ran.stdout.strip() == found, ran.stderr


class TestThirdParties:
    @pytest.fixture
    def plugin(
        self, tmp_path: Path, settings: None, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[Path]:
        folder = tmp_path / "site"
        info = folder / "cerebro_hello-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: cerebro-hello\nVersion: 1.0\n")
        points = "[cerebro.commands]\nhello = cerebro_hello:app\ncompanies = cerebro_hello:app\n"
        (info / "entry_points.txt").write_text(points)
        (folder / "cerebro_hello.py").write_text(
            "import typer\n"
            "app = typer.Typer()\n"
            "@app.command()\n"
            "def hello(name: str) -> None:\n"
            "    print(f'Hello {name}')\n"
        )
        monkeypatch.syspath_prepend(folder)
        yield folder

    def test_join_the_command(self, cerebro: Cerebro, plugin: Path) -> None:
        assert cerebro("hello", "Ada") == Ran(0, "Hello Ada\n", "")
        assert "  hello" in cerebro("--help").out

    def test_do_not_replace_ours(self, plugin: Path) -> None:
        assert lazy.every()["companies"].target.startswith("cerebro_cli")

    def test_are_remembered_until_something_is_installed(
        self, plugin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert "hello" in lazy.every()
        remembered = tmp_path / "cache" / "commands.json"
        assert ["hello", "cerebro_hello:app"] in json.loads(remembered.read_text())["commands"]

        def read_again(**_: Any) -> None:
            raise AssertionError("entry points were read again")

        with monkeypatch.context() as patch:
            patch.setattr("importlib.metadata.entry_points", read_again)
            assert "hello" in lazy.every()
        (plugin / "other").mkdir()
        (plugin / "cerebro_hello-1.0.dist-info" / "entry_points.txt").unlink()
        assert "hello" not in lazy.every()

    @pytest.mark.parametrize("content", ["", "[]", "{", '{"commands": 3}', '{"commands": [[1]]}'])
    def test_a_broken_memory_is_no_trouble(
        self, plugin: Path, tmp_path: Path, content: str
    ) -> None:
        (tmp_path / "cache").mkdir(exist_ok=True)
        (tmp_path / "cache" / "commands.json").write_text(content)
        assert "hello" in lazy.every()

    def test_a_folder_that_cannot_be_written_to_is_no_trouble(
        self, plugin: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CEREBRO_CACHE_DIR", "/dev/null/x")
        assert "hello" in lazy.every()


def test_main_takes_its_words_from_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["cerebro", "--version"])
    assert main() == 0
    assert capsys.readouterr().out.startswith("cerebro ")
