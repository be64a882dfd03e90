"""Reads the code blocks that a page marks with `<!-- tour -->`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_STEP = re.compile(
    r"^<!-- tour(?:, prints: (?P<prints>.+?))?(?:, exits: (?P<exits>\d+))? -->\n"
    r"```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Step:
    """One block: `<!-- tour -->`, `<!-- tour, prints: … -->` or `<!-- tour, exits: 5 -->`."""

    language: str
    text: str
    prints: str
    exits: int


def steps(page: Path) -> list[Step]:
    """Return the marked blocks of a page in order."""
    return [
        Step(
            language=found["language"],
            text=found["text"],
            prints=found["prints"] or "",
            exits=int(found["exits"] or 0),
        )
        for found in _STEP.finditer(page.read_text(encoding="utf-8"))
    ]


def pages() -> list[Path]:
    """Return every page that has marked blocks."""
    return [
        path for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]) if steps(path)
    ]
