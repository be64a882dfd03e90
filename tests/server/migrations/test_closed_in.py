"""Deals of databases from before 0034 learn from their stays which stage they were closed in."""

from __future__ import annotations

from cerebro_server.kernel.db import migrate
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation
from tests.server.migrations.conftest import rows

_TOLD = (
    "select d.name, g.key, d.last_stage_change_at = s.entered_at from deals d "
    "join deal_stages s on s.deal_id = d.id and s.left_at is null and s.deleted_at is null "
    "left join stages g on g.id = d.last_open_stage_id order by d.name"
)


async def test_is_filled_from_the_stays(installation: Installation) -> None:
    url = installation.url
    async with serving(installation) as client:
        for name in ("Closed", "Open"):
            body = {"name": name, "stage": "qualification"}
            assert (await client.post("/v1/deals", json=body)).is_success
        lost = {"stage": "lost", "lost_reason_id": "Price"}
        assert (await client.patch("/v1/deals/1", json=lost)).is_success
    whole = rows(url, _TOLD)
    assert whole == [("Closed", "qualification", True), ("Open", None, True)]
    migrate.downgrade(url, "workspace", "ws_main", "0033")
    rows(
        url,
        "alter table deals disable trigger user; update deals set last_open_stage_id = null, "
        "last_stage_change_at = now(); alter table deals enable trigger user",
    )
    assert rows(url, _TOLD) == [("Closed", None, False), ("Open", None, False)]
    changes = rows(url, "select count(*) from changes")
    migrate.upgrade(url, "workspace", "ws_main")
    assert rows(url, _TOLD) == whole
    assert rows(url, "select count(*) from changes") == changes
