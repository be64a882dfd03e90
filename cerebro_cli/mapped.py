"""What the columns of a file are taken for: as an import reports it, or as it is suggested."""

from __future__ import annotations

from typing import Any

from cerebro_cli import exits, output
from cerebro_cli.context import Run

_SAMPLE = 10
_WIDEST = 40
_FOUND = {
    "bom": "said by its byte-order mark",
    "utf-8": "every byte of it reads so",
    "option": "as you said",
    "pattern": "told by where its zero bytes stand",
    "guess": "a guess, since it is not UTF-8; --encoding names another",
}


def suggest(run: Run, file: str, source: Any, asked: dict[str, Any], *, json: bool) -> int:
    """Show what an import would take the columns for, with their first values."""
    upload = run.crm.uploads.raw.put(source)
    found = run.crm.uploads.raw.mapping(upload["id"], run.facts.name, **asked)
    if json:
        output.write_json(found)
        return exits.OK
    lines = [
        f"{file}: {_reading(found)}{_preset(found, asked.get('preset'))}",
        *_table(found["columns"], with_samples=True),
        *_doubts(found["columns"]),
    ]
    empty = [c["column"] for c in found["columns"] if not (c["field"] or c["candidates"])]
    lines += [f"  not imported: {', '.join(empty)}"] if empty else []
    for line in lines:
        output.write(f"{output.readable(line)}\n")
    if asked.get("save_mapping"):
        output.note(f"Saved: cerebro mappings show {run.facts.name} {asked['save_mapping']}")
    output.note("Nothing was planned.")
    return exits.OK


def lines(found: dict[str, Any], file: str) -> list[str]:
    """Say how the file of an import was read, and what goes where."""
    report = found["report"]
    if "mapping" not in report:
        return []
    said = [f"{file}: {_reading(report)}{_preset(report, found['input'].get('preset'))}"]
    columns = report.get("columns") or [
        {"column": column, "field": field} for column, field in report["mapping"].items()
    ]
    said += [*_table(columns), *_doubts(columns)]
    if report["ignored"]:
        said.append(f"  not imported: {', '.join(report['ignored'])}")
    links = (report.get("links") or {}).items()
    said += [f"  links by {name}: {link(each)}" for name, each in links]
    offered = report.get("unknown") or []
    if offered:
        said.append("  each of these could be a field of its own:")
        said += [f"    {each['command']}" for each in offered[:_SAMPLE]]
    return said


def link(found: dict[str, Any]) -> str:
    """Say how many references led somewhere, and which did not."""
    if not found["missing"]:
        return f"{found['made']:,} made"
    first = ", ".join(found["first_missing"])
    more = " …" if found["missing"] > len(found["first_missing"]) else ""
    circles = f", {found['circles']:,} of them circles" if found["circles"] else ""
    return f"{found['made']:,} made, {found['missing']:,} missing{circles}: {first}{more}"


def _table(columns: list[dict[str, Any]], *, with_samples: bool = False) -> list[str]:
    """Return a line for each column that becomes a field: how surely, and why."""
    taken = [each for each in columns if each.get("field")]
    wide = min(_WIDEST, max((len(each["column"]) for each in taken), default=0))
    fields = min(_WIDEST, max((len(each["field"]) for each in taken), default=0))
    found = []
    for each in taken:
        line = f"  {each['column'].ljust(wide)} → {each['field'].ljust(fields)}"
        if each.get("score") is not None:
            line += f"  {each['score']:4.0%}  {each['reason']}"
        if with_samples and each.get("samples"):
            line += f": {' | '.join(each['samples'])}"
        found.append(line.rstrip())
    return found


def _doubts(columns: list[dict[str, Any]]) -> list[str]:
    """Return what is left out though it may be a field, with the option that takes it."""
    rest = [each for each in columns if not each.get("field") and each.get("candidates")]
    if not rest:
        return []
    found = ["  left out, since it is not certain:"]
    for each in rest:
        likeliest = each["candidates"][0]
        why = f"{likeliest['field']}? {likeliest['reason']}"
        score = f" {likeliest['score']:.0%}" if likeliest["score"] else ""
        option = f"; to take it: {each['option']}" if each.get("option") else ""
        found.append(f"    {each['column']}: {why}{score}{option}")
    return found


def _preset(report: dict[str, Any], said: str | None) -> str:
    preset = report.get("preset")
    if not preset or said or report.get("format") == preset:
        return ""
    return f"; its columns are those of {preset} (if not: --preset none)"


def _reading(report: dict[str, Any]) -> str:
    if report.get("sheet"):
        return f"sheet {report['sheet']} of a workbook"
    how = _FOUND.get(report["encoding_source"], report["encoding_source"])
    if (form := report.get("format")) in ("jsonl", "vcard"):
        return f"{'JSON' if form == 'jsonl' else 'vCards'}, read as {report['encoding']} ({how})"
    delimiter = {"\t": "tabs"}.get(report["delimiter"], report["delimiter"])
    return f"read as {report['encoding']} ({how}), columns separated by {delimiter}"
