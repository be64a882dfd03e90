"""Settings: one table, read from the environment, each with the sentence that documents it."""

from __future__ import annotations

import hashlib
import re
from functools import cache, cached_property
from itertools import pairwise
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from cerebro_sdk.schemas.currencies import CURRENCIES


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
    secret_key_previous: SecretStr | None = Field(
        default=None,
        description="The secret key before this one: what it signed for people stays good until it "
        "ends by itself. Leave it out again after `CEREBRO_SESSION_DAYS`.",
    )
    public_url: str = Field(
        default="http://127.0.0.1:8080",
        description="Where people reach this server, for the links in messages and the issuer of "
        "tokens; what a request says about it is never used. `cerebro up` takes the address "
        "that it listens on, unless this is set.",
    )
    access_token_seconds: int = Field(
        default=600, ge=60, le=3600, description="How long an access token of a person is good."
    )
    session_days: int = Field(
        default=30, ge=1, le=365, description="How long a person stays signed in without using it."
    )
    default_region: str | None = Field(
        default=None,
        pattern="^[A-Z]{2}$",
        description="The country, such as DE, of phone numbers that are written without one. "
        "Empty: numbers need + and the country.",
    )
    base_currency: str = Field(
        default="EUR",
        pattern="^[A-Z]{3}$",
        description="The currency, by its three letters, of deals that name none, and into "
        "which all are converted. Exchange rates are of it: it changes only while there are "
        "neither rates nor closed deals.",
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
        default=1_073_741_824, ge=1024, description="Largest file that an import takes."
    )
    max_file_bytes: int = Field(
        default=104_857_600, ge=1024, description="Largest file that is attached to records."
    )
    keep_bytes_days: int = Field(
        default=30,
        ge=1,
        le=3650,
        description="How many days the bytes of files are kept after the last file that has them "
        "was destroyed.",
    )
    export_days: int = Field(
        default=7,
        ge=1,
        le=365,
        description="How long the files of exports that were made in the background are kept.",
    )
    rate_limit_per_minute: int = Field(
        default=30_000,
        ge=0,
        description="Requests a minute of one user or key, and of one address that is not signed "
        "in; 0: no limit.",
    )
    form_entries_per_minute: int = Field(
        default=20,
        ge=0,
        description="Entries a minute that a web form takes from one address; 0: no limit.",
    )
    slow_client_seconds: int = Field(
        default=30,
        ge=1,
        description="How long a request may arrive at less than 1 kB a second before its "
        "connection is closed.",
    )
    max_followers: int = Field(
        default=200,
        ge=1,
        description="How many may wait for changes at one API process at a time, in long polls and "
        "streams together; none of them holds a database connection.",
    )
    public_docs: bool = Field(
        default=True,
        description="Whether everybody may read `/docs` and `/openapi.json`; they name the "
        "version.",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        description="What `/metrics` asks for as `Authorization: Bearer …`. Empty: everybody may "
        "read the measures.",
    )
    worker_concurrency: int = Field(
        default=16, ge=1, le=500, description="How many jobs one worker runs at a time."
    )
    job_lease_seconds: float = Field(
        default=30.0,
        ge=1,
        le=3600,
        description="How long a worker may be silent before others take over its jobs; the same on "
        "every worker.",
    )
    keep_plans_days: int = Field(
        default=30,
        ge=1,
        le=3650,
        description="How many days after its end an operation's plan can be looked at row by row. "
        "Its counts and errors stay, and so does its undo.",
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

    @field_validator("secret_key", "secret_key_previous")
    @classmethod
    def _hard_to_guess(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and _is_guessable(value.get_secret_value()):
            raise ValueError(
                "This secret is too weak: use at least 32 random characters of your own, such as "
                "the output of `openssl rand -hex 32`."
            )
        return value

    @field_validator("base_currency")
    @classmethod
    def _a_currency(cls, value: str) -> str:
        if value not in CURRENCIES:
            raise ValueError("Write a currency by ISO 4217, such as EUR.")
        return value

    @field_validator("public_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise ValueError("Write the whole address, such as https://crm.example.com.")
        return value.rstrip("/")


_WELL_KNOWN = re.compile(
    r"openssl|rand -hex|\$[({]|(change|replace)[ _-]?(me|this)|place[ _-]?holder|example"
    r"|(your|my|super)[ _-]?secret|secret[ _-]?key|password|random[ _-]?string|cerebro",
    re.IGNORECASE,
)
"""Of what secrets in instructions are made, ours and others'."""


def _is_guessable(secret: str) -> bool:
    """Tell whether a secret is short, repeats itself, counts, or stands in instructions."""
    length = len(secret)
    repeats = any(
        secret == (secret[:period] * length)[:length] for period in range(1, length // 2 + 1)
    )
    jumps = sum(abs(ord(a) - ord(b)) > 1 for a, b in pairwise(secret))
    few = length < 32 or len(set(secret)) < 7 or jumps < 8
    return few or repeats or _WELL_KNOWN.search(secret) is not None


@cache
def settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()
