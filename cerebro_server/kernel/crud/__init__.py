"""The routes that every record type gets."""

from cerebro_server.kernel.crud.routes import routes

__all__ = ["routes"]
