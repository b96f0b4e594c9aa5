"""Renders pages from Jinja templates. Everything is escaped, and a missing name is an error instead of an empty
space."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from agent import __version__
from agent.app.steps import STAGE_WORDS
from agent.app.web import again, csrf, sessions
from agent.app.web.again import Typed
from agent.app.web.auth import SignedIn
from agent.app.web.figures import Figures
from agent.app.web.marking import Marked
from agent.app.web.menu import menu_of
from agent.app.web.problems import Problem
from agent.app.web.segments import segment
from agent.app.web.wording import capital, ended, plain, sentence, shipped
from agent.core import language, wording
from agent.core.direction import Direction, moment_words
from agent.core.errors import CloseReadError
from agent.core.figures import read
from agent.core.marks import RESULT_WORDS, STATE_SIGNS, VERDICT_SIGNS
from agent.core.statistic import chance, p_value
from agent.text.suspicion import HINT

_HERE = Path(__file__).parent / "templates"
_PACKAGE = Path(__file__).parents[2]
STATIC = Path(__file__).parent / "static"


@cache
def environment(marked: bool) -> Environment:
    """The Jinja environment for English or, with `marked`, for other languages. Every file is escaped, whatever its
    name. It is cached by its argument, which has no default, because the same call written in two ways would be
    cached twice."""
    slices = {folder.parent.name: FileSystemLoader(folder) for folder in _PACKAGE.glob("*/templates")}
    made = Environment(
        extensions=[Marked] if marked else [],
        loader=ChoiceLoader([FileSystemLoader(_HERE), PrefixLoader(slices)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["version"] = __version__
    made.globals["static"] = static_url
    made.globals["direction"] = Direction.of
    made.globals["moment_words"] = moment_words
    made.globals["figure"] = read
    made.globals |= {"_": language._, "ngettext": language.ngettext, "language": language.current}
    made.globals["suspicion_hint"] = HINT
    made.globals |= {"state_signs": STATE_SIGNS, "verdict_signs": VERDICT_SIGNS, "result_words": RESULT_WORDS}
    made.globals["stage_words"] = STAGE_WORDS
    made.filters |= {
        "sentence": sentence,
        "capital": capital,
        "plain": plain,
        "shipped": shipped,
        "ended": ended,
        "told": language.retold,
        "urlencode": segment,
        "chance": chance,
        "p_value": p_value,
        "number": wording.number,
        "day": wording.day,
    }
    return made


def static_url(name: str) -> str:
    """The address of a file in `static`; it changes with the file, so browsers may keep it for good."""
    return f"/static/{name}?v={_digest(name)}"


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def alone(name: str, title: str, styles: Sequence[str], values: Mapping[str, Any]) -> str:
    """A file to hand on: the part `name` of a page with the style sheets it needs, and
    nothing loaded from elsewhere."""
    css = Markup("".join((STATIC / sheet).read_text(encoding="utf-8") for sheet in ("app.css", *styles)))
    given = {"t": Figures(), "part": name, "title": title, "css": css, "alone": True}
    return environment(not language.english()).get_template("alone.html").render(given | dict(values))


def render(
    request: Request, name: str, who: SignedIn | None, values: Mapping[str, Any] | None = None, status: int = 200
) -> HTMLResponse:
    """A page, or a part of one for HTMX, for `who` (None on public pages).

    A template has: `who`, `menu()` (asked for by whole pages only), `here` (the path), `t` (days and numbers),
    `csrf_token`, `flashes`, `version`, `static(file)`, `direction(criterion)` (agent/core/direction.py),
    `next_query(cursor)`, and `values`.
    """
    address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    page = {
        "who": who,
        "menu": lambda: menu_of(who, address) if who else None,
        "here": request.url.path,
        "t": Figures(),
        "csrf_token": csrf.token(request),
        "next_query": lambda cursor: urlencode([*_but_cursor(request), ("cursor", cursor)]),
        "flashes": sessions.take_flashes(request),
    }
    text = environment(not language.english()).get_template(name).render(page | dict(values or {}))
    typed = request.scope.get("again")
    if status >= 400 and not _stays(request) and (sent := again.typed_of(request)):
        typed = typed or replace(sent, fresh=True)  # a form's own page says what was wrong with it
    return HTMLResponse(again.filled(text, typed) if typed else text, status)


def _but_cursor(request: Request) -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]


def _stays(request: Request) -> bool:
    """Whether only a part of the page is replaced, so that what was typed stays where it is."""
    return request.headers.get("hx-request") == "true"


def error_page(request: Request, problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """A problem as a page. It needs no session: the error may be that there is none."""
    known = getattr(request.state, "signed_in", None)
    who = known if isinstance(known, SignedIn) else None
    if "session" not in request.scope:  # what broke lies outside of the sessions
        request.scope["session"] = {}
    typed, part = again.typed_of(request), _stays(request)
    if typed is not None and not part and problem.status != 500:
        filled = _form_again(request, problem, typed)
        filled.headers.update(headers or {})
        return filled
    # What has just broken is not asked again for the menu.
    values = {"problem": problem, "menu": lambda: menu_of(who, request.url.path, bare=True) if who else None}
    page = render(request, "problem_part.html" if part else "problem.html", who, values, problem.status)
    page.headers.update(headers or {})
    return page


def _form_again(request: Request, problem: Problem, typed: Typed) -> Response:
    """The page with the form on it, with what was typed and what went wrong; or the problem's own page with the
    typed text, if that page is not there."""

    def alone() -> Response:
        sessions.take_flashes(request)
        return render(request, "problem.html", who, {"problem": problem}, problem.status)

    known = getattr(request.state, "signed_in", None)
    who = known if isinstance(known, SignedIn) else None
    text = f"{sentence(problem.detail)} {sentence(problem.advice)}".strip()
    sessions.flash(request, text, "problem", problem.page if problem.page != typed.page else "")
    fresh = problem.status in (409, 412)  # what the page itself sets has moved on
    return again.FormAgain(request, replace(typed, fresh=fresh), typed.page, problem.status, alone)


def failed(request: Request, path: str, problem: CloseReadError | str) -> Response:
    """The answer to a form that could not do its work: the page `path` with the problem, what to do about it, and
    what was typed."""
    advice = problem.advice if isinstance(problem, CloseReadError) else None
    said = advice.on_a_page() if advice else ""
    text = f"{sentence(problem)} {sentence(said)}".strip()
    sessions.flash(request, text, "problem", advice.page if advice and advice.page != path else "")
    plain, typed = RedirectResponse(path, 303), again.typed_of(request)
    if typed is None:
        return plain
    return again.FormAgain(request, replace(typed, fresh=True), path, 409, lambda: plain)


def done(request: Request, path: str, text: str = "") -> RedirectResponse:
    """The answer to a form that has done its work: a redirect to `path` and a line that says what was done."""
    if text:
        sessions.flash(request, text)
    return RedirectResponse(path, 303)
