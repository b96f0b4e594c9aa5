"""The list of calls with what counts on each: the API first, then the page. One call: agent/ratings/web_call.py."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Query, Request
from fastapi.responses import Response

from agent.app.panels import panels
from agent.app.steps import next_step, next_steps
from agent.app.verb import Who
from agent.app.view import Page
from agent.app.web.auth import Anybody
from agent.app.web.paging import Pages
from agent.app.web.problems import status_of
from agent.app.web.routes import api_router, page_router
from agent.app.web.sheets import Sheet, sheet
from agent.app.web.templates import render
from agent.calls.store import CallFilters, Calls
from agent.core.errors import InputError
from agent.core.language import _
from agent.core.marks import RESULT_WORDS
from agent.ratings.kept_filters import COLUMNS, CallsShown, Column, kept_by
from agent.ratings.results import CallInList, holding, rubric_of
from agent.rubrics.model import Rubric, mark_sentences
from agent.rubrics.store import Rubrics, RubricStates

api = api_router("calls")
pages = page_router()

Name = Annotated[str, Query(max_length=200)]
Result = Annotated[Literal["", "shown", "not_shown", "not_applicable", "failed", "differs"], Query()]
_SHOWN = {"": None, "rated": True, "unrated": False, "low": None}
_TO_SCORE = "/jobs/new/score"
_IN_A_FILE = 10_000  # calls


@api.get("/calls")
def list_calls(
    who: Anybody,
    paging: Pages,
    rep: Name = "",
    stage: Name = "",
    deal: Name = "",
    first: Annotated[date | None, Query(description="On this day or later.")] = None,
    last: Annotated[date | None, Query(description="On this day or earlier.")] = None,
    rated: Annotated[bool | None, Query(description="With or without ratings that you may see.")] = None,
    to_review: Annotated[bool, Query(description="With readings that differ or failed.")] = False,
    rubric: Annotated[str, Query(max_length=200, description="Id or label; default: the one in use.")] = "",
    criterion: Annotated[str, Query(max_length=100, description="With `result`: on this criterion.")] = "",
    result: Result = "",
) -> Page[CallInList]:
    """Calls, newest first, with what counts on each."""
    against = rubric_of(who, rubric)
    filters = _on(who, CallFilters(rep, stage, deal, first, last, rated, to_review), against, criterion, result)
    rows = who.space.store[Calls].page(filters, paging.after, paging.fetch, viewer=who.name)
    present = who.space.rules.profiles.present_level
    return paging.page(rows, lambda row: row.position, lambda row: CallInList.against(row, against, present))


def _on(who: Who, filters: CallFilters, rubric: Rubric | None, criterion: str, result: str) -> CallFilters:
    """The filters, and what counts against a rubric."""
    if rubric is None:
        return filters
    if criterion and rubric.criterion(criterion) is None:
        raise InputError(_("{label} has no criterion {criterion}", label=rubric.label, criterion=repr(criterion)))
    cells = holding(rubric, criterion, result, who.space.rules.profiles.present_level) if result else ()
    return replace(filters, rubric=rubric.id, cells=cells)


# Pages.


@pages.get("/calls")
def list_page(
    request: Request,
    who: Anybody,
    paging: Pages,
    rep: Name = "",
    stage: Name = "",
    deal: Name = "",
    first: Name = "",
    last: Name = "",
    show: Annotated[Literal["", "rated", "unrated", "low"], Query()] = "",
    rubric: Name = "",
    criterion: Name = "",
    result: Result = "",
    hide: Annotated[tuple[Column, ...], Query()] = (),
    file: Literal["", "csv", "xlsx"] = "",
) -> Response:
    """All calls, newest first; as a file the newest 10,000 that fit, with all columns."""
    store = who.space.store
    typed = {"rep": rep, "stage": stage, "deal": deal, "first": first, "last": last, "show": show}
    typed |= {"criterion": criterion, "result": result}
    against = rubric_of(who, rubric)
    usual = not rubric or against == rubric_of(who, "")  # a later rubric takes its place in filters that are kept
    hidden = tuple(column for column in COLUMNS if column in hide)
    shown = CallsShown.model_validate(typed | {"rubric": "" if usual else rubric, "hide": hidden})
    problem, rows = None, []
    present = who.space.rules.profiles.present_level
    try:
        rated, scored = (None, _SHOWN[show]) if against else (_SHOWN[show], None)
        filters = CallFilters(rep, stage, deal, _day(first), _day(last), rated, show == "low", scored=scored)
        filters = _on(who, filters, against, criterion, result)
        if file:
            calls = store[Calls].page(filters, limit=_IN_A_FILE, viewer=who.name)
            lines = [_line(CallInList.against(row, against, present), against) for row in calls]
            return sheet(file, Sheet("calls", _("Calls"), lines, against.label if against else ""))
        rows = store[Calls].page(filters, paging.after, paging.fetch, viewer=who.name)
    except InputError as error:
        problem = error
    values = {
        "page": paging.page(rows, lambda row: row.position, lambda row: CallInList.against(row, against, present)),
        "typed": typed,
        "filtered": any(typed.values()),
        "problem": problem,
        "reps": store[Calls].reps() if who.scope.only_rep is None else [],
        "stages": store[Calls].stages(),
        "for_team": who.scope.only_rep is None,
        "panels": panels("calls", who, None),
        "step": next_step(who, "calls"),
        "to_score": next((one for one in next_steps(who, "calls") if one.page == _TO_SCORE and one.waits), None),
        "rubric": against,
        "rubrics": [stored.rubric for stored in reversed(store[Rubrics].all())] if who.scope.only_rep is None else [],
        "words": RESULT_WORDS,
        "columns": COLUMNS,
        "hide": shown.hide,
        "query": shown.query,
        "kept": [(one.name, one.filters.query) for one in kept_by(who)],
        "marked": mark_sentences(against, store[RubricStates].marks(against.id)) if against else [],
        "as_file": lambda form: urlencode({**typed, "rubric": rubric, "file": form}),
    }
    return render(request, "ratings/calls.html", who, values, 200 if problem is None else status_of(problem))


def _line(call: CallInList, rubric: Rubric | None) -> dict[str, object]:
    """A call with a column a criterion, in words."""
    names = [one.name for one in rubric.criteria] if rubric else []
    facts = {name: value for name, value in call.data().items() if name not in ("results", "rubric")}
    return facts | {name: one.in_words for name, one in zip(names, call.results, strict=True)}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError as error:
        raise InputError(_("{text} is no day; write it as 2026-11-24", text=repr(text))) from error
