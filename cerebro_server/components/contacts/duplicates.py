"""When a new company or contact is probably one that is there already.

A name alone says little: there are many of the same. It takes a second thing in common, and a
domain or address of their own speaks against it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cerebro_server.kernel.fields import Compared, Duplicates
from cerebro_server.kernel.query.searching import search_text

_FORMS = (
    "ab ag as bv co company corp corporation gmbh inc incorporated kg limited llc ltd nv oy plc "
    "pty sa sarl se spa srl"
)
LEGAL_FORMS = frozenset(_FORMS.split())
_PROVIDERS = (
    "163.com aol.com gmail.com gmx.de gmx.net googlemail.com hotmail.com icloud.com live.com "
    "mail.com mail.ru me.com msn.com outlook.com proton.me protonmail.com qq.com t-online.de "
    "web.de yahoo.com yandex.ru"
)
EVERYBODYS = frozenset(_PROVIDERS.split())
"""Mail domains where neighbours have nothing in common."""


def words(value: str) -> str:
    """Return a text without case, accents and punctuation."""
    return search_text(value).strip(" ")


def company_name(value: str) -> str:
    """Return a company's name without what says only of which form it is."""
    found = words(value).split()
    while len(found) > 1 and found[-1] in LEGAL_FORMS:
        found.pop()
    return " ".join(found)


def digits(value: str) -> str:
    """Return a phone number's digits, the last nine of a long one: with or without its country."""
    return re.sub(r"\D+", "", value, flags=re.ASCII)[-9:]


def host(value: str) -> str:
    """Return the host of a web address, without `www`."""
    found = re.sub(r"^[a-z][a-z0-9+.-]*://", "", value.strip().lower())
    return re.split(r"[/?#:]", found, maxsplit=1)[0].removeprefix("www.")


def mail_domain(value: str) -> str:
    """Return the domain of an address, unless everybody has one there."""
    domain = value.rpartition("@")[2].lower()
    return "" if domain in EVERYBODYS else domain


def _full_name(row: Mapping[str, Any]) -> Mapping[str, Any]:
    parts = (row.get("first_name"), row.get("last_name"))
    return {"full_name": " ".join(part for part in parts if part)}


COMPANIES = Duplicates(
    blocks=("name", "phone"),
    compared=(
        Compared(
            "name",
            0.55,
            "same name",
            company_name,
            alike_weight=0.45,
            alike_reason="similar name",
        ),
        Compared("domain", 0.45, "same domain", str.lower, unlike_weight=-0.3),
        Compared("website", 0.4, "same web site", host),
        Compared("phone", 0.4, "same phone", digits),
        Compared("street", 0.3, "same street", words),
        Compared("postal_code", 0.15, "same postal code", words),
        Compared("city", 0.25, "same city", words),
    ),
)
CONTACTS = Duplicates(
    blocks=("full_name", "phone"),
    compared=(
        Compared(
            "full_name",
            0.55,
            "same name",
            words,
            alike_weight=0.45,
            alike_reason="similar name",
        ),
        Compared("phone", 0.4, "same phone", digits),
        Compared("email", 0.3, "same domain", mail_domain, unlike_weight=-0.1),
        Compared("job_title", 0.15, "same job title", words),
        Compared("department", 0.1, "same department", words),
    ),
    derive=_full_name,
)
