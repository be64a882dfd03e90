"""The package as others meet it: its names, what importing it costs, its types."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import cerebro_sdk
from tests.sdk.conftest import KEY
from tests.sdk.fake import Fake, ok, page
from tests.sdk.records import company
from tools import sync_client

ROOT = Path(__file__).resolve().parents[2]

NAMES = [
    "APIError",
    "AsyncCerebro",
    "AsyncChangeFeed",
    "AsyncEditedResource",
    "AsyncHttpxSender",
    "AsyncKeptResource",
    "AsyncPages",
    "AsyncPlannedOperation",
    "AsyncRawResource",
    "AsyncResource",
    "AsyncStream",
    "BadRequestError",
    "Cerebro",
    "CerebroError",
    "ChangeFeed",
    "ConflictError",
    "ConnectionFailedError",
    "EditedResource",
    "ForbiddenError",
    "HttpxSender",
    "InvalidError",
    "KeptResource",
    "NotConfiguredError",
    "NotFoundError",
    "NotSignedInError",
    "OneShot",
    "Page",
    "Pages",
    "PlannedOperation",
    "PreconditionFailedError",
    "Profile",
    "RateLimitedError",
    "RawResource",
    "Resource",
    "ServerError",
    "Stream",
    "TimedOutError",
    "UnavailableError",
    "__version__",
]


def run(code: str, *options: str, **env: str) -> str:
    result = subprocess.run(
        [sys.executable, *options, "-c", code],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert not result.stderr
    return result.stdout.strip()


class TestNames:
    def test_are_these(self) -> None:
        assert sorted(cerebro_sdk.__all__) == sorted(NAMES) == dir(cerebro_sdk)

    def test_all_exist(self) -> None:
        for name in NAMES:
            assert getattr(cerebro_sdk, name) is not None
        with pytest.raises(AttributeError, match="Cerebo"):
            _ = cerebro_sdk.Cerebo  # type: ignore[attr-defined]

    def test_version_is_the_projects(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        assert cerebro_sdk.__version__ == project["version"]

    def test_what_is_public_is_documented_with_an_example(self) -> None:
        from cerebro_sdk._async.changes import AsyncChanges

        classes = [cerebro_sdk.AsyncCerebro, cerebro_sdk.AsyncResource, cerebro_sdk.AsyncPages]
        for cls in [*classes, AsyncChanges]:
            for name in dir(cls):
                method = getattr(cls, name)
                if not name.startswith("_") and callable(method):
                    assert ">>>" in (method.__doc__ or ""), f"{cls.__name__}.{name}"

    def test_typed_marker_is_there(self) -> None:
        assert (ROOT / "cerebro_sdk/py.typed").exists()


HEAVY = {"pydantic", "httpx", "asyncio", "platformdirs", "ssl", "email", "inspect"}
LOADED = f"; print(*sorted({HEAVY!r} & set(sys.modules)))"


class TestLightness:
    @pytest.mark.parametrize(
        "module",
        ["", ".errors", ".profiles", ".policy", ".display", "._http", "._sync.client"],
    )
    def test_importing_brings_nothing_heavy(self, module: str) -> None:
        assert run(f"import sys, cerebro_sdk{module}" + LOADED) == ""

    def test_a_raw_list_over_one_shot_does_without_pydantic_and_httpx(self, fake: Fake) -> None:
        fake.says(page([company()]))
        code = (
            "import sys\n"
            "from cerebro_sdk import Cerebro, OneShot\n"
            f"with Cerebro({fake.url!r}, {KEY!r}, sender=OneShot()) as crm:\n"
            "    print(len(crm.companies.raw.list(limit=5).to_records()))\n"
            "    print(crm.changes.raw.list().first()['name'])\n"
        )
        assert run(code + LOADED.removeprefix("; ")).split("\n") == ["1", "Company 1"]

    def test_httpx_comes_without_its_command_line(self, fake: Fake) -> None:
        fake.says(ok(company()))
        code = (
            "import sys\n"
            "from cerebro_sdk import Cerebro\n"
            f"with Cerebro({fake.url!r}, {KEY!r}) as crm:\n"
            "    crm.companies.raw.get('x')\n"
            "print('httpx' in sys.modules, 'click' in sys.modules, 'pydantic' in sys.modules)\n"
        )
        assert run(code) == "True False False"


class TestDevelopmentMode:
    def test_leaves_no_socket_open(self, fake: Fake) -> None:
        fake.says(page([company()]))
        code = (
            "import asyncio, gc\n"
            "from cerebro_sdk import AsyncCerebro, Cerebro, OneShot\n"
            f"URL, KEY = {fake.url!r}, {KEY!r}\n"
            "for sender in (None, OneShot()):\n"
            "    with Cerebro(URL, KEY, sender=sender) as crm:\n"
            "        crm.companies.list().to_records()\n"
            "        next(crm.companies.export())\n"
            "        next(iter(crm.companies.export()))\n"
            "Cerebro(URL, KEY).companies.list().first()\n"
            "unclosed = Cerebro(URL, KEY)\n"
            "unclosed.companies.list().first()\n"
            "async def main():\n"
            "    asyncio.get_running_loop().slow_callback_duration = 60\n"
            "    async with AsyncCerebro(URL, KEY) as crm:\n"
            "        async for c in crm.companies.list():\n"
            "            break\n"
            "        async for piece in crm.companies.export():\n"
            "            break\n"
            "asyncio.run(main())\n"
            "gc.collect()\n"
        )
        assert run(code, "-X", "dev", "-W", "error::ResourceWarning") == ""


class TestSyncClient:
    def test_is_in_step(self) -> None:
        assert not sync_client.stale(ROOT)

    def test_notices_when_it_is_not(self, tmp_path: Path) -> None:
        source, target = tmp_path / sync_client.SOURCE, tmp_path / sync_client.TARGET
        source.mkdir(parents=True)
        target.mkdir(parents=True)
        (source / "a.py").write_text("async def f(): await g()\n")
        (target / "b.py").touch()
        assert sync_client.stale(tmp_path) == [target / "a.py", target / "b.py"]

    def test_nothing_asynchronous_is_left(self) -> None:
        for path in (ROOT / sync_client.TARGET).glob("*.py"):
            text = path.read_text()
            assert "tools/sync_client.py" in text.split("\n")[0]
            assert not re.search(r"\b(async|await|asyncio|Async\w+)\b", text), path.name
