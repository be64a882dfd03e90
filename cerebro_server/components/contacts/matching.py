"""By which rules companies and contacts are found that are there twice.

The points are those of people's judgement. A name alone is no duplicate, nor is a household: those
who share name and address are two where they were born on different days. Mail domains, phones and
addresses that companies share say less of them than of people.
"""

from __future__ import annotations

from typing import Any

from cerebro_sdk.schemas.workspace.duplicates import DuplicateComparison, DuplicateRules
from cerebro_server.components.contacts.duplicates import EVERYBODYS, LEGAL_FORMS


def _rule(name: str, how: Any, *points: float, fields: str = "", **more: Any) -> Any:
    same, similar, different = points
    named = fields.split() or [name.replace(" ", "_")]
    return DuplicateComparison(
        name=name, fields=named, how=how, same=same, similar=similar, different=different, **more
    )


_PLACE = (
    _rule("postal code", "edit", 0.15, 0.08, -0.1, similar_from=0.7),
    _rule("city", "text", 0.1, 0.05, -0.1),
    _rule("state", "edit", 0.03, 0.0, -0.03),
)
_PROVIDERS = sorted(EVERYBODYS)

CONTACTS = DuplicateRules(
    blocks=[
        ["phone:digits"],
        ["birthday"],
        ["email:domain", "last_name:sound"],
        ["postal_code", "last_name:sound"],
        ["postal_code", "first_name:sound"],
        ["postal_code", "street:number"],
        ["last_name:sound", "first_name:sound"],
        ["birthday:year", "first_name:3"],
        ["birthday:year", "last_name:3"],
        ["street:word", "street:number"],
        ["street:word", "city:3"],
        ["first_name:sound", "city:3"],
        ["last_name:sound", "city:3"],
    ],
    compare=[
        _rule("name", "names", 0.45, 0.2, -0.25, fields="first_name last_name", similar_from=0.75),
        _rule("birthday", "date", 0.4, 0.2, -0.2, similar_from=0.75),
        _rule("phone", "phone", 0.4, 0.2, 0.0),
        _rule("street", "words", 0.35, 0.2, -0.15, similar_from=0.75),
        _rule("e-mail", "email", 0.4, 0.2, 0.0, fields="email"),
        _rule("mail domain", "domain", 0.15, 0.0, 0.0, fields="email", leave_out=_PROVIDERS),
        *_PLACE,
        _rule("job title", "words", 0.1, 0.05, 0.0),
    ],
    review=0.5,
    merge=0.98,
)
COMPANIES = DuplicateRules(
    blocks=[
        ["phone:digits"],
        ["website:domain"],
        ["name"],
        ["name:sound", "city:3"],
        ["name:sound", "postal_code"],
        ["name:5"],
        ["name:word"],
        ["street", "postal_code"],
    ],
    compare=[
        _rule("name", "words", 0.5, 0.3, -0.3, leave_out=sorted(LEGAL_FORMS)),
        _rule("domain", "domain", 0.4, 0.0, -0.25),
        _rule("web site", "domain", 0.3, 0.0, -0.1, fields="website"),
        _rule("phone", "phone", 0.3, 0.1, 0.0),
        _rule("street", "words", 0.25, 0.15, -0.1, similar_from=0.75),
        *_PLACE,
    ],
    review=0.6,
    merge=0.98,
)
