"""What columns of files are called in many languages, by noun and field."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cerebro_server.components.contacts.words import germanic, others, romance

_LANGUAGES = {**germanic.WORDS, **romance.WORDS, **others.WORDS}
_FIRMS = ("domain", "industry", "employees", "annual_revenue", "parent")
_PEOPLE = (
    *("first_name", "last_name", "full_name", "birthday", "job_title", "department", "source"),
    *("email", "emails[2:home]", "phones[3:home]", "company.domain"),
)


def _of(
    besides: Collection[str], renamed: Mapping[str, str]
) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Read the tables; `besides` are fields that the noun lacks, `renamed` what it calls others."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for language, text in _LANGUAGES.items():
        for line in text.strip().splitlines():
            field, _, words = line.partition(": ")
            if field not in besides:
                called = tuple(word.strip() for word in words.split(","))
                found.setdefault(renamed.get(field, field), {})[language] = called
    return found


CONTACTS = _of(_FIRMS, {"email": "emails[1]"})
"""`{field: {language: words}}` for files of contacts."""
COMPANIES = _of(_PEOPLE, {"company": "name"})
"""The same for files of companies."""
