"""`Idempotency-Key` on POST: the same request sent again gets the first reply, and nothing is done twice.

Keys belong to who sent them and are kept a day. Replies with a status below 500 are kept; a request that ended in a
problem did nothing and may be sent again under its key. What may be shown only once (a token's secret) is not kept:
a route with `openapi_extra=SHOWN_ONCE` answers the second time that it was done.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel

from agent.app.web import auth, context
from agent.app.web.auth import Allowed
from agent.app.web.guarding import GuardedRoute, Handler, allowed_of
from agent.app.web.problems import FieldError, HttpProblem, InvalidInput
from agent.db.idempotency import Idempotency, StoredReply

HEADER = "idempotency-key"
REPLAYED = "Idempotency-Replayed"
SHOWN_ONCE = {"x-shown-once": True}
_LONGEST = 200
_KEPT_HEADERS = ("content-type", "location", "etag")


class ApiRoute(GuardedRoute):
    """A route of the API. POST honours the `Idempotency-Key` header. Unknown query parameters are refused: silently
    dropping a misspelt filter would show other figures."""

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()
        if "POST" not in (self.methods or ()):
            return handler
        allowed, once = allowed_of(self), bool((self.openapi_extra or {}).get("x-shown-once"))

        async def handle(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if key is None or allowed is None:
                return await handler(request)
            return await _once(request, key, allowed, handler, shown_once=once)

        return handle

    def check_query(self, request: Request) -> None:
        known = list(_query_of(self.dependant))
        if strange := [name for name in request.query_params if name not in known]:
            raise InvalidInput([FieldError(where=f"query.{name}", what=_meant(name, known)) for name in strange])


def _query_of(dependant: Dependant) -> Iterator[str]:
    for one in dependant.query_params:
        shape = one.field_info.annotation
        yield from shape.model_fields if isinstance(shape, type) and issubclass(shape, BaseModel) else (one.alias,)
    for part in dependant.dependencies:
        yield from _query_of(part)


def _meant(name: str, known: Sequence[str]) -> str:
    if near := get_close_matches(name, known, 1, 0.7):
        return f"is no parameter here; did you mean {near[0]}?"
    return f"is no parameter here; {'known are ' + ', '.join(known) if known else 'none is known here'}"


async def _once(request: Request, key: str, allowed: Allowed, handler: Handler, *, shown_once: bool) -> Response:
    if not 1 <= len(key) <= _LONGEST:
        raise HttpProblem(400, "idempotency_key", f"an idempotency key has 1 to {_LONGEST} characters")
    # Rights may have changed since the first request: they are checked before a stored reply is returned.
    owner = allowed.check(await auth.identify(request)).owner
    stored = context.of(request).space.store[Idempotency]
    match await run_in_threadpool(stored.begin, owner, key, await _fingerprint(request)):
        case StoredReply() if shown_once:
            raise HttpProblem(409, "idempotency_shown_once", "this was done already; what it made is shown only once")
        case StoredReply() as reply:
            headers = json.loads(reply.headers) | {REPLAYED: "true"}
            return Response(reply.body, reply.status, headers)
        case "running":
            raise HttpProblem(409, "idempotency_running", "the first request with this key is still being worked on")
        case "other":
            raise HttpProblem(422, "idempotency_key", "this key was used for another request; use a new one")
        case _:
            return await _first_time(request, stored, owner, key, handler, shown_once=shown_once)


async def _first_time(
    request: Request, stored: Idempotency, owner: str, key: str, handler: Handler, *, shown_once: bool
) -> Response:
    kept = False
    try:
        response = await handler(request)
        body = getattr(response, "body", None)
        if response.status_code < 500 and isinstance(body, bytes):
            headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
            reply = StoredReply(response.status_code, json.dumps(headers), "" if shown_once else body.decode())
            await run_in_threadpool(stored.keep, owner, key, reply)
            kept = True
        return response
    finally:
        if not kept:
            await run_in_threadpool(stored.release, owner, key)


async def _fingerprint(request: Request) -> str:
    """A hash that is the same for the same request. A form with files gets a new boundary each time, so its body is
    not included."""
    told = f"{request.method} {request.url.path}?{request.url.query}"
    if request.headers.get("content-type", "").startswith("multipart/"):
        return hashlib.sha256(told.encode()).hexdigest()
    return hashlib.sha256(told.encode() + b"\0" + await request.body()).hexdigest()
