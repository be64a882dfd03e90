"""Load: so many connections for so long, in a process of its own, parsing only what it must.

`python -m benchmarks.load` reads a job as JSON from stdin and writes what came of it to stdout.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

WARM_UP_SECONDS = 0.5


@dataclass(frozen=True)
class Job:
    """What to send. `{nnnnnnnn}` becomes a number of ten digits that no other request has."""

    port: int
    paths: list[str]
    connections: int
    seconds: float
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    expect: int = 200
    first: int = 0


@dataclass(frozen=True)
class Outcome:
    """What came back; latencies in milliseconds."""

    per_second: float
    p50: float
    p95: float
    requests: int
    failures: int
    failure: str


class Client(asyncio.Protocol):
    """One connection that always has one request under way."""

    def __init__(self, job: Job, numbers: Any, until: float) -> None:
        self._job = job
        self._numbers = numbers
        self._until = until
        self._buffer = b""
        self._sent_at = 0.0
        self.done = asyncio.get_running_loop().create_future()
        self.finished: list[tuple[float, float]] = []
        self.failures: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport: Any = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """Take a reply as soon as it is whole, and send the next request."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        start = head.find(b"content-length:")
        length = int(head[start + 15 :].partition(b"\r\n")[0]) if start >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return
        now = time.perf_counter()
        if int(self._buffer[9:12]) != self._job.expect:
            self.failures.append(self._buffer[:600])
        self.finished.append((now, now - self._sent_at))
        self._buffer = b""
        if now < self._until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Say that it is over; a connection that ends too early counts as a failure."""
        if time.perf_counter() < self._until:
            self.failures.append(b"the connection was closed")
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        number = next(self._numbers)
        job = self._job
        path = job.paths[number % len(job.paths)]
        lines = [f"{job.method} {path} HTTP/1.1", "host: bench", f"content-length: {len(job.body)}"]
        lines += [f"{name}: {value}" for name, value in job.headers.items()]
        text = "\r\n".join(lines) + "\r\n\r\n" + job.body
        self._sent_at = time.perf_counter()
        # as long as what it replaces, so that content-length stays right
        self._transport.write(text.replace("{nnnnnnnn}", f"{number:010d}").encode())


async def run(job: Job) -> Outcome:
    """Run a job and count what finished after the warm-up."""
    start = time.perf_counter()
    until = start + WARM_UP_SECONDS + job.seconds
    numbers = iter(range(job.first, sys.maxsize))
    loop = asyncio.get_running_loop()
    clients = [
        (await loop.create_connection(lambda: Client(job, numbers, until), "127.0.0.1", job.port))[
            1
        ]
        for _ in range(job.connections)
    ]
    await asyncio.wait_for(asyncio.gather(*(client.done for client in clients)), job.seconds + 30)
    counted = [
        took
        for client in clients
        for at, took in client.finished
        if start + WARM_UP_SECONDS <= at < until
    ]
    counted.sort()
    failures = [failure for client in clients for failure in client.failures]
    return Outcome(
        per_second=len(counted) / job.seconds,
        p50=1000 * counted[len(counted) // 2] if counted else float("nan"),
        p95=1000 * counted[int(len(counted) * 0.95)] if counted else float("nan"),
        requests=sum(len(client.finished) for client in clients),
        failures=len(failures),
        failure=failures[0].decode(errors="replace") if failures else "",
    )


def send(job: Job) -> Outcome:
    """Run a job in a process of its own; raise if any request failed."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(asdict(job)),
        capture_output=True,
        text=True,
        check=True,
    )
    outcome = Outcome(**json.loads(done.stdout))
    if outcome.failures:
        raise RuntimeError(f"{outcome.failures} requests failed, the first: {outcome.failure}")
    return outcome


def main() -> None:
    """Read a job, run it, print the outcome."""
    import uvloop

    outcome = uvloop.run(run(Job(**json.load(sys.stdin))))
    print(json.dumps(asdict(outcome)))


if __name__ == "__main__":
    main()
