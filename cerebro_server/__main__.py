"""`python -m cerebro_server COMMAND`: how `cerebro up` starts the API."""

from __future__ import annotations

import sys

from cerebro_server.commands.main import main

if __name__ == "__main__":
    sys.exit(main())
