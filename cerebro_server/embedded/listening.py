"""The address that the API listens on: taken before anything starts, or its holder named."""

from __future__ import annotations

import errno
import socket
import time

import psutil

from cerebro_server.embedded.errors import EmbeddedError


def bind(host: str, port: int, *, patience_seconds: float = 0.0) -> socket.socket:
    """Return a listening socket. The API inherits it, so callers wait while the API restarts.

    `patience_seconds` is for the API of a killed run, which answers its last requests first.
    """
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            return _bind(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise EmbeddedError(_refusal(error, host, port)) from None
        time.sleep(0.1)


def holder(port: int) -> str:
    """Name who listens on a port, as far as the system lets us see."""
    try:
        found = [
            connection.pid
            for connection in psutil.net_connections(kind="tcp")
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        ]
        pid = next((pid for pid in found if pid is not None), None)
        if pid is not None:
            process = psutil.Process(pid)
            command = " ".join(" ".join(process.cmdline()).split()) or process.name()
            return f"process {pid} ({command[:100]})"
    except (psutil.Error, OSError):
        pass
    return "a process of another user"


def is_free(host: str, port: int) -> bool:
    """Say whether a server could listen here."""
    try:
        _bind(host, port).close()
    except OSError:
        return False
    return True


def url(host: str, port: int) -> str:
    """Return the address for a client on this machine."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except UnicodeError:
        raise OSError(errno.EADDRNOTAVAIL, "not a host name") from None
    listener = socket.socket(family, kind, protocol)
    try:
        # Connections of an earlier run that are still being forgotten do not count.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Now, not when the API is up: two sockets that only bound may share a port.
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def _refusal(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else 8081
        return (
            f"Port {port} is taken by {holder(port)}.\n"
            f"Choose another: `make run PORT={other}`, or `cerebro up --port {other}`."
        )
    if error.errno == errno.EACCES:
        return f"Port {port} needs rights that you do not have; take one above 1023."
    return f"Cannot listen on {host}, port {port}: {error.strerror or error}."
