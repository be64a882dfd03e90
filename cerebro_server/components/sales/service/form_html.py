"""A lead form as HTML that somebody pastes into a page: no script, and nothing that is fetched."""

from __future__ import annotations

from html import escape
from typing import Final
from urllib.parse import quote

from pydantic_core import from_json

from cerebro_sdk.schemas.sales.lead_forms import LeadFormEntry, LeadFormSnippet
from cerebro_server.components.sales.records.leads import lead_forms
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.records import reader

PATH: Final = "/v1/forms"
_SHOWN: Final = {
    "first_name": "given-name",
    "last_name": "family-name",
    "email": "email",
    "company_name": "organization",
}
"""What people fill in, and by what name browsers know it."""
_TYPES: Final = {"email": "email"}
_CAMPAIGN: Final = ("utm_source", "utm_medium", "utm_campaign")
_OFF: Final = "position:absolute;left:-9999px"
LABELS: Final = {
    **{name: str(field.title or name) for name, field in LeadFormEntry.model_fields.items()},
}
"""What the fields of a form are called, by name."""


async def snippet(context: Context, reference: str) -> LeadFormSnippet:
    """Return the HTML of a form. Raises `NotFound`, `AmbiguousReference`."""
    found = await reader.get(context, lead_forms, reference, deleted_too=False)
    form = from_json(found.json)
    action = f"{context.settings.public_url}{PATH}/{quote(form.get('key') or 'KEY')}/leads"
    lines = [f'<form method="post" action="{escape(action)}" accept-charset="utf-8">']
    lines += [_label(name, complete) for name, complete in _SHOWN.items()]
    message = escape(LABELS["description"])
    lines.append(f'  <label>{message} <textarea name="description" rows="5"></textarea></label>')
    lines += [f'  <input type="hidden" name="{name}" value="">' for name in _CAMPAIGN]
    if trap := form.get("honeypot"):
        lines += [
            f'  <div style="{_OFF}" aria-hidden="true">',
            f'    <input name="{escape(trap)}" tabindex="-1" autocomplete="off">',
            "  </div>",
        ]
    lines += ["  <button>Send</button>", "</form>", ""]
    return LeadFormSnippet(action=action, html="\n".join(lines))


def _label(name: str, complete: str) -> str:
    kind = _TYPES.get(name, "text")
    required = " required" if name == "email" else ""
    return (
        f"  <label>{escape(LABELS[name])} "
        f'<input type="{kind}" name="{name}" autocomplete="{complete}"{required}></label>'
    )
