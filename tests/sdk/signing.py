"""A server that issues and rotates tokens: each refresh token is good once, without any grace."""

from __future__ import annotations

import threading
import time
from typing import Any

from cerebro_sdk import Profile, profiles
from tests.sdk.fake import Answer, Fake, Seen, ok, problem
from tests.sdk.records import company

REFUSED = problem(401, "not_authenticated", "The access token is not valid.")
ENDED = problem(401, "session_ended", "The refresh token is too old.")


class Issuer:
    """Answers renewals by the rules, and everything else with a company to whoever is signed in."""

    def __init__(self, fake: Fake) -> None:
        self.number = 0
        self.renewals = 0
        self.wait = 0.0
        """Seconds that a renewal takes."""
        self._lock = threading.Lock()
        fake.says(self.answer)

    @property
    def access(self) -> str:
        return f"eyJ.access{self.number}.sig"

    @property
    def refresh(self) -> str:
        return f"cbr_rt_main_5e55_{self.number}_s3cr3t{self.number}"

    def tokens(self, *, expires_in: int = 600) -> dict[str, Any]:
        return {
            "access_token": self.access,
            "token_type": "Bearer",
            "expires_in": expires_in,
            "refresh_token": self.refresh,
            "refresh_expires_in": 2_592_000,
            "workspace": "main",
        }

    def profile(self, url: str, *, expires_in: float = 600) -> Profile:
        return Profile(
            url,
            workspace="main",
            access_token=self.access,
            refresh_token=self.refresh,
            expires_at=time.time() + expires_in,
        )

    def save(self, url: str, name: str = "crm", *, expires_in: float = 600) -> None:
        profiles.save(name, self.profile(url, expires_in=expires_in))

    def rotate(self) -> None:
        self.number += 1

    def answer(self, seen: Seen) -> Answer:
        if seen.path == "/v1/auth/refresh":
            return self._renew(seen)
        if seen.headers.get("authorization") != f"Bearer {self.access}":
            return REFUSED
        return ok(company())

    def _renew(self, seen: Seen) -> Answer:
        assert "authorization" not in seen.headers
        with self._lock:
            if seen.json != {"refresh_token": self.refresh}:
                return ENDED
            self.rotate()
            self.renewals += 1
            return ok(self.tokens())._replace(wait=self.wait)
