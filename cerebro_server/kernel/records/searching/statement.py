"""The statement that searches one record type: candidates by index, checked, scored and cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.db import Sql, ident, literal
from cerebro_server.kernel.fields import Field, RecordType
from cerebro_server.kernel.query.folding import fold
from cerebro_server.kernel.query.sql import comparable
from cerebro_server.kernel.query.values import TEXTS
from cerebro_server.kernel.records.projection import value_of
from cerebro_server.kernel.records.searching.words import Word, trigrams

_CANDIDATES = 300
"""Records of a noun that are scored; a beginning of three letters fits thousands."""
_TITLES = 50
_WHOLE, _BEGINNING, _INSIDE, _MISTYPED = 1.0, 0.8, 0.5, 0.4
_TITLE_BONUS = 0.1
_LAST = chr(0x10FFFF)


def source(record_type: RecordType) -> str:
    """Return the text that the search index is over: every searched field, whoever sees it."""
    fields = record_type.plain.fields
    parts = (f"coalesce({_plain(fields[one.field])}, '')" for one in record_type.searched)
    return " || ' ' || ".join(parts)


def _plain(field: Field) -> str:
    """Return a field as it is searched: of a phone number the digits, as one word."""
    if field.kind is Kind.PHONE:
        return f"regexp_replace({field.sql}, '[^0-9]+', '', 'g')"
    return field.sql


def _words(field: Field) -> str:
    """Return a field's words, as `search_text` makes them; digits are a word already."""
    if field.kind is Kind.PHONE:
        return f"' ' || {_plain(field)} || ' '"
    return f"search_text({field.sql})"


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for in one record type, by somebody."""

    record_type: RecordType
    """As the caller sees it: what is hidden or masked is not looked into."""
    readable: Sql | None
    query: str
    words: Sequence[Word]
    limit: int
    number: str | None = None
    """The query as a phone number, if it is one."""

    @property
    def fields(self) -> list[tuple[Field, float]]:
        """The searched fields that the caller sees, with their weights."""
        shown = self.record_type
        return [
            (shown.fields[name], weight) for name, weight in shown.searched if shown.shows(name)
        ]

    @property
    def title(self) -> Field | None:
        """The field that stands for the record, if the caller sees it."""
        return self.record_type.fields.get(self.record_type.noun.title)


def statement(search: Search) -> Sql:
    """Return the statement for rows `(noun, id, title, subtitle, score, field, text)`, best first.

    An index lookup finds candidates by trigrams of all searched fields; what the caller sees of
    them is looked at again, so that nothing is found by a field that is hidden. A key that is
    equal to the whole query comes first.
    """
    arms = [arm for arm in (_by_grams(search), _by_title(search), _by_key(search)) if arm]
    found = _joined(" union all ", arms)
    living = _living(search)
    fits = _fits(search)
    names = [name for name, _ in enumerate(search.fields)]
    best = _best(search)
    texts = " ".join(
        f"when f{n} = {best} then {value_of(f)}" for n, (f, _) in enumerate(search.fields)
    )
    which = " ".join(
        f"when f{n} = {best} then {literal(f.name)}" for n, (f, _) in enumerate(search.fields)
    )
    title = value_of(search.title) if search.title else "null"
    score = _score(search)
    quality = _qualities(search)
    sums = ", ".join(
        f"{' + '.join(f'q{w}_{n}' for w, _ in enumerate(search.words))} as f{n}" for n in names
    )
    text = (
        f"select {literal(search.record_type.name)}, t.id::text, {title}, {_subtitle(search)}, "
        f"(case when c.is_key then 1 else {score.text} end)::float8 as score, "
        f"case {which} end, case {texts} end "
        f"from (select id, bool_or(is_key) as is_key from ({found.text}) as a group by id) as c "
        f"join {ident(search.record_type.table_name)} as t on t.id = c.id, "
        f"{_texts(search)}, lateral (select {quality.text} offset 0) as y, "
        f"lateral (select {sums} offset 0) as z "
        f"where {living.text} and (c.is_key or {fits.text}) "
        f"order by score desc, length({title}), t.id desc limit {int(search.limit)}"
    )
    parts = (score, found, quality, living, fits)
    return Sql(text, tuple(param for part in parts for param in part.params))


def _living(search: Search) -> Sql:
    limit = [search.readable] if search.readable is not None else []
    return Sql.both(Sql("t.deleted_at is null"), *limit)


def _by_grams(search: Search) -> Sql | None:
    """Candidates that have trigrams of every word."""
    sets = trigrams(search.words)
    if not sets:
        return None
    of_record = f"search_grams({source(search.record_type)})"
    tests = [_any([Sql(f"{of_record} @> %s::text[]", (one,)) for one in sets])]
    table = ident(search.record_type.table_name)
    if len(search.fields) == len(search.record_type.searched):
        where = Sql.both(_living(search), *tests)
        beside = ""
    else:  # or what fits by unseen fields would crowd out the rest
        where = Sql.both(_living(search), *tests, _fits(search))
        beside = f", {_texts(search)}"
    return Sql(
        f"(select t.id, false as is_key from {table} as t{beside} "
        f"where {where.text} limit {_CANDIDATES})",
        where.params,
    )


def _by_title(search: Search) -> Sql | None:
    """Candidates whose title begins with the query: those that the others crowd out."""
    field, query = search.title, fold(search.query)
    if field is None or field.masked or field.kind not in TEXTS:
        return None
    side = comparable(field)
    where = Sql.both(_living(search), Sql(f"{side} >= %s and {side} < %s", (query, query + _LAST)))
    return Sql(
        f"(select t.id, false as is_key from {ident(search.record_type.table_name)} as t "
        f"where {where.text} order by {side}, t.id limit {_TITLES})",
        where.params,
    )


def _by_key(search: Search) -> Sql | None:
    """The records that have the query as a natural key, or as one of their phone numbers."""
    shown = search.record_type
    asked = [(key, search.query) for key in shown.keys]
    if search.number is not None:
        listed = (key.kind for name, key in shown.part_keys.items() if shown.shows(name))
        asked += [(kind, search.number) for kind in listed if kind not in shown.keys]
    if not asked:
        return None
    tests = [Sql("(kind = %s and value = fold(%s))", each) for each in asked]
    either = _any(tests)
    return Sql(
        f"(select record_id, true from record_keys where record_type = %s and {either.text} "
        f"limit {_CANDIDATES})",
        (shown.name, *either.params),
    )


def _texts(search: Search) -> str:
    """Return the FROM item with each field's words; the offset keeps them from being made anew."""
    parts = ", ".join(
        f"coalesce({_words(field)}, ' ') as s{n}" for n, (field, _) in enumerate(search.fields)
    )
    return f"lateral (select {parts} offset 0) as x"


def _fits(search: Search) -> Sql:
    """Every word is found in one of the fields. All of them are looked at as one text: a regular
    expression is dear."""
    side = " || ".join(f"x.s{n}" for n, _ in enumerate(search.fields))
    return Sql.both(
        *(
            # a whole word is a beginning, too
            _any([Sql(test, params) for test, params, _ in _tests(word, f"({side})")[1:]])
            for word in search.words
        )
    )


def _tests(word: Word, side: str) -> list[tuple[str, tuple[str, ...], float]]:
    """Return how a word can be found in a field, the best way first, with what that is worth."""
    ways: list[tuple[str, tuple[str, ...], float]] = [
        (f"strpos({side}, %s) > 0", (f" {word.text} ",), _WHOLE),
        (f"strpos({side}, %s) > 0", (f" {word.text}",), _BEGINNING),
    ]
    if word.loose:
        ways.append((f"strpos({side}, %s) > 0", (word.text,), _INSIDE))
        ways.append((f"{side} ~ %s", (word.pattern,), _MISTYPED))
    return ways


def _qualities(search: Search) -> Sql:
    """What each word is worth in each field, as columns `q<word>_<field>`."""
    columns: list[str] = []
    params: list[str] = []
    for w, word in enumerate(search.words):
        for n, (_, weight) in enumerate(search.fields):
            cases = []
            for test, given, worth in _tests(word, f"x.s{n}"):
                cases.append(f"when {test} then {worth * weight:.4f}")
                params += given
            columns.append(f"case {' '.join(cases)} else 0 end as q{w}_{n}")
    return Sql(", ".join(columns), tuple(params))


def _score(search: Search) -> Sql:
    """The mean over the words of where each is found best, and a little for a title that begins so;
    below 1, which is a key's."""
    best = (
        f"greatest({', '.join(f'q{w}_{n}' for n, _ in enumerate(search.fields))})"
        for w, _ in enumerate(search.words)
    )
    mean = f"({' + '.join(best)}) / {len(search.words)}"
    title = search.title
    place = next((n for n, (f, _) in enumerate(search.fields) if f is title), None)
    if place is None:
        return Sql(f"{mean} * {1 - _TITLE_BONUS}")
    begins = f"case when x.s{place} ^@ %s then {_TITLE_BONUS - 0.001} else 0 end"
    whole = " " + " ".join(word.text for word in search.words)
    return Sql(f"{mean} * {1 - _TITLE_BONUS} + {begins}", (whole,))


def _best(search: Search) -> str:
    return f"greatest({', '.join(f'f{n}' for n, _ in enumerate(search.fields))})"


def _subtitle(search: Search) -> str:
    """What tells the record from others of its title: the first other field that is filled."""
    known = search.record_type.fields
    others = [
        value_of(known[name])
        for name, _ in search.record_type.searched
        if name in known and name != search.record_type.noun.title
    ]
    return f"coalesce({', '.join(others)})" if others else "null"


def _any(parts: Sequence[Sql]) -> Sql:
    joined = _joined(" or ", parts)
    return Sql(f"({joined.text})", joined.params)


def _joined(between: str, parts: Sequence[Sql]) -> Sql:
    return Sql(
        between.join(part.text for part in parts),
        tuple(param for part in parts for param in part.params),
    )
