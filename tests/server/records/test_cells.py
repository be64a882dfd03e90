"""How cells of other products are read, where nothing else shows it."""

from __future__ import annotations

import pytest

from cerebro_server.kernel.fields import cells


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("7", "7"),
        ("__export__.res_partner_7_0a1b2c3d", "7"),
        ("__export__.x_2_7_12345678", "7"),
        ("__export__.res_partner_7", None),
        ("base.main_partner", None),
        ("crm.lead_7_0a1b2c3d", None),
    ],
)
def test_number_that_odoo_put_into_an_id(text: str, read: str | None) -> None:
    assert cells.number_in(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [("95000", "95"), ("95999.0", "95"), ("1:35", "95"), ("1:00:05", "3605"), ("long", "long")],
)
def test_milliseconds_and_clocks_are_seconds(text: str, read: str) -> None:
    assert cells.from_milliseconds(text) == read


@pytest.mark.parametrize(
    ("text", "read"), [("10.0", "10"), ("10 %", "10"), ("-5 %", "-5"), ("x %", "x %")]
)
def test_per_cent_are_whole(text: str, read: str) -> None:
    assert cells.percent(text) == read
