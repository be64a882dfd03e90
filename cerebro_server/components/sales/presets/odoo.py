"""Odoo's export of `crm.lead`, which holds opportunities and leads in one file.

Its columns are called by their fields where the export is to be imported again, else by labels:
https://github.com/odoo/odoo/blob/master/addons/crm/models/crm_lead.py
"""

from __future__ import annotations

from cerebro_server.kernel.fields import Preset, cells
from cerebro_server.kernel.fields.odoo import IDS, NUMBERED, NUMBERS

_MARKS = (("type", "name", "stage_id"), ("Type", "Opportunity", "Stage"))
_TYPE = ("type", "Type")
_SHARED = {
    "tag_ids": "tags",
    "Tags": "tags",
    "description": "description",
    "Notes": "description",
    "source_id": "source",
    "Source": "source",
    "create_date": "source_created_at",
    "Created on": "source_created_at",
}
_READERS = {
    **NUMBERED,
    "expected_revenue": cells.amount,
    "Expected Revenue": cells.amount,
    "description": cells.without_markup,
    "Notes": cells.without_markup,
    "create_date": cells.moment,
    "Created on": cells.moment,
}


def is_lost(text: str) -> str | None:
    """Read `active`: what is lost is archived."""
    return "lost" if text.lower() in ("false", "0", "no") else None


def ended(text: str) -> str | None:
    """Read `won_status`; what is pending is open."""
    word = text.lower()
    return word if word in ("won", "lost") else None


DEALS = Preset(
    source="odoo",
    key=None,
    marks=_MARKS,
    shares=_MARKS,
    only=_TYPE,
    only_words=frozenset({"opportunity"}),
    columns={
        **IDS,
        "name": "name",
        "Opportunity": "name",
        "stage_id": "stage",
        "Stage": "stage",
        "won_status": "status",
        "Is Won": "status",
        "active": "status+",
        "Active": "status+",
        "expected_revenue": "amount",
        "Expected Revenue": "amount",
        "company_currency": "currency",
        "Currency": "currency",
        "probability": "probability",
        "Probability": "probability",
        "date_deadline": "expected_close",
        "Expected Closing": "expected_close",
        "date_closed": "closed_at",
        "Closed Date": "closed_at",
        "lost_reason_id": "lost_reason.name",
        "Lost Reason": "lost_reason.name",
        "partner_id/id": "company.external_ids.odoo",
        "Customer/External ID": "company.external_ids.odoo",
        "partner_id/.id": "company.external_ids.odoo",
        "Customer/ID": "company.external_ids.odoo",
        "partner_name": "company.name",
        "Company Name": "company.name",
        **_SHARED,
    },
    spreads=NUMBERS,
    readers={
        **_READERS,
        "won_status": ended,
        "Is Won": ended,
        "active": is_lost,
        "Active": is_lost,
        "probability": cells.percent,
        "Probability": cells.percent,
        "date_deadline": cells.day_of,
        "Expected Closing": cells.day_of,
        "date_closed": cells.moment,
        "Closed Date": cells.moment,
    },
)
LEADS = Preset(
    source="odoo",
    key=None,
    marks=_MARKS,
    shares=_MARKS,
    only=_TYPE,
    only_words=frozenset({"lead"}),
    columns={
        **IDS,
        "contact_name": "full_name",
        "Contact Name": "full_name",
        "partner_name": "company_name",
        "Company Name": "company_name",
        "function": "job_title",
        "Job Position": "job_title",
        "email_from": "email",
        "Email": "email",
        "phone": "phones[1:work].number",
        "Phone": "phones[1:work].number",
        "mobile": "phones[2:mobile].number",
        "Mobile": "phones[2:mobile].number",
        "website": "website",
        "Website": "website",
        "street": "street",
        "Street": "street",
        "street2": "street+",
        "Street2": "street+",
        "city": "city",
        "City": "city",
        "state_id": "state",
        "State": "state",
        "zip": "postal_code",
        "Zip": "postal_code",
        "country_id": "country",
        "Country": "country",
        "expected_revenue": "amount",
        "Expected Revenue": "amount",
        "company_currency": "currency",
        "Currency": "currency",
        "name": "description",
        "Opportunity": "description",
        **{name: f"{to}+" if to == "description" else to for name, to in _SHARED.items()},
    },
    spreads=NUMBERS,
    readers=_READERS,
)
