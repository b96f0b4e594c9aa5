"""Limits for connections that uvicorn lacks: how long a sender may take for a request, and how many connections one
address may have. A proxy in front (deploy/nginx.conf) does this better; without one it is all there is."""

import asyncio
from collections import Counter
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol


class BoundedProtocol(H11Protocol):
    """Uvicorn's HTTP/1.1 protocol, which also closes connections that send too slowly and refuses too many from one
    address."""

    header_seconds: ClassVar[float] = 20.0
    """From the connection, or the first byte of a further request, to the end of its header."""
    body_seconds: ClassVar[float] = 30.0
    """Between two pieces of a body."""
    most_of_an_address: ClassVar[int] = 256
    open: ClassVar[Counter[str]] = Counter()

    _waits_for = ""
    _patience: asyncio.TimerHandle | None = None
    _counted = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept the connection unless its address has enough already. Connections from a trusted proxy come from
        everybody and are not counted."""
        super().connection_made(transport)
        host = self.client[0] if self.client else ""
        trusted = self.config.forwarded_allow_ips or ""
        if host and not _is_trusted(host, trusted if isinstance(trusted, str) else ",".join(trusted)):
            self._counted = _network(host)
            self.open[self._counted] += 1
            if self.open[self._counted] > self.most_of_an_address:
                transport.abort()
                return
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop counting the connection and its time."""
        super().connection_lost(exc)
        self._wait("", 0)
        if self._counted:
            self.open[self._counted] -= 1
            if not self.open[self._counted]:
                del self.open[self._counted]

    def data_received(self, data: bytes) -> None:
        """Take a part of a request, and check how long it has taken so far."""
        super().data_received(data)
        if self._waits_for == "body":
            self._wait("", 0)
        self._watch()

    def _watch(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            waits_for, seconds = "header", self.header_seconds
        elif self.cycle.more_body:
            waits_for, seconds = "body", self.body_seconds
        else:
            waits_for, seconds = "", 0.0
        if waits_for != self._waits_for:
            self._wait(waits_for, seconds)

    def _wait(self, waits_for: str, seconds: float) -> None:
        if self._patience is not None:
            self._patience.cancel()
        self._waits_for = waits_for
        self._patience = self.loop.call_later(seconds, self._give_up) if waits_for else None

    def _give_up(self) -> None:
        if self._waits_for == "body" and self.flow.read_paused:  # it is we who read no further
            self._wait("body", self.body_seconds)
        elif self._waits_for:
            self.transport.abort()


@lru_cache(maxsize=4_096)
def _is_trusted(host: str, trusted: str) -> bool:
    """Whether an address is one of those, or in one of the networks, that `--trust-proxy` names."""
    for part in map(str.strip, trusted.split(",")):
        try:
            if part in ("*", host) or ip_address(host) in ip_network(part, strict=False):
                return True
        except ValueError:  # a name
            continue
    return False


def _network(host: str) -> str:
    """The unit in which connections are counted: an IPv4 address, or the /64 network of an IPv6 address, of which
    one customer usually has all."""
    try:
        return str(ip_network(f"{host}/64", strict=False)) if ":" in host else host
    except ValueError:
        return host
