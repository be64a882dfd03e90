"""A user's first minutes with leads: one is made, converted, looked at and taken back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from cerebro_sdk import Cerebro, ConflictError
from cerebro_sdk.schemas.sales.conversions import LeadConversion
from tests.fixtures.stores import Installation
from tests.server.operations.doing import everything
from tests.tours.test_operations import CLI, cerebro

__all__ = ["cerebro"]
NOUNS = ("leads", "contacts", "companies", "positions", "deals", "deal_contacts")


def test_on_the_command_line(cerebro: CLI, installation: Installation) -> None:
    cerebro("fields add leads budget --type integer")
    cerebro("fields add deals worth --type integer")
    made = cerebro(
        "leads create first_name=Ada last_name=Lovelace email=ada@acme.example "
        "company_name=Acme amount=9000 currency=EUR budget=5 --ids"
    )
    lead = made.stdout.strip()
    before = everything(installation, *NOUNS)
    ran = cerebro(f"leads convert {lead} --dry-run")
    assert re.search(r"deal: Acme \(\w+\) \(made\)", ran.stderr)
    assert "nothing was written" in ran.stderr
    assert everything(installation, *NOUNS) == before
    ran = cerebro("leads set-mapping deals.worth=budget")
    assert "1 field mapped." in ran.stderr
    assert "deals.worth" in cerebro("leads mapping").stdout
    ran = cerebro(f"leads convert {lead} --deal name=Engines --company city=London --json")
    done = json.loads(ran.stdout)
    assert (done["deal"]["name"], done["deal"]["amount"]) == ("Engines", "9000.00")
    assert done["deal"]["custom"]["worth"] == 5
    assert done["company"]["city"] == "London"
    assert f"To undo: cerebro undo leads/{lead}" in ran.stderr
    ran = cerebro(f"leads update {lead} job_title=Boss", exits=2)
    assert "was converted on" in ran.stderr
    cerebro(f"undo leads/{lead} --yes")
    assert everything(installation, *NOUNS) == before
    cerebro("companies create name=ACME --ids")
    form = cerebro("lead_forms create name=Web honeypot=fax --ids").stdout.strip()
    ran = cerebro(f"lead_forms snippet {form}")
    assert re.match(r'<form method="post" action="http://\S+/v1/forms/main\.\w+/leads"', ran.stdout)
    assert 'name="fax"' in ran.stdout and "allowed_origins" in ran.stderr
    ran = cerebro(f"lead_forms update {form} thanks_url=http://acme.example", exits=2)
    assert "is no page to lead people to" in ran.stderr
    ran = cerebro(f"leads convert {lead} --no-deal", exits=6)
    assert "same name" in ran.stderr
    cerebro(f"leads convert {lead} --no-deal --into-company x --no-company", exits=2)


def test_from_python(running_server: Mapping[str, str]) -> None:
    with Cerebro(running_server["CEREBRO_URL"], running_server["CEREBRO_API_KEY"]) as crm:
        contact = crm.contacts.create(last_name="King", email="ada@acme.example")
        lead = crm.leads.create(
            last_name="Lovelace", email="ada@acme.example", allow_duplicates=True
        )
        try:
            crm.leads.convert(lead.id)
        except ConflictError as error:
            assert error.candidates[0]["id"] == str(contact.id)
        done = crm.leads.convert(lead.id, contact=contact.id, deal={"name": "Engines"})
        assert isinstance(done, LeadConversion)
        assert done.lead.converted_contact_id == contact.id
        assert done.deal is not None and done.deal.name == "Engines"
        assert crm.leads.set_mapping(contacts={}).contacts == {}
        assert crm.leads.raw.mapping() == {"contacts": {}, "companies": {}, "deals": {}}
        form = crm.lead_forms.create(name="Contact us")
        assert crm.lead_forms.submit(form.key, company_name="Engines").accepted
        assert crm.leads.list("company_name = Engines").first() is not None
        assert form.key in crm.lead_forms.snippet(form.id).action
        crm.undo(f"leads/{lead.id}")
        assert crm.leads.get(lead.id).converted_at is None
        assert next(iter(crm.lead_statuses.list(sort="position"))).name == "new"
