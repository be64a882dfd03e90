"""Odoo's export of contacts (`res.partner`), which holds companies and people in one file.

Its columns are called by their fields where the export is to be imported again, else by labels.
"""

from __future__ import annotations

from cerebro_server.kernel.fields import Preset, cells
from cerebro_server.kernel.fields.odoo import IDS, NUMBERED, NUMBERS

_MARKS = (("is_company", "name"), ("Is a Company", "Name"))
_IS_COMPANY = ("is_company", "Is a Company")
_LINES = {
    "street": "street",
    "street2": "street+",
    "city": "city",
    "state_id": "state",
    "State": "state",
    "zip": "postal_code",
    "country_id": "country",
    "Country": "country",
}
_SHARED = {
    "website": "website",
    "Website Link": "website",
    "category_id": "tags",
    "Tags": "tags",
    "comment": "description",
    "Notes": "description",
    "create_date": "source_created_at",
    "Created on": "source_created_at",
}
_READERS = {
    **NUMBERED,
    "comment": cells.without_markup,
    "Notes": cells.without_markup,
    "create_date": cells.moment,
    "Created on": cells.moment,
}


def _parent(name: str) -> dict[str, str]:
    return {
        "parent_id/id": f"{name}.external_ids.odoo",
        "Related Company/External ID": f"{name}.external_ids.odoo",
        "parent_id/.id": f"{name}.external_ids.odoo",
        "Related Company/ID": f"{name}.external_ids.odoo",
        "parent_id/name": f"{name}.name",
        "Related Company/Name": f"{name}.name",
        "parent_id": f"{name}.name",
        "Related Company": f"{name}.name",
    }


COMPANIES = Preset(
    source="odoo",
    key=None,
    marks=_MARKS,
    shares=_MARKS,
    only=_IS_COMPANY,
    columns={
        **IDS,
        "name": "name",
        "industry_id": "industry",
        "Industry": "industry",
        "phone": "phone",
        **_LINES,
        **_parent("parent"),
        **_SHARED,
    },
    spreads=NUMBERS,
    readers=_READERS,
)
CONTACTS = Preset(
    source="odoo",
    key=None,
    marks=_MARKS,
    shares=_MARKS,
    only=_IS_COMPANY,
    only_words=frozenset({"false", "0", "no", ""}),
    columns={
        **IDS,
        "name": "full_name",
        "email": "email",
        "phone": "phones[1:work].number",
        "mobile": "phones[2:mobile].number",
        "function": "job_title",
        "Job Position": "job_title",
        **_LINES,
        **_parent("company"),
        **_SHARED,
    },
    spreads=NUMBERS,
    readers=_READERS,
)
