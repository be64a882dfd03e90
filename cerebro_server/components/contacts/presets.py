"""Other products' exports of companies."""

from __future__ import annotations

from cerebro_server.kernel.fields import Preset

COMPANIES = {
    # Account object: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/
    # object_reference/sforce_api_objects_account.htm
    "salesforce": Preset(
        source="salesforce",
        key="Id",
        columns={
            "Name": "name",
            "Website": "website",
            "Industry": "industry",
            "NumberOfEmployees": "employees",
            "Phone": "phone",
            "BillingStreet": "street",
            "BillingCity": "city",
            "BillingState": "state",
            "BillingPostalCode": "postal_code",
            "BillingCountry": "country",
            "Description": "description",
            "CreatedDate": "source_created_at",
        },
        deleted="IsDeleted",
    ),
}
