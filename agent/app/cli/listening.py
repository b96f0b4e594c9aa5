"""Checks that a server can listen at its address, before anything else is started."""

import errno
import socket

from agent.core.errors import ConfigError

_WHY = {
    errno.EADDRINUSE: (
        "another program listens there already",
        "end it (it may be another `closeread serve`), or choose another port with --port",
    ),
    errno.EACCES: ("this user may not listen there", "choose a port above 1023 with --port"),
    errno.EADDRNOTAVAIL: ("this machine has no such address", "choose one it has with --host, or leave --host out"),
}
_OTHERWISE = "choose another with --host and --port"


def free_port(host: str, port: int) -> int:
    """`port`, if a server can listen on it at every address of `host`; a free port for 0. The port is released again
    for the server. ConfigError if it is taken."""
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise ConfigError(f"{host}: there is no such address; choose another with --host") from error
    missing: OSError | None = None
    free = 0
    for family, kind, protocol, _, address in addresses:
        try:
            free = _bound(family, kind, protocol, (address[0], free or address[1], *address[2:]))
        except OSError as error:
            if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                raise _cannot(host, port, error) from error
            missing = error  # `localhost` has an IPv6 address also where this machine has no IPv6
    if not free:
        raise _cannot(host, port, missing or OSError(errno.EADDRNOTAVAIL, "no address")) from missing
    return free


def _bound(family: int, kind: int, protocol: int, address: tuple[object, ...]) -> int:
    """The port that could be bound. The socket is set up like the server's own, so that a recently closed connection
    does not block it."""
    with socket.socket(family, kind, protocol) as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            asked.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        asked.bind(address)
        return int(asked.getsockname()[1])


def _cannot(host: str, port: int, error: OSError) -> ConfigError:
    what, hint = _WHY.get(error.errno or 0, (error.strerror or str(error), _OTHERWISE))
    shown = f"[{host}]" if ":" in host else host
    return ConfigError(f"cannot listen at {shown}:{port}: {what}; {hint}")
