"""A scripted server, clients for it, and a home without profiles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cerebro_sdk import Cerebro, HttpxSender, OneShot, policy
from tests.sdk.fake import Fake, running

KEY = "cbr_main_k1_s3cr3tabc"
SENDERS = {"httpx": HttpxSender, "one_shot": OneShot}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("CEREBRO_URL", "CEREBRO_API_KEY", "CEREBRO_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CEREBRO_CONFIG_DIR", str(tmp_path / "config"))
    return tmp_path / "config"


@pytest.fixture
def fake() -> Iterator[Fake]:
    with running() as server:
        yield server


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the pauses between tries; how long they are is tested in test_policy."""
    monkeypatch.setattr(policy, "FIRST_PAUSE", 0.01)


@pytest.fixture(params=sorted(SENDERS))
def crm(request: pytest.FixtureRequest, fake: Fake, brisk: None) -> Iterator[Cerebro]:
    with Cerebro(fake.url, KEY, sender=SENDERS[request.param](), timeout=5) as client:
        yield client


@pytest.fixture(params=sorted(SENDERS))
def client(request: pytest.FixtureRequest, fake: Fake, brisk: None) -> Callable[..., Cerebro]:
    def make(**options: Any) -> Cerebro:
        return Cerebro(fake.url, KEY, sender=SENDERS[request.param](), **options)

    return make
