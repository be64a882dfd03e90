"""Other products' exports of companies."""

from __future__ import annotations

from cerebro_server.kernel.fields import Preset, cells

COMPANIES = {
    # Account object: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/
    # object_reference/sforce_api_objects_account.htm
    "salesforce": Preset(
        source="salesforce",
        key="Id",
        marks=cells.in_capitals_too(
            ("Id", "Name", "IsDeleted"),
            ("Id", "Name", "BillingCity"),
            ("Id", "Name", "ParentId"),
            ("Id", "Name", "SystemModstamp"),
        ),
        columns={
            "Name": "name",
            "Website": "website",
            "Industry": "industry",
            "NumberOfEmployees": "employees",
            "AnnualRevenue": "annual_revenue",
            "Phone": "phone",
            "BillingStreet": "street",
            "BillingCity": "city",
            "BillingState": "state",
            "BillingPostalCode": "postal_code",
            "BillingCountry": "country",
            "ParentId": "parent.external_ids.salesforce",
            "Description": "description",
            "CreatedDate": "source_created_at",
        },
        deleted="IsDeleted",
        readers={"AnnualRevenue": cells.amount},
    ),
    # https://knowledge.hubspot.com/properties/hubspot-crm-default-company-properties
    "hubspot": Preset(
        source="hubspot",
        key="Record ID",
        marks=(("Record ID", "Company name"), ("Record ID", "Company Domain Name")),
        columns={
            "Company name": "name",
            "Name": "name",
            "Company Domain Name": "domain",
            "Website URL": "website",
            "Industry": "industry",
            "Number of Employees": "employees",
            "Annual Revenue": "annual_revenue",
            "Phone Number": "phone",
            "Street Address": "street",
            "Street Address 2": "street+",
            "City": "city",
            "State/Region": "state",
            "Postal Code": "postal_code",
            "Country/Region": "country",
            "Country": "country",
            "Parent Company": "parent",
            "Description": "description",
            "Create Date": "source_created_at",
        },
        readers={"Create Date": cells.moment, "Annual Revenue": cells.amount},
    ),
}
