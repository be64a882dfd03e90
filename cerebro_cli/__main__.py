"""`python -m cerebro_cli`: the same as `cerebro`."""

import sys

from cerebro_cli.main import main

sys.exit(main())
