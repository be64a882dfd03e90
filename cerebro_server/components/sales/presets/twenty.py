"""Twenty's export of opportunities: labels, with a slash (in older versions a blank) before parts.

What is related comes by its id alone: `Company Id`. Fields and labels are those of its source:
https://github.com/twentyhq/twenty/tree/main/packages/twenty-server/src/modules/opportunity
"""

from __future__ import annotations

from cerebro_server.kernel.fields import Fork, Preset, cells

_WON = "Stage of customers"


def stage(text: str) -> str:
    """Read `MEETING` as Meeting, as people see it."""
    return text.replace("_", " ").capitalize() if text.isupper() else text


def is_won(text: str) -> str:
    """Read that the stage is that of customers."""
    return "stage:won"


_COLUMNS = {
    "Name": "name",
    "Stage": "stage",
    _WON: "status",
    "Amount / Amount": "amount",
    "Amount AmountMicros": "amount",
    "Amount / Currency": "currency",
    "Amount CurrencyCode": "currency",
    "Close date": "expected_close",
    "Company Id": "company.external_ids.twenty",
    "Company / Id": "company.external_ids.twenty",
    "Point of Contact Id": "contact.external_ids.twenty",
    "Point of Contact / Id": "contact.external_ids.twenty",
    "Creation date": "source_created_at",
}
DEALS = Preset(
    source="twenty",
    key="Id",
    marks=(("Id", "Name", "Stage", "Close date"), ("Id", "Name", "Stage", "Company Id")),
    columns=_COLUMNS,
    forks=(Fork(of="Stage", by="Stage", to={"customer": _WON}),),
    readers={
        **dict.fromkeys(_COLUMNS, cells.unmarked),
        "Stage": stage,
        _WON: is_won,
        "Amount / Amount": cells.amount,
        "Amount AmountMicros": cells.amount,
        "Close date": cells.day_of,
        "Creation date": cells.moment,
    },
)
