"""Settings: one table, read from the environment, each with the sentence that documents it."""

from __future__ import annotations

import hashlib
from functools import cache, cached_property
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting of the server. In the environment: `CEREBRO_` and the name in capitals."""

    model_config = SettingsConfigDict(env_prefix="CEREBRO_", extra="ignore", frozen=True)

    database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL as the owner of the schemas, `postgresql://user:password@host/db`; "
        "needed by `cerebro db`. Empty: `cerebro up` starts an embedded one.",
    )
    database_app_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL as the application login. Empty: derived from "
        "`CEREBRO_DATABASE_URL` and `CEREBRO_SECRET_KEY`.",
    )
    redis_url: SecretStr | None = Field(
        default=None,
        description="Redis, `redis://host:6379/0` or `unix:///path`. Empty: `cerebro up` starts an "
        "embedded one; `cerebro serve` runs without.",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="At least 32 characters, the same on every server; signs cursors and derives "
        "the application login's password. `cerebro up` makes one and keeps it in its data "
        "directory.",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port to listen on.")
    uds: str | None = Field(
        default=None, description="Path of a Unix socket to listen on instead of host and port."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least serious log line that is written."
    )
    log_format: Literal["json", "console"] = Field(
        default="json", description="`json`: one object a line; `console`: for people."
    )
    pool_size: int = Field(
        default=8, ge=1, le=200, description="Most database connections of one API process."
    )
    statement_timeout_seconds: int = Field(
        default=15, ge=1, le=3600, description="Longest that one database statement may take."
    )
    max_body_bytes: int = Field(
        default=1_048_576, ge=1024, description="Largest body of an ordinary request."
    )
    max_import_bytes: int = Field(
        default=104_857_600, ge=1024, description="Largest file that an import takes."
    )
    cursor_max_age_seconds: int = Field(
        default=604_800, ge=60, description="How long a page cursor stays good."
    )
    key_cache_seconds: float = Field(
        default=1.0, ge=0, le=1.0, description="How long a checked API key is remembered."
    )

    @cached_property
    def signing_key(self) -> bytes:
        """The key that cursors are signed with, derived from the secret."""
        secret = self.secret_key.get_secret_value() if self.secret_key else ""
        return hashlib.sha256(b"cerebro signing\0" + secret.encode()).digest()

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and (
            len(value.get_secret_value()) < 32 or len(set(value.get_secret_value())) < 10
        ):
            raise ValueError(
                "CEREBRO_SECRET_KEY is too weak: use at least 32 random characters, such as the "
                "output of `openssl rand -hex 32`."
            )
        return value


@cache
def settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()
