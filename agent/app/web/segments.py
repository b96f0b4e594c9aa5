"""Allows any name as one part of an address: `/profiles/AC%2FDC` is the page of the rep AC/DC.

Servers decode an address before it is matched, and a slash inside a name would then part it. It is held as a character
that no text has until the route has been found.
"""

from collections.abc import Mapping
from urllib.parse import quote, unquote, urlencode

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.types import ASGIApp, Receive, Scope, Send

_SLASH = "\ue000"  # of the private use area


class _Name(StringConvertor):
    """A route parameter for a name, with the slashes that it had."""

    def convert(self, value: str) -> str:
        return value.replace(_SLASH, "/")

    def to_string(self, value: str) -> str:
        return super().to_string(value.replace("/", _SLASH))


# Before any route is made: each looks its parameters' kinds up once.
register_url_convertor("str", _Name())


def decoded(raw_path: bytes) -> str:
    """The path of an address as routes are matched against it, with slashes inside names replaced by a private
    character."""
    return unquote(raw_path.replace(b"%2f", b"%2F").replace(b"%2F", quote(_SLASH).encode()).decode("utf-8", "replace"))


def segment(name: object) -> str:
    """A name, encoded as one part of an address or as a value in its query. A mapping is encoded as the whole query."""
    return urlencode(name) if isinstance(name, Mapping) else quote(str(name), safe="")


class Segments:
    """A layer that tells a slash inside a name from a slash between two parts, before routes are matched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw: bytes = scope.get("raw_path") or b""
        if b"%" in raw:
            scope = {**scope, "path": decoded(raw)}
        await self._app(scope, receive, send)
