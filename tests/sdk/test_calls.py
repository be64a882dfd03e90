"""Each method sends what the API documents and returns what it answers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from cerebro_sdk import APIError, Cerebro, ConflictError, InvalidError
from cerebro_sdk.schemas.contacts.companies import Company, CompanyCreate, CompanyUpdate
from tests.sdk.conftest import KEY
from tests.sdk.fake import Fake, ok, page, problem
from tests.sdk.records import change, company


class TestGet:
    def test_returns_a_typed_record(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(company(7, employees=3)))
        record = crm.companies.get("acme.com")
        assert isinstance(record, Company)
        assert record.employees == 3
        assert fake.seen[0].target == "/v1/companies/acme.com"
        assert fake.seen[0].headers["authorization"] == f"Bearer {KEY}"

    def test_raw_returns_the_dict(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(company(7, later_field=1)))
        assert crm.companies.raw.get("acme.com") == company(7, later_field=1)

    def test_asks_for_deleted_ones_when_told(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(company()))
        crm.companies.get("x", deleted="include")
        assert fake.seen[0].params == {"deleted": "include"}

    @pytest.mark.parametrize(
        ("ref", "sent"),
        [
            ("salesforce:001/2", "salesforce%3A001%2F2"),
            ("a b?c#d%", "a%20b%3Fc%23d%25"),
            ("münchen.de", "m%C3%BCnchen.de"),
            (UUID(int=5), str(UUID(int=5))),
            ("../../livez", "..%2F..%2Flivez"),
        ],
    )
    def test_a_reference_stays_one_segment(
        self, crm: Cerebro, fake: Fake, ref: object, sent: str
    ) -> None:
        fake.says(ok(company()))
        crm.companies.get(ref)
        assert fake.seen[0].target == f"/v1/companies/{sent}"

    @pytest.mark.parametrize("ref", ["", " ", ".", "..", "a\ud800"])
    def test_what_is_no_reference_is_not_sent(self, crm: Cerebro, fake: Fake, ref: str) -> None:
        with pytest.raises(InvalidError, match="ref"):
            crm.companies.get(ref)
        assert not fake.seen

    def test_a_reply_that_does_not_fit_is_an_api_error(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok({"id": 1}))
        with pytest.raises(APIError, match="Company") as caught:
            crm.companies.get("x")
        assert caught.value.code == "unexpected_reply"


class TestCreate:
    def test_sends_what_was_given_and_no_more(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(company()))
        crm.companies.create(name="Acme", domain="https://Acme.com/x", employees="42")
        assert fake.seen[0].method == "POST"
        assert fake.seen[0].json == {"name": "Acme", "domain": "acme.com", "employees": 42}
        assert fake.seen[0].headers["content-type"] == "application/json"

    def test_takes_a_payload(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(company()))
        when = datetime(2020, 1, 1, tzinfo=UTC)
        crm.companies.create(CompanyCreate(name="Acme", source_created_at=when))
        assert fake.seen[0].json == {"name": "Acme", "source_created_at": "2020-01-01T00:00:00Z"}

    def test_carries_a_quoted_key_of_its_own(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(company()))
        crm.companies.create(name="a")
        crm.companies.create(name="a")
        keys = [seen.headers["idempotency-key"] for seen in fake.seen]
        assert len(set(keys)) == 2
        assert all(key[0] == key[-1] == '"' and len(key) == 34 for key in keys)

    def test_a_wrong_field_is_named_before_sending(self, crm: Cerebro, fake: Fake) -> None:
        with pytest.raises(InvalidError) as caught:
            crm.companies.create(name="Acme", employees=-1, employes=3)
        error = caught.value
        assert sorted(error.fields) == ["employees", "employes"]
        assert "did you mean employees?" in str(error)
        assert (error.status, error.code, error.request_id) == (422, "validation_failed", None)
        assert not fake.seen

    def test_a_missing_field_is_named(self, crm: Cerebro) -> None:
        with pytest.raises(InvalidError, match="name: is required"):
            crm.companies.create(domain="acme.com")

    def test_raw_sends_as_is(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(company()))
        crm.companies.raw.create({"nme": "Acme"}, **{})
        crm.companies.raw.create(since=date(2026, 1, 2), sum=Decimal("1.10"), by=UUID(int=1))
        assert fake.seen[0].json == {"nme": "Acme"}
        assert fake.seen[1].json == {"since": "2026-01-02", "sum": "1.10", "by": str(UUID(int=1))}

    def test_raw_refuses_what_json_cannot_hold(self, crm: Cerebro) -> None:
        with pytest.raises(InvalidError, match="JSON"):
            crm.companies.raw.create(employees=float("nan"))
        with pytest.raises(TypeError, match="object"):
            crm.companies.raw.create(name=object())

    def test_payload_and_fields_together_are_a_mistake(self, crm: Cerebro) -> None:
        with pytest.raises(TypeError, match="not both"):
            crm.companies.create(CompanyCreate(name="a"), name="b")
        with pytest.raises(TypeError, match="CompanyCreate"):
            crm.companies.create(CompanyUpdate(name="a"))  # type: ignore[arg-type]


class TestUpdate:
    def test_sends_only_the_change(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(company()))
        crm.companies.update("acme.com", employees=43, phone=None)
        seen = fake.seen[0]
        assert (seen.method, seen.path) == ("PATCH", "/v1/companies/acme.com")
        assert seen.json == {"employees": 43, "phone": None}
        assert "if-match" not in seen.headers
        assert "idempotency-key" not in seen.headers

    def test_names_the_version(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(company()))
        crm.companies.update("x", CompanyUpdate(city="Bern"), version=4)
        assert fake.seen[0].headers["if-match"] == '"4"'
        assert fake.seen[0].json == {"city": "Bern"}


class TestDeleteAndRestore:
    def test_delete_returns_the_record(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(company(deleted_at="2026-01-03T00:00:00Z")))
        gone = crm.companies.delete("acme.com", version=2)
        assert gone.deleted_at is not None
        assert fake.seen[0].method == "DELETE"
        assert fake.seen[0].headers["if-match"] == '"2"'

    def test_restore_posts_without_a_body(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(company()))
        crm.companies.restore(UUID(int=9))
        assert fake.seen[0].path == f"/v1/companies/{UUID(int=9)}/restore"
        assert (fake.seen[0].method, fake.seen[0].body) == ("POST", b"")
        assert fake.seen[0].headers["content-length"] == "0"


class TestLock:
    @pytest.mark.parametrize("verb", ["lock", "unlock"])
    def test_posts_and_returns_the_record(self, crm: Cerebro, fake: Fake, verb: str) -> None:
        fake.says(ok(company(locked_at="2026-01-03T00:00:00Z")))
        record = getattr(crm.companies, verb)("acme.com")
        assert record.locked_at == datetime(2026, 1, 3, tzinfo=UTC)
        seen = fake.seen[0]
        assert (seen.method, seen.path) == ("POST", f"/v1/companies/acme.com/{verb}")
        assert (seen.body, "if-match" in seen.headers) == (b"", False)

    def test_names_the_version(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(ok(company()))
        crm.companies.lock("x", version=4)
        assert crm.companies.raw.unlock("x", version=5) == company()
        assert [seen.headers["if-match"] for seen in fake.seen] == ['"4"', '"5"']

    def test_what_is_locked_raises_a_conflict(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(problem(409, "record_locked", detail="It is locked."))
        with pytest.raises(ConflictError) as caught:
            crm.companies.update("x", name="y")
        assert caught.value.code == "record_locked"

    def test_positions_have_no_lock(self, crm: Cerebro) -> None:
        assert not hasattr(crm.positions, "lock")


class TestChanges:
    def test_lists_typed_and_raw(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(page([change(2)]))
        entry = crm.changes.list(record="companies/acme.com", limit=5).first()
        assert entry is not None
        assert entry.diff == {"employees": [42, 43]}
        assert fake.seen[0].params == {"record": "companies/acme.com", "limit": "1"}
        assert crm.changes.raw.list(record_type="companies").to_records() == [change(2)]
        assert fake.seen[1].params == {"record_type": "companies", "limit": "200"}
