"""Decides which addresses a webhook may reach. The attack: somebody makes a webhook that points into the server's own
network (a cloud's metadata service, a database's port), and lets this program call it.

A host's name is checked when it is called, not when it is stored, because what it resolves to may change. The
connection then goes to exactly the addresses that were checked.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from agent.core.errors import Advice, ConfigError, InputError

Address = IPv4Address | IPv6Address

_LONGEST = 2000
_ALLOW = "if that is meant, name it under allow in config/webhooks.yaml"
_NAT64 = ip_network("64:ff9b::/96")  # an IPv4 address inside of a global IPv6 one


class Allowed:
    """What `webhooks.yaml` allows besides public addresses: networks, addresses and host names."""

    def __init__(self, entries: tuple[str, ...]) -> None:
        networks, names = [], set()
        for entry in entries:
            try:
                networks.append(ip_network(entry, strict=False))
            except ValueError:
                if "/" in entry or not entry.strip():
                    raise ConfigError(f"webhooks.yaml: allow: {entry!r} is no network, address or host name") from None
                names.add(entry.strip().lower())
        self._networks, self._names = tuple(networks), frozenset(names)

    def host(self, name: str) -> bool:
        """Whether this host may be reached, whatever it resolves to."""
        return name.lower() in self._names

    def address(self, address: Address) -> bool:
        """Whether this address may be reached: it is public, or named."""
        return any(address in network for network in self._networks) or is_public(address)


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open internet, also for an IPv4 address wrapped in an IPv6 one."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


def check_url(url: str, allowed: Allowed) -> None:
    """Raises InputError, with one sentence, for an address that no webhook may have."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InputError(f"{url[:200]!r} is no web address: {error}") from error
    if parts.scheme not in ("http", "https") or not host or len(url) > _LONGEST or not url.isprintable() or " " in url:
        raise InputError("a webhook's address begins with https:// (or http://) and names a host")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise InputError(
            "a webhook's address holds no user name, password or fragment",
            advice=Advice(text="deliveries are signed instead"),
        )
    host = _host_as_used(url)
    if allowed.host(host):
        return
    literal = _literal(host)
    if host.lower() == "localhost" or host.lower().endswith(".localhost") or (literal and not allowed.address(literal)):
        raise InputError(f"{host} lies in a private network", advice=Advice(text=_ALLOW))


def refusal(host: str) -> str:
    """Why an address is not called, and what to do; for the list of deliveries."""
    return f"{host} lies in a private network; {_ALLOW}"


def _host_as_used(url: str) -> str:
    """The host as the HTTP client will use it: it turns digits and dots of any script into plain ones."""
    try:
        return URL(url).raw_host or ""
    except ValueError as error:
        raise InputError(f"{url[:200]!r} is no web address: {error}") from error


def _literal(host: str) -> Address | None:
    """The address, if a host is written as one, including forms such as 2130706433 or 0x7f.1, which resolvers
    understand."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeEncodeError):
        return None


class GuardedResolver(AbstractResolver):
    """A resolver for aiohttp that returns only addresses that may be reached, and refuses a host that has any other."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed, self._plain = allowed, ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of `host`; OSError if one of them is private."""
        answers = await self._plain.resolve(host, port, family)
        # "fe80::1%eth0": what follows the percent sign names a network card.
        addresses = [ip_address(answer["host"].partition("%")[0]) for answer in answers]
        if not self._allowed.host(host) and not all(map(self._allowed.address, addresses)):
            raise OSError(refusal(host))
        return answers

    async def close(self) -> None:
        """Does nothing: no connection is kept open."""
