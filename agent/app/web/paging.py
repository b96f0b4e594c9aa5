"""Pages of lists. A cursor says after which row to go on; it is signed, so that nobody can make or change one."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response
from itsdangerous import BadSignature, URLSafeSerializer

from agent.app.view import Page
from agent.app.web import context
from agent.app.web.problems import HttpProblem

T = TypeVar("T")
R = TypeVar("R")


class Paging:
    """What a request says about the page it wants.

        def calls(who: Anybody, paging: Pages) -> Page[CallOut]:
            rows = who.space.store[Calls].page(after=paging.after, limit=paging.fetch)
            return paging.page(rows, lambda row: row.position, CallOut.of)

    `fetch` is one row more than is shown: it tells that there is a next page.
    """

    def __init__(
        self,
        request: Request,
        response: Response,
        limit: Annotated[int, Query(ge=1, le=200, description="Rows on a page.")] = 50,
        cursor: Annotated[str, Query(max_length=2000, description="`next` of the page before.")] = "",
    ) -> None:
        self.limit = limit
        self._request, self._response, self._cursor = request, response, cursor
        # A cursor is only valid for its own list.
        self._signer = URLSafeSerializer(context.of(request).key, salt=f"cursor:{request.url.path}")

    @property
    def fetch(self) -> int:
        return self.limit + 1

    @property
    def after(self) -> Any:
        """The position to go on from, as it was given to `page` (lists become tuples); None at the start."""
        if not self._cursor:
            return None
        try:
            position = self._signer.loads(self._cursor)
        except BadSignature as error:
            raise HttpProblem(400, "cursor", "this cursor is not one of this list; start again without it") from error
        return tuple(position) if isinstance(position, list) else position

    def page(self, rows: Sequence[R], position: Callable[[R], Any], shape: Callable[[R], T]) -> Page[T]:
        """The page of `rows` (up to `limit` + 1 of them), with its `Link` header."""
        shown = rows[: self.limit]
        if len(rows) <= self.limit:
            return Page(items=[shape(row) for row in shown])
        cursor = self.cursor(position(shown[-1]))
        query = {**self._request.query_params, "cursor": cursor, "limit": str(self.limit)}
        self._response.headers["Link"] = f'<{self._request.url.path}?{urlencode(query)}>; rel="next"'
        return Page(items=[shape(row) for row in shown], next=cursor)

    def cursor(self, position: Any) -> str:
        """A signed cursor for going on after `position`, which must be a value that JSON can hold."""
        signed = self._signer.dumps(position)
        return signed if isinstance(signed, str) else signed.decode()


Pages = Annotated[Paging, Depends()]
