"""Zoho CRM's exports of deals and leads, whose columns are the labels of its fields.

The labels are those of its list of modules and fields, which several programs read from its
exports, with an `.id` beside what names another record:
https://www.zoho.com/crm/help/api/modules-fields.html
"""

from __future__ import annotations

from cerebro_server.kernel.fields import Preset, cells

DEALS = Preset(
    source="zoho",
    key="Record Id",
    marks=(("Record Id", "Deal Name"), ("Record Id", "Potential Name")),
    columns={
        "Deal Name": "name",
        "Potential Name": "name",
        "Account Name.id": "company.external_ids.zoho",
        "Account Name": "company.name",
        "Contact Name.id": "contact.external_ids.zoho",
        "Pipeline": "pipeline.name",
        "Stage": "stage",
        "Amount": "amount",
        "Currency": "currency",
        "Probability (%)": "probability",
        "Probability": "probability",
        "Closing Date": "expected_close",
        "Next Step": "next_step",
        "Lead Source": "source",
        "Reason For Loss": "lost_note",
        "Tag": "tags",
        "Description": "description",
        "Created Time": "source_created_at",
    },
    readers={
        "Amount": cells.amount,
        "Probability (%)": cells.percent,
        "Probability": cells.percent,
        "Closing Date": cells.day_of,
        "Created Time": cells.moment,
    },
)
LEADS = Preset(
    source="zoho",
    key="Record Id",
    marks=(("Record Id", "Last Name", "Company"), ("Record Id", "Last Name", "Lead Status")),
    columns={
        "First Name": "first_name",
        "Last Name": "last_name",
        "Company": "company_name",
        "Title": "job_title",
        "Designation": "job_title",
        "Email": "emails[1:work].address",
        "Secondary Email": "emails[2:other].address",
        "Phone": "phones[1:work].number",
        "Mobile": "phones[2:mobile].number",
        "Website": "website",
        "Industry": "industry",
        "Lead Source": "source",
        "Lead Status": "status",
        "Street": "street",
        "City": "city",
        "State": "state",
        "Zip Code": "postal_code",
        "Country": "country",
        "Address - Country / Region": "country",
        "Tag": "tags",
        "Description": "description",
        "Converted Date Time": "converted_at",
        "Converted Contact.id": "contact.external_ids.zoho",
        "Converted Account.id": "company.external_ids.zoho",
        "Converted Deal.id": "deal.external_ids.zoho",
        "Created Time": "source_created_at",
    },
    readers={"Converted Date Time": cells.moment_of, "Created Time": cells.moment},
)
