"""What builds and runs Cerebro elsewhere names only what exists here; checked without an engine."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from cerebro_cli import lazy
from cerebro_server.kernel.config import Settings
from tests.architecture.source import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
SETTINGS = {f"CEREBRO_{name.upper()}" for name in Settings.model_fields}


def instructions(word: str) -> list[str]:
    return re.findall(rf"^{word} (.+)$", DOCKERFILE, re.MULTILINE)


def make_targets() -> set[str]:
    return set(
        re.findall(r"^([a-z][\w-]*)\s*:(?!=)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    )


def steps(path: Any) -> Iterator[dict[str, Any]]:
    workflow = yaml.safe_load(path.read_text())
    for job in workflow["jobs"].values():
        yield from job["steps"]


class TestImage:
    def test_copies_what_exists(self) -> None:
        for line in instructions("COPY"):
            if not line.startswith("--from"):
                for name in line.split()[:-1]:
                    assert (ROOT / name).exists(), name

    def test_what_it_copies_is_not_ignored(self) -> None:
        kept = {
            line[1:]
            for line in (ROOT / ".dockerignore").read_text().splitlines()
            if line.startswith("!")
        }
        copied = {
            name
            for line in instructions("COPY")
            if not line.startswith("--from")
            for name in line.split()[:-1]
        }
        assert copied == kept

    def test_starts_from_tagged_images(self) -> None:
        for line in instructions("FROM"):
            tag = line.split()[0].partition(":")[2]
            assert tag and tag != "latest", line

    def test_runs_as_somebody_else_than_root(self) -> None:
        assert instructions("USER")[-1].strip() not in {"root", "0"}

    def test_installs_extras_that_exist(self) -> None:
        assert set(re.findall(r"--extra (\w+)", DOCKERFILE)) <= set(EXTRAS)

    def test_sets_settings_that_exist(self) -> None:
        assert set(re.findall(r"\bCEREBRO_\w+", DOCKERFILE)) <= SETTINGS

    def test_runs_a_command_that_exists(self) -> None:
        words = yaml.safe_load(instructions("CMD")[-1])
        assert words[0] == "cerebro"
        assert words[1] in lazy.built_in()

    def test_is_healthy_when_ready(self) -> None:
        assert "/readyz" in instructions("HEALTHCHECK")[0]


class TestCompose:
    def test_images_have_tags(self) -> None:
        for service in COMPOSE["services"].values():
            if "image" in service:
                assert re.search(r":\d", service["image"]), service["image"]

    def test_sets_settings_that_exist(self) -> None:
        named = set(COMPOSE["services"]["api"]["environment"])
        assert {name for name in named if name.startswith("CEREBRO_")} <= SETTINGS

    def test_no_secret_has_a_default(self) -> None:
        text = (ROOT / "docker-compose.yml").read_text()
        for name, rest in re.findall(r"\$\{(\w*(?:PASSWORD|SECRET|KEY)\w*)([^}]*)\}", text):
            assert rest.startswith(":?"), name

    def test_waits_for_services_that_exist(self) -> None:
        services = COMPOSE["services"]
        for service in services.values():
            for name, wait in service.get("depends_on", {}).items():
                assert wait == {"condition": "service_healthy"}
                assert "healthcheck" in services[name]

    def test_volumes_are_declared(self) -> None:
        used = {
            v.partition(":")[0] for s in COMPOSE["services"].values() for v in s.get("volumes", ())
        }
        assert used == set(COMPOSE["volumes"])

    def test_publishes_on_this_machine_only(self) -> None:
        for service in COMPOSE["services"].values():
            assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
class TestWorkflows:
    def test_run_make_targets_that_exist(self, path: Any) -> None:
        named = {
            target
            for step in steps(path)
            for target in re.findall(r"\bmake (\w[\w-]*)", step.get("run", ""))
        }
        assert named <= make_targets()
        assert named

    def test_actions_are_pinned(self, path: Any) -> None:
        for step in steps(path):
            if "uses" in step:
                version = step["uses"].partition("@")[2]
                assert re.fullmatch(r"v\d+|[0-9a-f]{40}", version), step["uses"]

    def test_may_only_read(self, path: Any) -> None:
        assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}
