"""`phones+=X`, `phones-=X`, `phones=[…]`, and `destroy`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.conftest import Ran, company
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]
WORK = {"number": "+49301234567", "type": "work", "is_valid": True}
CELL = {"number": "+491717654321", "is_valid": True}
HELD = {"version": 4, "phones": [WORK, CELL], "tags": ["vip"]}


def update(cerebro: Cerebro, server: Script, *pairs: str) -> Ran:
    server.tell("GET /v1/companies/a1b2c3", company(1, **HELD))
    server.tell("PATCH /v1/companies/a1b2c3", company(1, version=5))
    return cerebro("companies", "update", "a1b2c3", *pairs)


@pytest.mark.parametrize(
    ("pairs", "sent"),
    [
        (["phones+=+49 40 1"], {"phones": [WORK, CELL, "+49 40 1"]}),
        (
            ['phones+={"number": "1", "type": "x"}'],
            {"phones": [WORK, CELL, {"number": "1", "type": "x"}]},
        ),
        (["phones-=0171 76543-21"], {"phones": [WORK]}),
        (["phones-=work", "tags+=press", "tags-=VIP"], {"phones": [CELL], "tags": ["press"]}),
    ],
)
def test_steps_are_made_on_what_is_there_and_under_its_version(
    cerebro: Cerebro, server: Script, pairs: list[str], sent: dict[str, object]
) -> None:
    assert update(cerebro, server, *pairs).code == 0
    assert server.asked[1].json == sent
    assert server.asked[1].headers["if-match"] == '"4"'


def test_a_list_or_its_short_form_is_sent_as_it_is(cerebro: Cerebro, server: Script) -> None:
    server.tell("PATCH /v1/companies/a1b2c3", company(1, version=5))
    cerebro("companies", "update", "a1b2c3", 'phones=["1", {"number": "2"}]', "city=Rome")
    assert server.asked[0].json == {"phones": ["1", {"number": "2"}], "city": "Rome"}
    cerebro("companies", "update", "a1b2c3", "phones=", "phone=+49 40 1", "--allow-invalid")
    assert server.asked[1].json == {"phones": [], "phone": "+49 40 1"}
    assert server.asked[1].params == {"allow_invalid": "true"}


def test_a_new_record_begins_with_what_is_added(cerebro: Cerebro, server: Script) -> None:
    server.tell("POST /v1/companies", company(1), status=201)
    cerebro("companies", "create", "name=A", "tags+=vip", "tags+=press")
    assert server.asked[0].json == {"name": "A", "tags": ["vip", "press"]}


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("phones-=999999", "None of phones fit"),
        ("name+=x", "name is no list"),
        ("phones+=", "names nothing"),
        ("phones=[030 1", "phones+=VALUE adds one"),
        ("phnes+=1", "Did you mean phones?"),
        ('phones+={"number"', "not JSON"),
    ],
)
def test_says_what_is_wrong(cerebro: Cerebro, server: Script, pair: str, said: str) -> None:
    ran = update(cerebro, server, pair)
    assert (ran.code, [asked.method for asked in server.asked if asked.method != "GET"]) == (2, [])
    assert said in ran.err


def test_twice_is_once_too_often(cerebro: Cerebro, server: Script) -> None:
    assert update(cerebro, server, "phones+=1", "phones=[]").code == 2


class TestDestroy:
    def test_asks_even_for_one(self, cerebro: Cerebro, server: Script) -> None:
        assert cerebro("companies", "destroy", "a1b2c3").code == 2
        assert server.asked == []

    def test_with_yes_does_it(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("POST /v1/companies/a1b2c3/destroy", company(1))
        ran = cerebro("companies", "destroy", "a1b2c3", "--yes")
        assert ran.code == 0
        assert "1 company destroyed." in ran.err
        assert "To undo" not in ran.err
