"""Quotes as PDF (ISO 32000-1): the same quote is the same bytes.

Noto Sans brings Latin, Greek and Cyrillic letters. What it has not, or what needs letters to be
joined or put from right to left, is refused rather than printed as boxes.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from html import escape
from importlib.resources import files
from importlib.util import find_spec
from typing import Any, Final

from pydantic_core import from_json

from cerebro_server.components.sales.errors import TextNotPrintable
from cerebro_server.components.sales.records.quotes import quotes
from cerebro_server.components.sales.service import quote_links
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.errors import Forbidden, Unavailable
from cerebro_server.kernel.records import reader
from cerebro_server.kernel.turns import turn

EXTRA: Final = "pdf"
"""The extra of cerebro-platform that brings what this needs."""
_FONT: Final = "NotoSans"
_AT_ONCE: Final = 2
"""How many are written at a time in one process: each takes a core."""
_INDIC: Final = ((0x0900, 0x0DFF), (0x1CD0, 0x1CFF), (0xA8E0, 0xA8FF))
"""Scripts that the font has, and whose letters would have to be joined."""
_HEAD: Final = ("", "", "Quantity", "Unit price", "Discount", "Net", "Tax")
_WIDTHS: Final = (22, 178, 62, 66, 58, 66, 48)
_LEFT: Final = 48


async def pdf(context: Context, reference: str) -> tuple[bytes, str]:
    """Return a quote as PDF, and what the file is called.

    Raises `NotFound`, `Forbidden` where fields of quotes are hidden from the caller,
    `TextNotPrintable`, and `Unavailable` where the extra is not installed or too many are written.
    """
    found = await reader.get(context, quotes, reference, deleted_too=False)
    shown = context.seen(quotes)
    if shown.hidden or shown.masked:
        raise Forbidden("Fields of quotes are hidden from you, and a PDF has them all.")
    if find_spec("reportlab") is None or find_spec("fontpkg_noto_sans") is None:
        raise Unavailable(
            "This server cannot write PDF: install cerebro-platform with its extra "
            f"`{EXTRA}` there."
        )
    [(text,)] = await context.read(quote_links.shown(found.id))
    quote = from_json(text)
    name = f"quote-{quote['number']}.pdf"
    async with turn(context.database, "PDF files", most=_AT_ONCE):
        return await asyncio.to_thread(render, quote), name


def render(quote: Mapping[str, Any]) -> bytes:
    """Return the PDF of what a quote shows of itself. Raises `TextNotPrintable`."""
    from reportlab.lib.pagesizes import A4  # here: an extra, and 90 ms
    from reportlab.platypus import SimpleDocTemplate

    _check(quote)
    sink = io.BytesIO()
    document = SimpleDocTemplate(
        sink,
        pagesize=A4,
        leftMargin=_LEFT,
        rightMargin=_LEFT,
        topMargin=_LEFT,
        bottomMargin=_LEFT,
        title=f"Quote {quote['number']}",
        author="",
        invariant=1,  # no time and no random id
    )
    document.build(list(_story(quote)), onFirstPage=_foot(quote), onLaterPages=_foot(quote))
    return sink.getvalue()


def _check(quote: Mapping[str, Any]) -> None:
    """Refuse letters that the font has not, or that it has and reportlab does not join."""
    glyphs = _glyphs()
    for place, text in _texts(quote):
        for letter in text:
            code = ord(letter)
            is_joined = any(first <= code <= last for first, last in _INDIC)
            if letter not in "\n\t" and (code not in glyphs or is_joined):
                said = (
                    f"{place} has {letter!r} (U+{code:04X}): a PDF has Latin, Greek and Cyrillic "
                    "letters only."
                )
                raise TextNotPrintable(
                    said, errors=[{"pointer": f"/{place}", "code": "letter", "detail": said}]
                )


def _texts(quote: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("company", "contact", "terms", "notes", "currency"):
        yield name, quote[name] or ""
    for number, line in enumerate(quote["lines"], 1):
        yield f"lines/{number}/description", line["description"]
        yield f"lines/{number}/unit", line["unit"] or ""


@cache
def _glyphs() -> frozenset[int]:
    """Load the font, once; return the letters that it has."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    place = files("fontpkg_noto_sans") / "files" / "NotoSans[wdth,wght].ttf"
    font = TTFont(_FONT, io.BytesIO(place.read_bytes()))
    pdfmetrics.registerFont(font)
    return frozenset(font.face.charToGlyph)


def _story(quote: Mapping[str, Any]) -> Iterator[Any]:
    from reportlab.platypus import Spacer

    revised = f", revision {quote['revision']}" if quote["revision"] > 1 else ""
    yield _text(f"Quote {quote['number']}{revised}", size=20)
    yield Spacer(1, 14)
    for name in ("company", "contact"):
        if quote[name]:
            yield _text(quote[name], size=11)
    dated = (("Sent", quote["sent_at"]), ("Valid until", quote["valid_until"]))
    for label, at in dated:
        if at:
            yield _text(f"{label}: {at[:10]}")
    if quote["status"] != "sent":
        yield _text(f"Status: {quote['status']}")
    yield Spacer(1, 16)
    yield _lines(quote["lines"])
    yield Spacer(1, 10)
    yield _sums(quote)
    for name in ("terms", "notes"):
        if quote[name]:
            yield Spacer(1, 16)
            yield _text(name.capitalize(), size=11)
            yield _text(quote[name])


def _text(text: str, *, size: float = 9.0, right: bool = False) -> Any:
    from reportlab.lib.enums import TA_LEFT, TA_RIGHT
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    style = ParagraphStyle(
        f"s{size}{right}",
        fontName=_FONT,
        fontSize=size,
        leading=size * 1.35,
        alignment=TA_RIGHT if right else TA_LEFT,
        splitLongWords=1,
    )
    return Paragraph(escape(text, quote=False).replace("\n", "<br/>"), style)


def _lines(lines: Sequence[Mapping[str, Any]]) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import Table

    rows = [[_text(word, right=place > 1) for place, word in enumerate(_HEAD)]]
    for number, line in enumerate(lines, 1):
        unit = f" {line['unit']}" if line["unit"] else ""
        off = _money(line["discount"]) if Decimal(line["discount"]) else ""
        tax = f"{_plain(line['tax_rate'])} %" if line["tax_rate"] is not None else ""
        numbers = (
            f"{_plain(line['quantity'])}{unit}",
            _money(line["unit_price"]),
            off,
            _money(line["net"]),
            tax,
        )
        texts = [_text(str(number)), _text(line["description"])]
        rows.append([*texts, *(_text(each, right=True) for each in numbers)])
    grey = HexColor("#999999")
    style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, grey),
        ("LINEBELOW", (0, 1), (-1, -1), 0.3, grey),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
    ]
    return Table(rows, colWidths=_WIDTHS, repeatRows=1, style=style, splitInRow=1)


def _sums(quote: Mapping[str, Any]) -> Any:
    from reportlab.platypus import Table

    listed = [("Subtotal", quote["subtotal"])]
    whole = Decimal(quote["whole_discount"])
    of_lines = Decimal(quote["discount"]) - whole
    if of_lines:
        listed.append(("Discount on lines" if whole else "Discount", f"-{of_lines}"))
    if whole:
        percent = quote["discount_percent"]
        rate = f" {_plain(percent)} %" if percent is not None else ""
        listed.append((f"Discount{rate}", f"-{whole}"))
    listed.append(("Tax", quote["tax"]))
    if quote["shipping"] is not None:
        listed.append(("Shipping", quote["shipping"]))
    rows = [[_text(name, right=True), _text(_money(value), right=True)] for name, value in listed]
    total = f"{_money(quote['total'])} {quote['currency']}"
    rows.append([_text("Total", size=12, right=True), _text(total, size=12, right=True)])
    return Table(rows, colWidths=(90, 130), hAlign="RIGHT")


def _foot(quote: Mapping[str, Any]) -> Any:
    def draw(canvas: Any, document: Any) -> None:
        canvas.setFont(_FONT, 8)
        canvas.drawString(_LEFT, 28, f"Quote {quote['number']} · page {document.page}")

    return draw


def _money(value: str) -> str:
    """Write a sum with at least two decimals, and no more than it has."""
    exact = Decimal(value)
    cents = exact.quantize(Decimal("0.01"))
    return f"{cents:,}" if cents == exact else f"{exact.normalize():,f}"


def _plain(value: str) -> str:
    return f"{Decimal(value).normalize():f}"
