"""`key=value` and JSON lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerebro_cli import edit, exits, facts

COMPANIES = facts.nouns()["companies"]


def test_values_are_sent_with_the_type_of_their_field() -> None:
    found = edit.payload(["name=Acme = Co", "employees=43", "city="], COMPANIES)
    assert found == {"name": "Acme = Co", "employees": 43, "city": None}


def test_one_key_of_a_map_is_set_by_its_path() -> None:
    found = edit.payload(["external_ids.salesforce=001", "external_ids.old="], COMPANIES)
    assert found == {"external_ids": {"salesforce": "001", "old": None}}


def test_a_map_is_set_whole_by_json_and_emptied_by_nothing() -> None:
    assert edit.payload(['external_ids={"a": "1"}'], COMPANIES) == {"external_ids": {"a": "1"}}
    assert edit.payload(["external_ids="], COMPANIES) == {"external_ids": {}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+49 30 1234567, +1 212 5550100", ["+49 30 1234567", "+1 212 5550100"]),
        ('["+49 30 1234567"]', ["+49 30 1234567"]),
        ('{"number": "+49 30 1234567"}', [{"number": "+49 30 1234567"}]),
        ("", []),
    ],
)
def test_a_list_of_parts_is_set_whole(text: str, expected: list[object]) -> None:
    assert edit.payload([f"phones={text}"], COMPANIES) == {"phones": expected}


def test_what_begins_as_json_and_is_none_is_refused() -> None:
    with pytest.raises(exits.Stop, match="phones: this begins as JSON"):
        edit.payload(["phones=[1"], COMPANIES)


def test_a_field_that_names_a_record_is_called_by_its_short_name_too() -> None:
    found = edit.payload(["parent=acme.example", "owner=me"], COMPANIES)
    assert found == {"parent_id": "acme.example", "owner_id": "me"}


@pytest.mark.parametrize("text", ["true", "YES", "1", "on"])
def test_booleans_are_understood(text: str) -> None:
    field = facts.Field("is_open", "boolean", "Open", "", False, True)
    assert edit.value(text, field) is True


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        (["name"], "'name' is not key=value."),
        (["Nmae=x"], "Did you mean name?"),
        (["employees=many"], "employees takes a whole number, not 'many'."),
        (["employees=1.5"], "whole number"),
        (["employees=٤٢"], "whole number"),
        (["id=1"], "id is kept by the server"),
        (["name=a", "name=b"], "name is given twice."),
        (["external_ids.a=1", "external_ids.a=2"], "external_ids.a is given twice."),
        (["external_ids=crm"], "external_ids.KEY=VALUE"),
        (["name.first=x"], "name has no parts"),
        (["=x"], "no field ''"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(pairs: list[str], says: str) -> None:
    with pytest.raises(exits.Stop) as caught:
        edit.payload(pairs, COMPANIES)
    assert caught.value.code == exits.USAGE
    assert says in str(caught.value)


@given(st.lists(st.text(max_size=30), max_size=4))
def test_any_words_are_read_or_refused_as_usage(words: list[str]) -> None:
    try:
        found = edit.payload(words, COMPANIES)
    except exits.Stop as stop:
        assert stop.code == exits.USAGE
    else:
        assert set(found) <= {field.name for field in COMPANIES.writable}


@given(st.text(max_size=50))
def test_text_arrives_as_it_was_typed(text: str) -> None:
    assert edit.payload([f"description={text}"], COMPANIES) == {"description": text or None}
