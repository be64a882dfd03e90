"""Demo data: it comes whole, it comes once, and it goes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from cerebro_server import demo, local

DAY = date(2026, 3, 31)


class TestDemo:
    def test_is_the_same_every_time(self) -> None:
        assert demo.files(DAY) == demo.files(DAY)

    def test_tells_of_a_year_that_ends_today(self) -> None:
        for today in (DAY, date(2024, 2, 29), date(2027, 1, 1)):
            told = {file.noun: file.content.decode() for file in demo.files(today)}
            times = [line.split(",")[2] for line in told["deal_stages"].splitlines()[1:]]
            assert max(times)[:10] < today.isoformat()
            assert (today - date.fromisoformat(min(times)[:10])).days < 366

    def test_comes_once_and_goes_but_for_what_was_changed(self) -> None:
        with local() as crm:
            done = {each.raw["kind"]: each for each in demo.load(crm)}
            assert done["companies.import"].summary == "40 created"
            contacts = done["contacts.import"].summary
            assert contacts == "contacts: 160 created; positions: 160 created"
            assert done["leads.import"].summary == "48 created"
            # what is done for each open deal is about it and somebody of its company
            open_ = sum(each.status == "open" for each in crm.deals.list())
            assert len([*crm.tasks.list("deal.status = open")]) == 2 * open_
            assert crm.tasks.list("due_at < now and completed_at is empty").first() is not None
            calls = crm.activities.list("type = call and contact.email is not empty")
            assert len([*calls]) == open_
            assert crm.notes.list("deal is not empty").first() is not None
            deals, stays = done["deals.import"], done["deal_stages.import"]
            assert deals.data.done.created == 120
            assert not any(each.data.plan.error for each in done.values())
            assert stays.data.done.created > 120
            # a believable year: deals in every stage, won ones among them, all with a rate
            rows = crm.reports.pipeline()
            assert all(row.count for row in rows) and not any(row.without_rate for row in rows)
            [won] = [row for row in crm.reports.funnel() if row.status == "won"]
            assert 12 <= won.reached <= 60
            assert sum(row.average_days > Decimal(7) for row in crm.reports.cycle()) == 2
            # what is sold: each quote's lines come to its deal's amount
            deals_ = {deal.id: deal for deal in crm.deals.list()}
            quotes = [*crm.quotes.list()]
            assert {quote.status for quote in quotes} == {"draft", "sent", "accepted", "declined"}
            assert all(quote.subtotal == deals_[quote.deal_id].amount for quote in quotes)
            assert {row.category for row in crm.reports.forecast()} >= {"commit", "best_case"}
            assert any(row.mrr for row in crm.reports.forecast())
            assert len([*crm.products.list()]) == 9
            assert all(row.quota > 0 for row in crm.reports.quota())
            assert len([*crm.quotas.list("user = me")]) == 5
            again = [each.data.done for each in demo.load(crm)]
            assert not any(one.created or one.updated for one in again)
            someone = crm.contacts.list(where="company.industry = Energy").first()
            assert someone is not None
            crm.contacts.update(someone.id, description="Met at the fair.")
            undone = demo.clear(crm)
            assert sum(undo.data.plan.error for _, undo in undone) == 1
            sold = ("products", "prices", "quotes", "quote_lines", "quotas")
            gone = ("companies", "deals", "leads", "exchange_rates", "deal_stages")
            for noun in (*gone, "tasks", "activities", "notes", *sold):
                assert not [*getattr(crm, noun).list()], noun
            assert [each.id for each in crm.contacts.list()] == [someone.id]
