"""Demo data: it comes whole, it comes once, and it goes."""

from __future__ import annotations

from cerebro_server import demo, local


class TestDemo:
    def test_is_the_same_every_time(self) -> None:
        assert demo.files() == demo.files()

    def test_comes_once_and_goes_but_for_what_was_changed(self) -> None:
        with local() as crm:
            companies, contacts = demo.load(crm)
            assert companies.summary == "40 created"
            assert contacts.summary == "contacts: 160 created; positions: 160 created"
            assert [each.summary for each in demo.load(crm)] == ["40 unchanged", "160 unchanged"]
            someone = crm.contacts.list(where="company.industry = Energy").first()
            assert someone is not None
            crm.contacts.update(someone.id, description="Met at the fair.")
            undone = demo.clear(crm)
            assert sum(undo.data.done.deleted for undo in undone) == 40 + 160 + 160 - 1
            assert [each.id for each in crm.contacts.list()] == [someone.id]
            [again] = demo.clear(crm)  # what stays can still be taken back
            assert (again.data.done.deleted, again.data.plan.error) == (0, 1)
