"""Alembic migrations: `control` for the public schema, `workspace` for each workspace's."""
