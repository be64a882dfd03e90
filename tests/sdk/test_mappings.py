"""Mappings through the SDK: suggested for an upload, saved for the next file."""

from __future__ import annotations

import pytest

from cerebro_sdk import Cerebro, NotFoundError
from cerebro_sdk.schemas.workspace.mappings import ImportMapping, SuggestedMapping
from tests.cli.test_mappings import COLUMNS, SAVED, SUGGESTED
from tests.sdk.fake import Fake, ok, problem


def test_is_suggested_for_an_upload(crm: Cerebro, fake: Fake) -> None:
    fake.says(ok({**SUGGESTED, "columns": COLUMNS}))
    found = crm.uploads.mapping("u1", "contacts", map={"Fax": None}, key=None)
    assert isinstance(found, SuggestedMapping)
    assert [column.field for column in found.columns] == ["last_name", None, None, None]
    assert found.columns[1].candidates[0].field == "job_title"
    assert fake.seen[0].path == "/v1/uploads/u1/mapping"
    assert fake.seen[0].json == {"noun": "contacts", "map": {"Fax": None}}


def test_saved_ones_are_listed_fetched_and_deleted(crm: Cerebro, fake: Fake) -> None:
    fake.says(ok({"items": [SAVED]}), ok(SAVED), ok(SAVED), ok(SAVED))
    [saved] = crm.mappings.list("contacts")
    assert isinstance(saved, ImportMapping)
    assert saved.columns == {"Who": "last_name", "Fax": None}
    assert crm.mappings.get("contacts", "fair/2026").key == "email"
    assert crm.mappings.raw.get("contacts", "fair") == SAVED
    assert crm.mappings.delete("contacts", "fair").name == "fair"
    assert [(seen.method, seen.path) for seen in fake.seen] == [
        ("GET", "/v1/mappings"),
        ("GET", "/v1/mappings/contacts/fair%2F2026"),
        ("GET", "/v1/mappings/contacts/fair"),
        ("DELETE", "/v1/mappings/contacts/fair"),
    ]
    fake.says(problem(404, "not_found", "There is no saved mapping 'x' for contacts."))
    with pytest.raises(NotFoundError, match="no saved mapping"):
        crm.mappings.get("contacts", "x")
