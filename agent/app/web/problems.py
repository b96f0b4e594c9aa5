"""One shape for everything that goes wrong: `application/problem+json` (RFC 9457) for the API, a page for the browser.

    {"type": "about:blank", "title": "Not found", "status": 404, "detail": "there is no call 'c9' in this workspace",
     "code": "not_found", "request_id": "…", "errors": []}

`code` is stable and is what programs go by; `errors` says which fields of the request are wrong, and where.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from agent.app.view import example
from agent.app.web import again
from agent.core import errors
from agent.core.errors import Advice, CloseReadError
from agent.core.language import N_, _, speak

M = TypeVar("M", bound=BaseModel)

MEDIA_TYPE = "application/problem+json"

# The most particular class that fits decides.
_STATUS: dict[type[CloseReadError], int] = {
    errors.UsageError: 400,
    errors.InputError: 422,
    errors.NotFound: 404,
    errors.GateClosed: 409,
    errors.Conflict: 409,
    errors.Forbidden: 403,
    errors.BudgetExceeded: 409,
    errors.ConfigError: 503,
    errors.RoleUnbound: 409,
    errors.ModelError: 502,
    errors.ModelUnreachable: 503,
    CloseReadError: 500,
}
_TITLES = {
    400: N_("The request does not fit together"),
    401: N_("Not signed in"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    405: N_("Method not allowed"),
    409: N_("Not possible as things stand"),
    412: N_("Somebody else changed it first"),
    413: N_("Too large"),
    415: N_("Unknown kind of content"),
    422: N_("Something in the request is wrong"),
    428: N_("Say which version you changed"),
    429: N_("Too many attempts"),
    500: N_("Something broke here"),
    502: N_("The model gave no usable answer"),
    503: N_("Not available now"),
}
_CODES = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    500: "internal",
}


_WORDS = {
    "missing": N_("is missing"),
    "value_error": N_("is not as it must be: {error}"),
    "date_from_datetime_inexact": N_("is no date such as 2026-03-31"),
    "date_type": N_("is no date such as 2026-03-31"),
    "int_from_float": N_("is no whole number"),
    "float_type": N_("is no number"),
    "greater_than": N_("must be more than {gt}"),
    "less_than": N_("must be less than {lt}"),
    "literal_error": N_("is not one of the choices: {expected}"),
    "enum": N_("is not one of the choices: {expected}"),
    "extra_forbidden": N_("is not known here"),
    "string_type": N_("is no text"),
    "json_invalid": N_("is no JSON: {error}"),
    "string_too_long": N_("is longer than {max_length} characters"),
    "string_too_short": N_("is shorter than {min_length} characters"),
    "too_long": N_("has more than {max_length} entries"),
    "string_pattern_mismatch": N_("is not written as it must be"),
    "int_parsing": N_("is no whole number"),
    "int_type": N_("is no whole number"),
    "float_parsing": N_("is no number"),
    "greater_than_equal": N_("must be {ge} or more"),
    "less_than_equal": N_("must be {le} or less"),
    "date_from_datetime_parsing": N_("is no date such as 2026-03-31"),
    "date_parsing": N_("is no date such as 2026-03-31"),
    "bool_parsing": N_("is neither yes nor no"),
}


class FieldError(BaseModel):
    """One field of a request that is wrong, and what is wrong with it."""

    where: str = Field(description="Path of the field, e.g. `body.email`.")
    what: str


class Problem(BaseModel):
    """What went wrong."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable name of the kind of problem.")
    request_id: str = Field(description="Name this when you report it; it is in the server's log.")
    errors: list[FieldError] = Field(default_factory=list)
    advice: str = Field("", description="What to do about it, where more can be said than `detail` says.")
    page: str = Field("", description="Path of the page on which that is done; empty if there is none.")

    model_config = example(
        {
            "type": "about:blank",
            "title": "Not found",
            "status": 404,
            "detail": "there is no call 'call-9' in this workspace",
            "code": "not_found",
            "request_id": "rq-4f1c2a9b7d3e",
            "errors": [],
            "advice": "",
            "page": "",
        }
    )


class HttpProblem(HTTPException):
    """A problem that exists only over HTTP (not signed in, wrong version, too many attempts): a status, a code and a
    sentence."""

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.code = code


class InvalidInput(CloseReadError):
    """What somebody typed is invalid; raised by `checked`."""

    code = "invalid"

    def __init__(self, fields: Sequence[FieldError]) -> None:
        self.fields = list(fields)
        super().__init__("; ".join(f"“{_field_name(field.where.split('.'))}” {field.what}" for field in fields))


def checked(shape: type[M], data: Mapping[str, Any]) -> M:
    """`data` as the model `shape`, for what came in a form. InvalidInput (422) names the fields that do not fit."""
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        raise InvalidInput(_fields(error.errors())) from error


Shown = Callable[[Request, Problem, Mapping[str, str] | None], Response]


def install(app: FastAPI, page: Shown, who: Callable[[Request], Awaitable[None]]) -> None:
    """Make the application answer every error with a problem document; `page` shows one to a browser."""
    app.state.problem_page, app.state.who_asks = page, who
    app.add_exception_handler(CloseReadError, _on_error)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(DataError, _on_data)


def status_of(error: CloseReadError) -> int:
    """The HTTP status of an error of ours."""
    if isinstance(error, InvalidInput):
        return 422
    return next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)


def respond(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    fields: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
    advice: Advice | None = None,
) -> Response:
    """A problem as JSON, or as a page where a browser asked for one."""
    if own := getattr(request.state, "language", ""):  # a file in English may have been asked for
        speak(own)
    ident = getattr(request.state, "request_id", "")
    title = _(_TITLES.get(status, N_("It did not work")))
    problem = Problem(title=title, status=status, detail=detail, code=code, request_id=ident, errors=list(fields))
    if advice is not None:
        problem = problem.model_copy(update={"advice": advice.on_a_page(), "page": advice.page})
    if is_api(request):
        return JSONResponse(problem.model_dump(), status, dict(headers or {}), media_type=MEDIA_TYPE)
    shown: Shown = request.app.state.problem_page
    return shown(request, problem, headers)


def is_api(request: Request) -> bool:
    """Whether a program is answered. Everything that is no page (the API, health checks) answers in JSON."""
    return request.url.path.startswith(("/api/", "/healthz", "/readyz", "/metrics"))


async def _on_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, CloseReadError)
    fields = error.fields if isinstance(error, InvalidInput) else ()
    return respond(request, status_of(error), error.code, str(error), fields=fields, advice=error.advice)


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code in (301, 302, 303, 307, 308):
        plain = Response(status_code=error.status_code, headers=error.headers)
        typed = again.typed_of(request)
        if typed is None:
            return plain
        return again.FormAgain(request, typed, (error.headers or {})["Location"], 401, lambda: plain)
    code = getattr(error, "code", "") or _CODES.get(error.status_code, "http")
    detail = str(error.detail)
    if error.status_code == 404 and not isinstance(error, HttpProblem):
        await request.app.state.who_asks(request)
        detail = _("there is nothing at this address")
    return respond(request, error.status_code, code, detail, headers=error.headers)


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = InvalidInput(_fields(error.errors()))
    if is_api(request):
        return await _on_error(request, wrong)
    return respond(request, 422, wrong.code, str(wrong), fields=wrong.fields)


def _field_name(where: Sequence[str]) -> str:
    """The last part of a field's place that is not a number in a list."""
    return next((part for part in reversed(where) if not part.isdecimal()), where[-1]).replace("_", " ")


def _in_words(wrong: Any) -> str:
    """What is wrong with a field, in our words if we have any for this kind of error."""
    if wrong["type"] in ("string_too_short", "too_short") and wrong["ctx"]["min_length"] == 1:
        return _("is empty")
    said = _WORDS.get(wrong["type"])
    return str(wrong["msg"]) if said is None else _(said).format(**wrong.get("ctx", {}))


async def _on_data(request: Request, error: Exception) -> Response:
    """The answer to values that PostgreSQL cannot store but SQLite can: a NUL character, or a number beyond its
    range."""
    return respond(request, 422, "invalid", _("a text or number in the request cannot be stored"))


def _fields(found: Sequence[Any]) -> list[FieldError]:
    return [FieldError(where=".".join(map(str, e["loc"])) or "body", what=_in_words(e)) for e in found]
