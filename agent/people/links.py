"""The address at which people reach this server, for links that somebody else will open."""

from urllib.parse import urlsplit

from fastapi import Request

from agent.app.web import context
from agent.core.errors import Advice, ConfigError
from agent.llm.wire import is_loopback
from agent.settings import Settings


def address_of(request: Request) -> str:
    """The address in `auth.yaml`; without one the request's own, if that is this machine. Otherwise ConfigError: the
    sender of a request chooses its host, and a link to a forged host would give away the link's secret."""
    said = context.of(request).space.settings.auth().address.rstrip("/")
    if said:
        return said
    asked = f"{request.url.scheme}://{request.url.netloc}"
    if urlsplit(asked).hostname and is_loopback(asked):
        return asked
    raise ConfigError(
        "nobody has said where people reach this server, so no link to it can be made",
        advice=Advice(text="write address: https://… into auth.yaml in the workspace's folder config"),
    )


def link_of(request: Request, route: str, **values: str) -> str:
    """The address of one of our pages, to send to somebody else."""
    return address_of(request) + str(request.app.url_path_for(route, **values))


def address_at_terminal(settings: Settings, given: str) -> str:
    """The address given by `--url`, else the one in `auth.yaml`, else this machine."""
    return (given or settings.auth().address or "http://127.0.0.1:8000").rstrip("/")
