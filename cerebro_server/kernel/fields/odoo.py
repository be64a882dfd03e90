"""What records are known by in Odoo's exports, whatever they are.

An export has external ids, or the numbers of its database (`.id`, called `ID`). Messages, meetings
and what is to be done name a record by its number, so that it is kept beside the external id
wherever a file says it: Odoo makes it a part of the ids that it gives by itself.
"""

from __future__ import annotations

from typing import Final

from cerebro_server.kernel.fields import cells
from cerebro_server.kernel.fields.preset import Spread

_NUMBERS: Final = {name: f"number in {name}" for name in (".id", "id", "External ID")}
IDS: Final = {
    "External ID": "external_ids.odoo",
    "id": "external_ids.odoo",
    ".id": "external_ids.odoo",
    **dict.fromkeys(_NUMBERS.values(), "external_ids.odoo_id"),
}
"""What a record's columns of ids are."""
NUMBERS: Final = tuple(Spread(of=name, to=(to,)) for name, to in _NUMBERS.items())
"""Those in which its number may be."""
NUMBERED: Final = dict.fromkeys(_NUMBERS.values(), cells.number_in)
"""How it is read there."""
