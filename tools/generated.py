"""Write a generated file, or with `--check` say whether the one in the checkout is in step."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def deliver(files: dict[str, str], *, command: str) -> int:
    """Write files (path from the root: text), or with `--check` in argv only compare them.

    Returns the exit code: 1 when a check finds something out of step.
    """
    stale = []
    for name, text in files.items():
        path = ROOT / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv[1:]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {name}")
    if "--check" in sys.argv[1:] and stale:
        print(f"out of step: {', '.join(stale)}; run `{command}`", file=sys.stderr)
        return 1
    return 0


def table(*, head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table; bars inside cells are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in line) + " |"
        for line in lines
    )
