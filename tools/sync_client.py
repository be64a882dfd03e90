"""Write cerebro_sdk/_sync from cerebro_sdk/_async: `python -m tools.sync_client [--check]`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

SOURCE = Path("cerebro_sdk/_async")
TARGET = Path("cerebro_sdk/_sync")
FIRST_LINE = "# Generated from ../_async/{name} by tools/sync_client.py; do not edit.\n"

TOKENS = (
    (r"\basync (?=def |with |for )", ""),
    (r"\bawait ", ""),
    (r"\bAwaitable\[(\w+)\]", r"\1"),
    (r"\bAwaitable, ", ""),
    (r"\bAsyncGenerator, Iterator\b", "Generator, Iterator"),
    (r"\bAsyncGenerator\[(\w+), None\]", r"Generator[\1, None, None]"),
    (r"\baclose\b", "close"),
    (r"\bAsync(?=[A-Z])", ""),
    (r"^import asyncio\n", ""),
    (r"\basyncio\.sleep\b", "time.sleep"),
    (r"\b__a(enter|exit|iter|next)__", r"__\1__"),
    (r"\banext\b", "next"),
    (r"\b_async\b", "_sync"),
    (r"The asynchronous client: the one that is written; `_sync` is generated from it\.",
     "The synchronous client."),
)  # fmt: skip


def synced(text: str, name: str) -> str:
    """Return a module of the asynchronous client as its synchronous twin."""
    for pattern, replacement in TOKENS:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return FIRST_LINE.format(name=name) + text


def wanted(root: Path) -> dict[Path, str]:
    """Return what every generated file should hold."""
    return {
        root / TARGET / path.name: synced(path.read_text(encoding="utf-8"), path.name)
        for path in sorted((root / SOURCE).glob("*.py"))
    }


def stale(root: Path) -> list[Path]:
    """List the generated files that are out of step, missing ones and leftovers too."""
    files = wanted(root)
    found = set((root / TARGET).glob("*.py"))
    changed = [p for p, text in files.items() if p not in found or p.read_text("utf-8") != text]
    return changed + sorted(found - set(files))


def main(arguments: list[str]) -> int:
    """Write the files; with `--check`, only say which are out of step and end with 1."""
    root = Path(__file__).resolve().parent.parent
    changed = stale(root)
    if "--check" in arguments:
        for path in changed:
            print(f"{path.relative_to(root)} is out of step: run python -m tools.sync_client")
        return 1 if changed else 0
    files = wanted(root)
    (root / TARGET).mkdir(exist_ok=True)
    for path in changed:
        if path in files:
            path.write_text(files[path], encoding="utf-8")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
