"""The declaration of a noun on the server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlmodel import SQLModel

from cerebro_sdk.schemas.base import Noun, Payload, Record
from cerebro_sdk.schemas.kinds import Kind
from cerebro_sdk.schemas.workspace.duplicates import DuplicateRules
from cerebro_server.kernel.fields.batch import Arrangement, Batch, Making, Rules
from cerebro_server.kernel.fields.carried import Carried
from cerebro_server.kernel.fields.columns import LOCKED
from cerebro_server.kernel.fields.custom import COLUMN, Definition
from cerebro_server.kernel.fields.duplicates import Duplicates
from cerebro_server.kernel.fields.elsewhere import Elsewhere
from cerebro_server.kernel.fields.field import Field, kind_of, sql_type
from cerebro_server.kernel.fields.handover import Handover
from cerebro_server.kernel.fields.part import PartKey, Primary
from cerebro_server.kernel.fields.preset import Chain, ImportParent, Preset
from cerebro_server.kernel.fields.relation import Relation
from cerebro_server.kernel.fields.searched import Searched
from cerebro_server.kernel.fields.stays import Stays
from cerebro_server.kernel.fields.unmerged import Unmerged
from cerebro_server.kernel.journal import Journaled, ListedKey

if TYPE_CHECKING:
    from sqlalchemy import Table

    from cerebro_server.kernel.db import Sql


@dataclass(frozen=True, eq=False)
class RecordType:
    """What the server knows of a noun: its wire schemas and its table.

    Routes, filters, import, export, journal, permissions and events all come from this.
    """

    wire: type[Record]
    row: type[SQLModel]
    create: type[Payload] | None = None
    update: type[Payload] | None = None
    rules: Rules | None = None
    """What the component checks and derives when records are created."""
    update_rules: Rules | None = None
    """The same when one is changed; the batch has the record as it was, too."""
    presets: Mapping[str, Preset] = field(default_factory=dict)
    """Exports of other products that can be imported, by name."""
    import_parents: Mapping[str, ImportParent] = field(default_factory=dict)
    """Other records that a file may name: `company`."""
    splits: Mapping[str, Callable[[str], dict[str, str]]] = field(default_factory=dict)
    """Derived fields that a file may hold in one column, with what takes them apart."""
    also_called: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """What columns of files are often called that become a field, a part (`phones[2:mobile]`) or
    another record: `{field: {language: words}}`."""
    files: tuple[str, ...] = ()
    """What files of it are called in dumps of other products: `account`."""
    kept: tuple[str, ...] = ()
    """Columns that the server keeps by itself and the journal records."""
    rederived: frozenset[str] = frozenset()
    """Columns that a trigger works out whenever what they follow from is written: an undo
    leaves them to it, and holds no change of them against a record."""
    composed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Natural keys that the component's rules put together of fields, with `@` between them, and
    files are matched by: `{key: (currency, day)}`."""
    goes_along: bool = False
    """Whether folders that are exported and imported have it, too, though it has no files of its
    own: settings that records name."""
    from_files: Mapping[str, Any] = field(default_factory=dict)
    """Fields that no payload has and files may say, with the type of what they say:
    `{number: int}`."""
    dated: tuple[str, ...] = ()
    """Columns with moments that rules fill in: a dump that keeps dates may say them instead."""
    same_by: tuple[str, ...] = ()
    """Columns that together tell its records apart, where no key does: a row of a file is about the
    record that has the same, and a merge makes one of two that come to have the same."""
    chain: Chain | None = None
    """How rows of files follow one another, where they do."""
    before_import: Callable[[Any, Batch, Making], Awaitable[None]] | None = None
    """What the component makes of the rows of a file before it is known which records they are:
    it may change them, and have records made that they name. Its first argument is a `Context`."""
    arranged: Callable[[Any], Awaitable[Arrangement]] | None = None
    """How the records are set in order that an import makes since rows name them, once all rows are
    planned. Its argument is a `Context` of the plan."""
    is_setting: bool = False
    """Whether it is how the workspace works, rather than what people work on: among the built-in
    roles, owners, administrators and managers write it."""
    is_personal: bool = False
    """Whether its records are their owners' own matter, such as what somebody follows: among the
    built-in roles, agents write their own only; and they go along with the records that they name,
    whoever merges these."""
    is_worked_on: bool = False
    """Of the platform's own nouns: whether people work on it, as on contacts; the built-in roles
    then have it."""
    owner: str | None = None
    """The column with the user whose record it is; scope `own` goes by it."""
    team: str | None = None
    """The column with the team that shares it; scope `team` goes by it."""
    handover: Handover | None = None
    """Who gets new records that name no owner; None: whoever makes them."""
    territory: str | None = None
    """The column with the territory that it lies in; scope `team` goes by it, for managers."""
    relations: Mapping[str, Relation] = field(default_factory=dict)
    """Where paths in filters lead: `company` in `company.industry`."""
    read_ahead: tuple[frozenset[str], Sql] | None = None
    """What `update_rules` read, whichever record it is, where one of these fields is sent: read in
    one round trip with the record."""
    watched: frozenset[str] | None = None
    """The fields whose change needs `update_rules`; None: all of them do."""
    asked_again: frozenset[str] = frozenset()
    """The watched fields about which `update_rules` look at other records: what was right when it
    was planned may be wrong when it is written."""
    filled: tuple[str, ...] = ()
    """Columns that no client sends and the component's rules fill."""
    parts: Mapping[str, Mapping[str, Kind]] = field(default_factory=dict)
    """Fields that are lists of parts, with what each part has: `emails.address`."""
    part_keys: Mapping[str, PartKey] = field(default_factory=dict)
    """What tells the parts of a list apart, by list."""
    primaries: Mapping[str, Primary] = field(default_factory=dict)
    """Columns that PostgreSQL computes from the first part of a list; what is sent for one of them
    becomes that part."""
    derived: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Fields that tell of others, with those: hidden or masked where one of them is."""
    copied: Mapping[str, tuple[RecordType, str]] = field(default_factory=dict)
    """Fields that hold what a field of another record was, with that: hidden or masked where it
    is."""
    refers: Mapping[str, str] = field(default_factory=dict)
    """Fields that name another record, with its noun; references in payloads are resolved."""
    ends: Mapping[str, RecordType] = field(default_factory=dict)
    """Of a link: the columns with the records that it joins. It is there for whoever may read both
    of them, while both live; a column that may be empty asks for nothing where it is."""
    attached: tuple[str, ...] = ()
    """Fields of `refers` that say to what it is attached, a note to its deal: it is there for
    whoever may read every record that it is attached to."""
    part_of: str | None = None
    """Of what is a part of another record, such as a line: which of its ends that is. It is written
    by whoever may update that record, and scopes go by that record's owner and team."""
    is_twice: Callable[[Mapping[str, Any], Mapping[str, Any]], bool] | None = None
    """Of a link: whether a second one between the same two records says nothing that the first does
    not say; a merge makes one of two such links."""
    carried: Carried | None = None
    """What becomes of it where a record that it names becomes others, as a lead does; None:
    nothing."""
    merges: Mapping[str, Callable[[Sequence[Mapping[str, Any]]], Mapping[str, Any]]] = field(
        default_factory=dict
    )
    """Fields that a merge settles by a rule: it is given the records, the one that stays first, and
    returns the columns that this one gets."""
    unmerged: Unmerged | None = None
    """Which of its records take no part in merges; None: all may."""
    tells_of: str | None = None
    """The column with the path of the field that a row is about, `contacts.tier`: where that is
    hidden from somebody, so is the row."""
    told_at: tuple[str, ...] | None = None
    """Of what tells of the records that it names, such as a call: the columns with its moment in
    their timelines, the first that is set; None: it is in no timeline but its own."""
    rolls_up: str | None = None
    """The column with the record in whose timeline stands, too, what is told of this one."""
    is_history: bool = False
    """Whether its rows are written by triggers, about what the journal tells already: they are in
    no journal, and nobody's role may change them."""
    stays: Stays | None = None
    """Of a history: what its rows are, so that it can be seen as it was."""
    keeps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of a history: tables whose columns its triggers keep, with these columns."""
    told_where: str | None = None
    """Of a history that imports may add to: which rows `{row}` these are, as SQL. They are
    journaled, and written by operations, as records are."""
    actions: Mapping[str, str] = field(default_factory=dict)
    """Permissions of its own verbs, each with the sentence that explains it."""
    elsewhere: Elsewhere | None = None
    """Of what tells of records elsewhere: each row names one of its ends, and goes with it."""
    custom: tuple[Definition, ...] = ()
    """The workspace's own fields; none in the declaration."""
    searched: tuple[Searched, ...] = ()
    """The fields that search looks into; of none, it leaves the noun out."""
    duplicates: Duplicates | None = None
    """How a new record is held against those there are."""
    matching: DuplicateRules | None = None
    """How duplicates among those there are, are found, unless a workspace has rules of its own."""
    base: RecordType | None = None
    """What this was derived from for somebody who may not see or change every field."""
    hidden: frozenset[str] = frozenset()
    masked: frozenset[str] = frozenset()
    frozen: frozenset[str] = frozenset()

    @property
    def noun(self) -> Noun:
        """How the record is called and shown."""
        return self.wire.noun

    @property
    def name(self) -> str:
        """The noun in the plural, as in URLs: `companies`."""
        return self.noun.name

    @cached_property
    def table(self) -> Table:
        """The table's SQLAlchemy declaration."""
        return self.row.__table__  # type: ignore[attr-defined,no-any-return]

    @property
    def table_name(self) -> str:
        """The table's name, without schema: `search_path` says whose it is."""
        return self.table.name

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """The fields by name, in the order in which people read them."""
        names = (name for name in self.wire.ordered_fields() if name not in self.hidden)
        own = {name: self._field(name) for name in names}
        custom = {field.name: field for key in self.defined.values() for field in self._custom(key)}
        return MappingProxyType({**custom, **own} if custom else own)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the fields that have a column of their own, in order."""
        return tuple(name for name, known in self.fields.items() if known.of_custom is None)

    @property
    def lockable(self) -> bool:
        """Whether its records can be locked."""
        return "lock" in self.noun.verbs

    @property
    def is_bulk(self) -> bool:
        """Whether many of its records can be changed at once."""
        return self.is_imported and "update" in self.noun.verbs

    @property
    def is_imported(self) -> bool:
        """Whether there are files of it alone."""
        return "import" in self.noun.verbs

    @property
    def is_journaled(self) -> bool:
        """Whether the journal tells of it, or of some of its rows."""
        return not self.is_history or self.told_where is not None

    def right(self, action: str) -> str:
        """Return the action that a permission names: what is written by imports alone is changed,
        and taken back, by whoever may import it."""
        is_written = action in ("create", "update", "delete", "restore")
        by_import = self.is_history or self.elsewhere is not None
        return "import" if by_import and is_written else action

    @property
    def takes_custom(self) -> bool:
        """Whether a workspace can add fields of its own."""
        return COLUMN in self.wire.model_fields

    @cached_property
    def defined(self) -> Mapping[str, Definition]:
        """The workspace's own fields by key, without those that are hidden."""
        if COLUMN in self.hidden:
            return MappingProxyType({})
        closed = self.hidden | {each.key for each in self.custom if not each.maskable} & self.masked
        return MappingProxyType({e.key: e for e in self.custom if e.key not in closed})

    @property
    def plain(self) -> RecordType:
        """The record type with all of its fields."""
        return self.base or self

    def may_lack(self, end: str) -> bool:
        """Whether a link can do without a record at this end."""
        return bool(self.table.columns[end].nullable)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Natural keys that may be used to find a record."""
        closed = self.hidden | self.masked
        return tuple(key for key in self.noun.keys if key not in closed)

    @cached_property
    def stored(self) -> tuple[str, ...]:
        """Names of the columns that are written when a record is created, in order; what only
        files say comes besides."""
        names = (name for name in self.plain.columns if self.plain.fields[name].writable)
        columns = self.table.columns
        return (*(name for name in names if columns[name].computed is None), *self.filled)

    @cached_property
    def writable(self) -> tuple[str, ...]:
        """Names of the fields that a client may send, in order."""
        return tuple(name for name in self.columns if self.fields[name].writable)

    @cached_property
    def file_columns(self) -> tuple[str, ...]:
        """Names of the columns that only files can say."""
        named = (each.here for each in self.plain.import_parents.values() if not each.via)
        names = dict.fromkeys((*self.plain.from_files, *named))
        return tuple(name for name in names if name in self.table.columns)

    @property
    def said_by_files(self) -> tuple[str, ...]:
        """Names of the fields that only files can say, as far as the caller may write them."""
        return tuple(
            name for name in self.from_files if name in self.fields and name not in self.closed
        )

    @cached_property
    def journaled(self) -> Journaled:
        """What the journal's triggers need to know."""
        kept = (*self.kept, *((LOCKED,) if self.lockable else ()))
        return Journaled(
            record_type=self.name,
            table=self.table_name,
            fields=(*self.stored, *(name for name in kept if name not in self.stored)),
            maps=[name for name in self.stored if self.fields[name].kind is Kind.MAP],
            keys=tuple(key for key in self.noun.keys if key not in self.primaries),
            decimals=[
                *(name for name in self.stored if self.fields[name].kind is Kind.DECIMAL),
                *(n for n in self.kept if self.plain.fields[n].kind is Kind.DECIMAL),
            ],
            lists=tuple(self.parts),
            words=[name for name in self.stored if self.fields[name].kind is Kind.KEYS],
            where=self.told_where,
            listed_keys=[
                ListedKey(name, key.of, key.kind, is_unique=key.is_unique)
                for name, key in self.part_keys.items()
            ],
        )

    @cached_property
    def pieces(self) -> Mapping[str, tuple[str, ...]]:
        """By field that is taken apart, the fields that it gives."""
        return {whole: tuple(split("Ada Lovelace")) for whole, split in self.splits.items()}

    def shows(self, name: str) -> bool:
        """Whether a field is there to be seen whole: neither hidden nor masked."""
        return name in self.fields and not self.fields[name].masked

    def is_writable(self, key: str) -> bool:
        """Whether a client may send this custom field."""
        return not self.closed & {COLUMN, key}

    @property
    def closed(self) -> frozenset[str]:
        """Names of what the caller may not change."""
        return self.frozen | self.masked

    def _custom(self, definition: Definition) -> Iterator[Field]:
        writable = self.is_writable(definition.key)
        return definition.fields(writable=writable, masked=definition.key in self.masked)

    def _field(self, name: str) -> Field:
        info = self.wire.model_fields[name]
        column = self.table.columns[name]
        accepted = self.create.model_fields.get(name) if self.create else None
        return Field(
            name=name,
            kind=kind_of(accepted or info),
            label=info.title or name.replace("_", " ").capitalize(),
            description=info.description or "",
            sql_type=sql_type(column),
            nullable=bool(column.nullable),
            required=accepted is not None and accepted.is_required(),
            writable=accepted is not None and name not in self.closed,
            masked=name in self.masked,
        )
