"""Trees, quotas and assignment from Python and on the command line, on a real server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from cerebro_sdk import Cerebro
from tests.tours.test_operations import CLI, cerebro

__all__ = ["cerebro"]


def test_on_the_command_line(cerebro: CLI) -> None:
    cerebro("territories create name=Europe")
    cerebro("territories create name=Spain parent_id=Europe")
    cerebro("territories create name=Germany parent_id=Europe")
    assert cerebro("territories tree").stdout == "Europe\n  Germany\n  Spain\n"
    found = json.loads(cerebro("territories tree --json").stdout)
    assert [each["path"] for each in found][2] == ["Europe", "Spain"]
    ran = cerebro("territories update Europe parent_id=Spain", exits=2)
    assert "cannot lie in itself" in ran.stderr
    lead = cerebro("leads create last_name=Gauss --ids").stdout.strip()
    cerebro(f"leads update {lead} owner_id=")
    cerebro("assignment_rules create name=All")
    cerebro("assignment_members create rule_id=All user_id=me")
    ran = cerebro("leads assign --where 'last_name = Gauss' --dry-run")
    assert "All gives" in ran.stdout
    assert "nothing was written." in ran.stderr
    ran = cerebro(f"leads assign {lead} --rule All --yes --json")
    assert json.loads(ran.stdout)["report"]["handed"][0]["rule"] == "All"
    assert "To undo: cerebro operations undo" in ran.stderr
    cerebro("undo --yes")
    assert json.loads(cerebro(f"leads get {lead} --json").stdout)["owner_id"] is None
    cerebro("leads assign", exits=2)


def test_from_python(running_server: Mapping[str, str]) -> None:
    with Cerebro(running_server["CEREBRO_URL"], running_server["CEREBRO_API_KEY"]) as crm:
        land = crm.territories.create(name="Germany")
        crm.quotas.create(
            period_start=date(2025, 10, 1), amount=Decimal(1000), territory_id=str(land.id)
        )
        deal = crm.deals.create(
            name="Fleet",
            amount=Decimal(250),
            territory_id="Germany",
            opened_at="2025-10-01T00:00:00Z",
        )
        crm.deals.win(deal.id, closed_at="2025-11-30T12:00:00Z")
        [row] = crm.reports.quota(on=date(2025, 11, 30))
        assert (row.name, row.attainment, row.gap) == ("Germany", Decimal("0.25"), Decimal(750))
        assert crm.reports.raw.quota(quotas="period = year") == []
        lead = crm.leads.create(last_name="Gauss")
        assert crm.leads.assign_plan(leads=[lead.id]).raw["report"]["stays"] == {"has_owner": 1}
        rule = crm.assignment_rules.create(name="All", method="least_loaded")
        crm.assignment_members.create(rule_id=str(rule.id), user_id="me")
        given = crm.leads.create(last_name="Euler")
        assert given.assignment_rule_id == rule.id
        team = crm.teams.create(key="emea", name="EMEA", manager_id="me")
        assert crm.teams.create(key="dach", name="DACH", parent_id="emea").parent_id == team.id
