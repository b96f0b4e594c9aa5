"""Nothing typed is lost: a form that was not taken comes back on its own page, filled as
it was sent, with one sentence.

The page that held it is asked for once more in the name of whoever sent it (`FormAgain`), and `filled` puts the words
back. Whoever is signed out meanwhile gets the sign-in page, which carries the form sealed through the signing in
(`kept`). Only a form of our own pages is kept: one sent from elsewhere could have any words in it.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import lxml.html
from fastapi import Request, Response
from itsdangerous import BadData, URLSafeTimedSerializer
from lxml.html import builder as tag
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from agent.app.web.segments import decoded
from agent.core.language import _

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_SEALED_FOR = 24 * 60 * 60  # seconds
_MOST = 2_000_000  # bytes of a form that is read though nobody is signed in
_REDIRECTS = 3
_UNKEPT = ("csrf", "password", "key", "key_env")
"""What is never sent back: secrets, and where people type them by mistake. So is whatever the page itself hides."""


@dataclass(frozen=True)
class Typed:
    """What was typed into a form: the address it was sent to and the page that held it (both as sent, not decoded),
    and its fields in order. `fresh`: fields that the page itself sets, such as the version being edited, take their
    present value."""

    action: str
    page: str
    fields: tuple[tuple[str, str], ...]
    fresh: bool = False


async def read(request: Request) -> Mapping[str, Any]:
    """The form of a request; empty if there is none. It is parsed once, and the route gets the same object."""
    if not request.headers.get("content-type", "").startswith(FORMS):
        return {}
    form = await request.form()
    # Of a file only the name: its owner has to choose it once more.
    told = [(name, value if isinstance(value, str) else value.filename or "") for name, value in form.multi_items()]
    request.state.fields = tuple(told)
    return form


async def read_unasked(request: Request) -> None:
    """Read the form of somebody who is not signed in, if it is small and comes from one of our pages."""
    size = request.headers.get("content-length", "")
    if request.method == "POST" and _ours(request) and size.isdecimal() and int(size) <= _MOST:
        await read(request)


def typed_of(request: Request) -> Typed | None:
    """What was typed into the form that this request sent; None if it is no form of ours."""
    fields = getattr(request.state, "fields", None)
    if fields is None or not _ours(request):
        return None
    came = urlsplit(request.headers.get("referer", ""))
    same = came.netloc == urlsplit(request.headers["origin"]).netloc
    page = came.path + (f"?{came.query}" if came.query else "") if same else ""
    action = request.scope["raw_path"].decode("utf-8", "replace")
    return Typed(action, page, tuple(pair for pair in fields if pair[0] not in _UNKEPT))


def seal(key: str, typed: Typed) -> str:
    """The form as a sealed text: its owner's browser stores it and nobody can change it."""
    return str(_serializer(key).dumps(asdict(typed)))


def unseal(key: str, sealed: str) -> Typed | None:
    """The form from a sealed text; None if the text is not ours or older than a day."""
    try:
        told = _serializer(key).loads(sealed, max_age=_SEALED_FOR)
    except BadData:
        return None
    return Typed(told["action"], told["page"], tuple((name, value) for name, value in told["fields"]))


class FormAgain(Response):
    """An answer that shows the page `path` again with the form filled as `request` sent it; or `otherwise`, if the
    form is not on that page any more."""

    def __init__(
        self, request: Request, typed: Typed, path: str, status: int, otherwise: Callable[[], Response]
    ) -> None:
        super().__init__(status_code=status)
        self._request, self._typed, self._path, self._otherwise = request, typed, path, otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the page."""
        path = self._path
        for _hop in range(_REDIRECTS if path else 0):
            status, messages, location = await self._page(scope, path)
            if status == 200:
                messages[0]["status"] = self.status_code
                own = [pair for pair in self.raw_headers if pair[0] != b"content-length"]
                messages[0]["headers"] = [*messages[0]["headers"], *own]
                for message in messages:
                    await send(message)
                return
            if not location.startswith("/"):
                break
            path = location
        scope["again"] = self._typed
        await self._otherwise()(scope, receive, send)

    async def _page(self, scope: Scope, path: str) -> tuple[int, list[Message], str]:
        parts, messages = urlsplit(path), list[Message]()
        headers = [(k, v) for k, v in scope["headers"] if k in (b"host", b"cookie")]
        state = {"request_id": scope.get("state", {}).get("request_id", "")}
        asked = dict(scope) | {"method": "GET", "path": decoded(parts.path.encode()), "raw_path": parts.path.encode()}
        asked |= {"query_string": parts.query.encode(), "headers": headers, "state": state, "again": self._typed}

        async def nothing() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def collect(message: Message) -> None:
            messages.append(message)

        try:
            await self._request.app.router(asked, nothing, collect)
        except HTTPException as error:  # no route of ours
            return error.status_code, [], ""
        location = dict(messages[0]["headers"]).get(b"location", b"").decode()
        return messages[0]["status"], messages, urljoin(path, location)


def filled(page: str, typed: Typed) -> str:
    """The page with the typed values put back into the form they were sent from. Values that have no field there are
    shown in a box at the top."""
    root = lxml.html.document_fromstring(page, parser=lxml.html.HTMLParser(encoding="utf-8"))
    left = list(typed.fields)
    form = _form_of(root, typed)
    if form is not None:
        left = _fill(form, typed)
        for folded in form.iterancestors("details"):
            folded.set("open", "")
    shown = [(name, value) for name, value in left if value.strip()]
    box = root.get_element_by_id("problems", None)
    if shown and box is not None:
        rows = [
            tag.LABEL(
                name.replace("_", " ").replace(":", " "), tag.TEXTAREA(f"\n{value}", rows="2", readonly="readonly")
            )
            for name, value in shown
        ]
        said = _("You also gave:") if form is not None else _("Its form is not on this page any more. You gave:")
        box.addnext(tag.DIV(tag.P(said), *rows, {"class": "flash stack"}))
    return "<!doctype html>\n" + str(lxml.html.tostring(root, encoding="unicode"))


def _form_of(root: Any, typed: Typed) -> Any:
    """Of the forms on the page that are sent to the same address, the one whose hidden fields match best."""
    sent, here = set(typed.fields), urlsplit(typed.page).path

    def place(address: str) -> str:  # a browser and a template may write one name differently: é or %C3%A9
        return decoded(urlsplit(address).path.encode())

    def agree(form: Any) -> int:
        return sum((one.get("name"), one.get("value", "")) in sent for one in _controls(form) if one.tag == "input")

    def goes(form: Any) -> bool:
        actions = [form.get("action") or here, *form.xpath(".//@formaction")]
        return form.get("method", "").lower() == "post" and place(typed.action) in map(place, actions)

    def fits(form: Any) -> tuple[int, int]:  # of those that agree alike, the one with the fields that were sent
        return agree(form), len({one.get("name") for one in _controls(form)} & {name for name, _value in sent})

    return max((form for form in root.iter("form") if goes(form)), key=fits, default=None)


def _controls(form: Any) -> list[Any]:
    inside = [one for one in form.iter("input", "select", "textarea") if not one.get("form")]
    ident = form.get("id")
    away = form.getroottree().xpath("//*[@form=$ident]", ident=ident) if ident else []
    return inside + [one for one in away if one.tag in ("input", "select", "textarea")]


def _fill(form: Any, typed: Typed) -> list[tuple[str, str]]:
    """Put the values into the form's fields; returns those that found no field."""
    left = list(typed.fields)

    def take(name: str, *values: str) -> str | None:
        """The first value of that name that no field has taken yet; with `values`, only one of these."""
        pair = next((one for one in left if one[0] == name and (not values or one[1] in values)), None)
        if pair is None:
            return None
        left.remove(pair)
        return pair[1]

    for one in _controls(form):
        name, kind = one.get("name") or "", one.get("type", "text")
        if not name or name == "csrf" or kind == "file":
            continue
        if kind == "password":
            take(name)
            continue
        if one.tag == "select":
            for option in one.iter("option"):
                value = option.get("value")
                chosen = take(name, option.text_content().strip() if value is None else value) is not None
                _flag(option, "selected", chosen)
        elif one.tag == "textarea":
            text = take(name)
            if text is not None:
                one.text = f"\n{text}"  # a browser drops the first line end
        elif kind in ("checkbox", "radio"):
            _flag(one, "checked", take(name, one.get("value", "on")) is not None)
        elif kind == "hidden" and typed.fresh:
            take(name)
        elif (value := take(name)) is not None:
            one.set("value", value)
    buttons = {(one.get("name"), one.get("value", "")) for one in form.iter("button")}
    return [pair for pair in left if pair not in buttons]


def _flag(one: Any, name: str, on: bool) -> None:
    one.attrib.pop(name, None)
    if on:
        one.set(name, name)


def _ours(request: Request) -> bool:
    """Whether one of our own pages sent this. Browsers say so in headers; behind a proxy the host may have another
    name here."""
    origin = urlsplit(request.headers.get("origin", "")).netloc
    same = request.headers.get("sec-fetch-site") == "same-origin" or origin == request.headers.get("host", "")
    return bool(origin) and same


def _serializer(key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt="closeread.form")
