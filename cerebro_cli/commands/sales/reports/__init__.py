"""`cerebro reports`, `cerebro forecast`: what is counted of deals."""

from cerebro_cli.commands.sales.reports import ends, paths, quotas, sums
from cerebro_cli.commands.sales.reports.written import alone, app

__all__ = ["alone", "app", "ends", "paths", "quotas", "sums"]
