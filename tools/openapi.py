"""Write docs/openapi.json from the app, without a database: `python -m tools.openapi [--check]`."""

from __future__ import annotations

import json
import os
import sys

from tools.generated import deliver

# The document must not depend on the shell that writes it; the app only needs something to parse.
NOWHERE = {
    "CEREBRO_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "CEREBRO_SECRET_KEY": "Nd7kQ2xWv9Lr4TzB8mHs3JcY6pFg1AeU",
}


def document() -> str:
    """Return the OpenAPI document as JSON, keys sorted, two spaces a level."""
    for name in [each for each in os.environ if each.startswith("CEREBRO_")]:
        del os.environ[name]
    os.environ.update(NOWHERE)
    from cerebro_server.app import create_app  # after the environment is set

    return json.dumps(create_app().openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> int:
    """Write or check docs/openapi.json."""
    return deliver({"docs/openapi.json": document()}, command="python -m tools.openapi")


if __name__ == "__main__":
    sys.exit(main())
