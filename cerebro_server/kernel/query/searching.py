"""How texts are searched: words without case, accents and punctuation, and the trigrams of each.

Everything in the SQL is qualified and the characters of words are listed by code point, so that an
index on it can be built, copied and restored anywhere, and Python finds the same words.
"""

from __future__ import annotations

import re
import unicodedata

_LONGEST = 500
"""Characters of a text that are searched."""
_DOUBLE = {"ß": "ss", "æ": "ae", "œ": "oe"}
_SINGLE = str.maketrans("øłđðþıħŧς", "olddpihtσ")
"""Letters that no normal form takes apart, and the sigma that depends on its place."""
_MARKS = re.compile("[\u0300-\u036f]")
_BETWEEN = re.compile("[^a-z0-9\u00c0-\u1fff\u2c00-\u2dff\u3005-\U0010ffff]+")


def search_text(text: str) -> str:
    """Return a text's words as search sees them, a blank before, between and after them; the twin
    of the SQL function `search_text`."""
    if text.isascii():  # all of it is as it is already: a third of the time
        words = _BETWEEN.sub(" ", text[:_LONGEST].lower()).strip(" ")
        return f" {words} " if words else " "
    plain = unicodedata.normalize("NFKD", text[:_LONGEST]).lower()
    for letter, letters in _DOUBLE.items():
        plain = plain.replace(letter, letters)
    words = _BETWEEN.sub(" ", _MARKS.sub("", plain.translate(_SINGLE))).strip(" ")
    return f" {words} " if words else " "


def grams(piece: str) -> list[str]:
    """Return the trigrams of a piece of text; `  ada ` is a whole word, `  ada` its beginning."""
    return [piece[n : n + 3] for n in range(len(piece) - 2)]


def search_sql(server_version_num: int) -> list[str]:
    """Return the statements that make `search_text` and `search_grams` in the first schema of the
    search path.

    `search_text` is not marked as strict, which it is: PostgreSQL would not inline its cases, and
    10 of 13 microseconds would be those of calling it. `search_grams` says that it is dear, so that
    no plan evaluates it row by row where its index would do.
    """
    body = _body("value", 'pg_catalog."default"' if server_version_num < 170_000 else _UTF8)
    return [
        "create function search_text(value text) returns text language sql immutable "
        f"parallel safe as $search${'select ' + body}$search$",
        "create function search_grams(value text) returns text[] language sql immutable strict "
        f"parallel safe cost 1000 as $search${_GRAMS.replace('BODY', body)}$search$",
    ]


_UTF8 = "pg_catalog.pg_c_utf8"
# the offset keeps the text from being made anew for each of its trigrams
_GRAMS = """
select pg_catalog.array_agg(pg_catalog.substr(w.text, n, 3))
from (select pg_catalog.replace(BODY, ' ', '  ') as text offset 0) as w,
    pg_catalog.generate_series(1, pg_catalog.length(w.text) - 3) as n
where pg_catalog.substr(w.text, n + 1, 2) <> '  '
"""


def _body(value: str, collation: str) -> str:
    value = f"pg_catalog.left({value}, {_LONGEST})"
    plain = f"pg_catalog.lower(pg_catalog.normalize({value}, 'NFKD') collate {collation})"
    for letter, letters in _DOUBLE.items():
        plain = f"pg_catalog.replace({plain}, '{letter}', '{letters}')"
    single = "".join(map(chr, _SINGLE)), "".join(map(chr, _SINGLE.values()))
    plain = f"pg_catalog.translate({plain}, '{single[0]}', '{single[1]}')"
    plain = f"pg_catalog.regexp_replace({plain}, '[\\u0300-\\u036f]', '', 'g')"
    between = "[^a-z0-9\\u00c0-\\u1fff\\u2c00-\\u2dff\\u3005-\\U0010ffff]+"
    plain = f"pg_catalog.regexp_replace({plain}, '{between}', ' ', 'g')"
    ascii_ = f'pg_catalog.lower({value} collate "C")'
    ascii_ = f"pg_catalog.regexp_replace({ascii_}, '[^a-z0-9]+', ' ', 'g')"
    return (
        f"pg_catalog.replace(' ' || pg_catalog.btrim(case "
        f"when pg_catalog.octet_length({value}) = pg_catalog.length({value}) "
        f"then {ascii_} collate \"C\" else {plain} collate \"C\" end) || ' ', '  ', ' ')"
    )
