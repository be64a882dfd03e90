"""Files that have a list in their columns, of which each makes a row of its own; and columns that
are parted by what another says."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace

from cerebro_server.kernel.fields import Preset, RecordType, Unfolding
from cerebro_server.kernel.records.importing.table import Row, Table


def fitting(record_type: RecordType, header: Sequence[str]) -> str | None:
    """Return the preset whose list is in the columns of a header."""
    return next(
        (
            name
            for name, preset in record_type.presets.items()
            if preset.unfolding is not None and _columns(preset.unfolding, header)
        ),
        None,
    )


def sharing(record_type: RecordType, header: Sequence[str]) -> str | None:
    """Return the preset of which a file has rows, whatever else it has."""
    there = {*header}
    shared = (
        name
        for name, preset in record_type.presets.items()
        if any(there.issuperset(mark) for mark in preset.shares)
    )
    return fitting(record_type, header) or next(shared, None)


def unfold(record_type: RecordType, table: Table, preset: str | None) -> Table:
    """Return the table with a row for each cell of the list in its columns, if the preset has one;
    rows of one line have its number."""
    known = record_type.presets.get(preset or "")
    if known is None or known.unfolding is None:
        return table
    listed = _columns(known.unfolding, table.header)
    kept = [index for index in range(len(table.header)) if index not in listed]
    names = (*known.unfolding.names, known.unfolding.cell)

    def records() -> Generator[Row, None, None]:
        with closing(table.rows()) as rows:
            for row in rows:
                cells = [*row.cells, *[""] * (len(table.header) - len(row.cells))]
                for index, groups in listed.items():
                    if cells[index] not in ("", None):
                        said = [cells[i] for i in kept]
                        yield Row(row.line, [*said, *groups, cells[index]])

    taken = [table.header[index] for index in kept]
    header = [*("" if name in names else name for name in taken), *names]
    return replace(table, header=header, records=records)


def forked(record_type: RecordType, table: Table, preset: str | None) -> Table:
    """Return the table with a column for each thing that a cell can mean, where the preset says by
    which other column that is told; then with one for each of what it means at once."""
    known = record_type.presets.get(preset or "")
    return _spread(known, _parted(known, table)) if known else table


def _parted(known: Preset, table: Table) -> Table:
    header = [name.casefold() for name in table.header]
    taken = [
        (header.index(fork.of.casefold()), header.index(fork.by.casefold()), fork.to)
        for fork in known.forks
        if fork.of.casefold() in header and fork.by.casefold() in header
    ]
    if not taken:
        return table
    wide = len(table.header)

    def records() -> Generator[Row, None, None]:
        with closing(table.rows()) as rows:
            for row in rows:
                cells = [*row.cells, *[""] * (wide - len(row.cells))]
                more = [
                    cells[of] if to.get(str(cells[by]).strip().lower()) == name else ""
                    for of, by, to in taken
                    for name in dict.fromkeys(to.values())
                ]
                yield Row(row.line, [*cells, *more])

    names = [name for _, _, to in taken for name in dict.fromkeys(to.values())]
    return replace(table, header=[*table.header, *names], records=records)


def _spread(known: Preset, table: Table) -> Table:
    header = [name.casefold() for name in table.header]
    taken = [
        (header.index(spread.of.casefold()), name)
        for spread in known.spreads
        if spread.of.casefold() in header
        for name in spread.to
    ]
    if not taken:
        return table
    wide = len(table.header)

    def records() -> Generator[Row, None, None]:
        with closing(table.rows()) as rows:
            for row in rows:
                cells = [*row.cells, *[""] * (wide - len(row.cells))]
                yield Row(row.line, [*cells, *(cells[of] for of, _ in taken)])

    return replace(table, header=[*table.header, *(name for _, name in taken)], records=records)


def _columns(unfolding: Unfolding, header: Sequence[str]) -> Mapping[int, tuple[str, ...]]:
    found = {}
    for index, name in enumerate(header):
        if match := re.fullmatch(unfolding.pattern, name.strip()):
            found[index] = tuple(match[group] or "" for group in unfolding.names)
    return found
