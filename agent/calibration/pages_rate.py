"""My own rating screen: one criterion at a time beside the transcript, saved at each change. Nobody else's ratings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from agent.app.web.auth import Raters, SignedIn
from agent.app.web.problems import status_of
from agent.app.web.routes import page_router
from agent.app.web.templates import done, render
from agent.calibration import round_rating
from agent.calibration.api import Number
from agent.calibration.model import CalibrationRound, Draft
from agent.calibration.round_sheet import Cell, Sheet, located, own_ratings, sheet, shown_examples
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.core.errors import CloseReadError, InputError, UsageError
from agent.core.transcript import Quote
from agent.ratings.model import Rated
from agent.rubrics.store import Rubrics

router = page_router()

Text = Annotated[str, Form(max_length=4000)]
Short = Annotated[str, Form(max_length=200)]
Which = Annotated[str, Query(max_length=200)]
Many = Annotated[list[Annotated[str, Form(max_length=4000)]], Form(max_length=20)]

_UNSAVED = "Choose a level: a quote or a reason is kept only with one"


@dataclass
class Typed:
    """What stands on the screen for one criterion: a value ("" if none), a reason, quotes as the transcript has them.

    `turn` and `words` are a quote that is not located yet; `problem` is what was wrong with what was sent.
    """

    value: str = ""
    reason: str = ""
    quotes: Sequence[Quote] = field(default_factory=tuple)
    turn: str = ""
    words: str = ""
    problem: str = ""

    @classmethod
    def of(cls, draft: Draft | None) -> Typed:
        """A draft as it was saved."""
        if draft is None:
            return cls()
        found = draft.judgement
        if isinstance(found, Rated):
            return cls(str(found.value), draft.reason, found.quotes)
        return cls("n/a", draft.reason)


@dataclass(frozen=True)
class Sent:
    """What a browser sent for one criterion. `quotes` are those already on the screen, as turn and words."""

    cell: Cell
    value: str
    reason: str
    quotes: Sequence[tuple[str, str]]
    turn: str
    words: str

    @property
    def adds(self) -> bool:
        """Whether a new quote is named."""
        return bool(self.turn.strip() or self.words.strip())


@router.get("/calibration/{number}/rate")
def screen(request: Request, who: Raters, number: Number, call: Which = "", criterion: Which = "") -> Response:
    """Where I left off, or the call and criterion asked for; after submitting, my own ratings."""
    space = who.space
    found = space.store[Rounds].get(str(number))
    if who.name in found.submitted:
        return _own_page(request, who, found)
    space.store[Rounds].check_open(found, who.name)
    mine = sheet(space, found, who.name)
    if not call and not mine.missing:
        return RedirectResponse(f"/calibration/{number}/submit", 303)
    return _screen(request, who, mine, mine.cell(call, criterion))


@router.post("/calibration/{number}/rate")
def save(
    request: Request,
    who: Raters,
    number: Number,
    call: Short,
    criterion: Short,
    value: Short = "",
    level: Short = "",
    reason: Text = "",
    quote_turn: Many = [],  # noqa: B006  FastAPI copies it
    quote_words: Many = [],  # noqa: B006
    turn: Short = "",
    words: Text = "",
    drop: Annotated[str, Form(pattern=r"^\d{0,3}$")] = "",
    do: Short = "save",
) -> Response:
    """Save this criterion; then stay, or go on to the one before or after."""
    found = who.space.store[Rounds].get(str(number))
    there = [pair for place, pair in enumerate(zip(quote_turn, quote_words, strict=False)) if str(place) != drop]
    scripted = request.headers.get("hx-request") == "true"
    adds = do == "quote" or not scripted  # while somebody types words, saving the reason must not take them
    sent = Sent((call, criterion), level or value, reason, there, turn if adds else "", words if adds else "")
    try:
        typed = _kept(who, found, sent)
        if do in ("next", "back") and not typed.value and (typed.quotes or typed.reason.strip()):
            raise InputError(_UNSAVED)
    except (InputError, UsageError) as error:
        return _refused(request, who, found, sent, error)
    if do in ("next", "back"):
        return _moved(request, who, found, sent.cell, 1 if do == "next" else -1)
    if scripted:
        return render(request, "calibration/_saved.html", who, _saved_values(who, found, typed, sent.cell))
    return RedirectResponse(_address(found, sent.cell), 303)


def _kept(who: SignedIn, found: CalibrationRound, sent: Sent) -> Typed:
    """The draft as it is stored now; without a value nothing is stored, and the quotes are located all the same."""
    call, criterion = sent.cell
    quotes = [*sent.quotes, *([(sent.turn, sent.words)] if sent.adds else [])]
    if sent.value:
        draft = round_rating.save_draft(
            who.space, found, who.name, call, criterion, sent.value, reason=sent.reason, quotes=quotes
        )
        return Typed.of(draft)
    who.space.store[Rounds].check_open(found, who.name)
    return Typed("", sent.reason, located(who.space, found, sent.cell, quotes))


def _refused(
    request: Request, who: SignedIn, found: CalibrationRound, sent: Sent, error: CloseReadError
) -> HTMLResponse:
    """The screen as it was, with what was wrong; nothing that was typed is lost."""
    before = located(who.space, found, sent.cell, sent.quotes)
    problem = str(error).removeprefix(f"{sent.cell[0]}: ")  # which call stands above
    typed = Typed(sent.value, sent.reason, before, sent.turn, sent.words, problem)
    if request.headers.get("hx-request") == "true":
        values = _saved_values(who, found, typed, sent.cell)
        page = render(request, "calibration/_saved.html", who, values, status_of(error))
        page.headers.update({"HX-Retarget": "#saved", "HX-Reswap": "outerHTML"})
        return page
    mine = sheet(who.space, found, who.name)
    return _screen(request, who, mine, mine.cell(*sent.cell), typed, status_of(error))


def _moved(request: Request, who: SignedIn, found: CalibrationRound, cell: Cell, steps: int) -> Response:
    """On to the next criterion: only the form where the call stays, the whole page where it does not."""
    mine = sheet(who.space, found, who.name)
    target = mine.beside(mine.cell(*cell), steps)
    address = _address(found, target) if target else f"/calibration/{found.number}/submit"
    if request.headers.get("hx-request") != "true":
        return RedirectResponse(address, 303)
    if target is None or target[0] != cell[0]:
        return Response(status_code=204, headers={"HX-Redirect": address})
    page = render(request, "calibration/_rating.html", who, _cell_values(mine, target))
    page.headers["HX-Push-Url"] = address
    return page


def _screen(
    request: Request, who: SignedIn, mine: Sheet, cell: Cell, typed: Typed | None = None, status: int = 200
) -> HTMLResponse:
    values = _cell_values(mine, cell, typed) | {"call": who.space.store[Calls].get(cell[0])}
    return render(request, "calibration/rate.html", who, values, status)


def _cell_values(mine: Sheet, cell: Cell, typed: Typed | None = None) -> dict[str, Any]:
    criterion = mine.rubric.criterion(cell[1])
    assert criterion is not None  # Sheet.cell has looked
    return {
        "found": mine.round,
        "mine": mine,
        "cell": cell,
        "criterion": criterion,
        "typed": typed or Typed.of(mine.drafts.get(cell)),
        "examples": shown_examples(criterion, cell[0]),
        "back": mine.beside(cell, -1),
        "done": mine.done,
        "wanted": len(mine.cells),
    }


def _saved_values(who: SignedIn, found: CalibrationRound, typed: Typed, cell: Cell) -> Mapping[str, Any]:
    wanted = len(found.calls) * len(who.space.store[Rubrics].get(found.rubric).criteria)
    done_so_far = who.space.store[Rounds].drafted(found)[who.name]
    return {"found": found, "cell": cell, "typed": typed, "done": done_so_far, "wanted": wanted}


def _address(found: CalibrationRound, cell: Cell) -> str:
    from urllib.parse import urlencode

    return f"/calibration/{found.number}/rate?{urlencode({'call': cell[0], 'criterion': cell[1]})}"


@router.get("/calibration/{number}/submit")
def submit_form(request: Request, who: Raters, number: Number) -> Response:
    """What is missing, and the button that makes my ratings final."""
    found = who.space.store[Rounds].get(str(number))
    if who.name in found.submitted:
        return RedirectResponse(f"/calibration/{number}/rate", 303)
    return _submit_page(request, who, found)


@router.post("/calibration/{number}/submit")
def submit(request: Request, who: Raters, number: Number) -> Response:
    """Make my ratings final."""
    found = who.space.store[Rounds].get(str(number))
    mine = sheet(who.space, found, who.name)
    if mine.missing and who.name not in found.submitted:
        return _submit_page(request, who, found, status=409)
    count, fresh = round_rating.submit(who.space, found, who.name)
    who.audit("round_submitted", found.id, number=number, ratings=count)
    waiting = f"Still rating: {', '.join(fresh.waiting)}." if fresh.waiting else "All have submitted: compare."
    return done(request, f"/calibration/{number}", f"Your {count} ratings are final. {waiting}")


def _submit_page(request: Request, who: SignedIn, found: CalibrationRound, status: int = 200) -> HTMLResponse:
    who.space.store[Rounds].check_open(found, who.name)
    mine = sheet(who.space, found, who.name)
    bare = round_rating.without_words(list(mine.drafts.values()), mine.rubric)
    return render(request, "calibration/submit.html", who, {"found": found, "mine": mine, "bare": bare}, status)


def _own_page(request: Request, who: SignedIn, found: CalibrationRound) -> HTMLResponse:
    rubric = who.space.store[Rubrics].get(found.rubric)
    ratings = own_ratings(who.space, found, who.name)
    return render(request, "calibration/own.html", who, {"found": found, "rubric": rubric, "ratings": ratings})


@router.get("/calibration/{number}/correct")
def correct_form(request: Request, who: Raters, number: Number, call: Which, criterion: Which) -> HTMLResponse:
    """Change one of my submitted ratings, with a reason."""
    return _correct_page(request, who, who.space.store[Rounds].get(str(number)), (call, criterion))


@router.post("/calibration/{number}/correct")
def correct(
    request: Request,
    who: Raters,
    number: Number,
    call: Short,
    criterion: Short,
    value: Short = "",
    turn: Short = "",
    words: Text = "",
    reason: Text = "",
) -> Response:
    """A correction is a new rating; what was given blind stays, and so does the round's verdict."""
    found = who.space.store[Rounds].get(str(number))
    try:
        stored = round_rating.correct(who.space, found, who.name, call, criterion, value, turn, words, reason)
    except (InputError, UsageError) as error:
        problem = "Say why: a correction is kept with its reason" if not reason.strip() else str(error)
        typed = Typed(value, reason, (), turn, words, problem)
        return _correct_page(request, who, found, (call, criterion), typed, status_of(error))
    who.audit("rating_corrected", stored.id, number=number, call=call, criterion=criterion)
    return done(request, f"/calibration/{number}/rate", "Your correction is kept beside what you gave first.")


def _correct_page(
    request: Request, who: SignedIn, found: CalibrationRound, cell: Cell, typed: Typed | None = None, status: int = 200
) -> HTMLResponse:
    rubric = who.space.store[Rubrics].get(found.rubric)
    criterion = Sheet(found, rubric, {}).cell(*cell)
    own = {(r.call, r.criterion): r for r in own_ratings(who.space, found, who.name)}
    if criterion not in own:
        raise UsageError(f"you have not submitted a rating of {cell[1]} on {cell[0]}; there is nothing to correct")
    values = {
        "found": found,
        "rating": own[criterion],
        "criterion": rubric.criterion(cell[1]),
        "call": who.space.store[Calls].get(cell[0]),
        "typed": typed or Typed(),
    }
    return render(request, "calibration/correct.html", who, values, status)
