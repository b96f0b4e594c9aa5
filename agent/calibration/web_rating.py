"""A rater's own screen and sheet over HTTP: one criterion at a time beside the transcript, saved at each change.

Nobody else's ratings are ever here. The API first, then the pages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from agent.app.web.auth import Raters, SignedIn
from agent.app.web.forms import Typed
from agent.app.web.problems import status_of
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.calibration import verbs
from agent.calibration.model import CalibrationRound
from agent.calibration.sheet import Cell, OnScreen, Sheet, located, own_ratings, sheet, shown_examples, without_words
from agent.calibration.steps import step_of_round
from agent.calibration.store import Rounds
from agent.calibration.views import CellView, ChangeIn, DraftIn, DraftsView, DraftView, RoundRatingView, SubmittedView
from agent.calibration.web_rounds import Number, round_of
from agent.calls.store import Calls
from agent.core.errors import CloseReadError, InputError, UsageError
from agent.core.language import _
from agent.ratings.overriding import Given
from agent.rubrics.store import Rubrics

api = api_router("calibration")
pages = page_router()


@api.get("/rounds/{number}/drafts")
def my_drafts(who: Raters, number: Number) -> DraftsView:
    """Your own ratings that are not submitted, and what is missing. Nobody else's are ever here."""
    mine = sheet(who.space, round_of(who, number), who.name)
    items = [DraftView.model_validate(mine.drafts[cell]) for cell in mine.cells if cell in mine.drafts]
    missing = [CellView(call=call, criterion=criterion) for call, criterion in mine.missing]
    return DraftsView(items=items, wanted=len(mine.cells), missing=missing)


@api.post("/rounds/{number}/drafts")
def save_draft(who: Raters, number: Number, new: DraftIn) -> DraftView:
    """Keep one rating; it takes the place of the one you gave before. Quotes come back as the transcript has them."""
    quotes = [quote.named for quote in new.quotes]
    round_ = round_of(who, number)
    return DraftView.model_validate(
        verbs.save_draft(who, round_, new.call, new.criterion, new.value, quotes, new.reason)
    )


@api.post("/rounds/{number}/submit")
def submit(who: Raters, number: Number) -> SubmittedView:
    """Make your ratings final. From then on you may see those of others who have submitted."""
    made = verbs.submit_ratings(who, str(number))
    return SubmittedView(ratings=made.ratings, waiting=list(made.round.waiting))


@api.post("/rounds/{number}/corrections", status_code=201)
def correct(who: Raters, number: Number, change: ChangeIn) -> RoundRatingView:
    """Correct a rating after submitting. The round's verdict goes on resting on what was given blind."""
    return RoundRatingView.of(
        verbs.correct_rating(who, str(number), change.call, change.criterion, change.given).rating
    )


# Pages.

Text = Annotated[str, Form(max_length=4000)]
Short = Annotated[str, Form(max_length=200)]
Which = Annotated[str, Query(max_length=200)]
Many = Annotated[list[Annotated[str, Form(max_length=4000)]], Form(max_length=20)]

_UNSAVED = "Choose a level: a quote or a reason is kept only with one"


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


@pages.get("/calibration/{number}/rate")
def screen(request: Request, who: Raters, number: Number, call: Which = "", criterion: Which = "") -> Response:
    """Where I left off, or the call and criterion asked for; after submitting, my own ratings."""
    space = who.space
    round_ = round_of(who, number)
    if who.name in round_.submitted:
        return _own_page(request, who, round_)
    space.store[Rounds].check_open(round_, who.name)
    mine = sheet(space, round_, who.name)
    if not call and not mine.missing:
        return RedirectResponse(f"/calibration/{number}/submit", 303)
    return _screen(request, who, mine, mine.cell(call, criterion))


@pages.post("/calibration/{number}/rate")
def save(request: Request, who: Raters, number: Number, form: Typed) -> Response:
    """Save this criterion; then stay, or go on to the one before or after."""
    round_, do = round_of(who, number), form.get("do", "save")
    pairs = zip(form.all("quote_turn"), form.all("quote_words"), strict=False)
    there = [pair for place, pair in enumerate(pairs) if str(place) != form.get("drop")]
    scripted = request.headers.get("hx-request") == "true"
    adds = do == "quote" or not scripted  # while somebody types words, saving the reason must not take them
    given = Given.typed(form)
    value, added = form.get("level") or given.value, (given.turn, given.words) if adds else ("", "")
    sent = Sent((form.get("call", ""), form.get("criterion", "")), value, given.reason, there, *added)
    try:
        typed = _kept(who, round_, sent)
        if do in ("next", "back") and not typed.value and (typed.quotes or typed.reason.strip()):
            raise InputError(_UNSAVED)
    except (InputError, UsageError) as error:
        return _refused(request, who, round_, sent, error)
    if do in ("next", "back"):
        return _moved(request, who, round_, sent.cell, 1 if do == "next" else -1)
    if scripted:
        return render(request, "calibration/_saved.html", who, _saved_values(who, round_, typed, sent.cell))
    return RedirectResponse(_address(round_, sent.cell), 303)


def _kept(who: SignedIn, round_: CalibrationRound, sent: Sent) -> OnScreen:
    """The draft as it is stored now; without a value nothing is stored, and the quotes are located all the same."""
    call, criterion = sent.cell
    quotes = [*sent.quotes, *([(sent.turn, sent.words)] if sent.adds else [])]
    if sent.value:
        return OnScreen.of(verbs.save_draft(who, round_, call, criterion, sent.value, quotes, sent.reason))
    who.space.store[Rounds].check_open(round_, who.name)
    return OnScreen("", sent.reason, located(who.space, round_, sent.cell, quotes))


def _refused(
    request: Request, who: SignedIn, round_: CalibrationRound, sent: Sent, error: CloseReadError
) -> HTMLResponse:
    """The screen as it was, with what was wrong; nothing that was typed is lost."""
    before = located(who.space, round_, sent.cell, sent.quotes)
    typed = OnScreen(sent.value, sent.reason, before, sent.turn, sent.words, error.what)  # the call stands above
    if request.headers.get("hx-request") == "true":
        values = _saved_values(who, round_, typed, sent.cell)
        page = render(request, "calibration/_saved.html", who, values, status_of(error))
        page.headers.update({"HX-Retarget": "#saved", "HX-Reswap": "outerHTML"})
        return page
    mine = sheet(who.space, round_, who.name)
    return _screen(request, who, mine, mine.cell(*sent.cell), typed, status_of(error))


def _moved(request: Request, who: SignedIn, round_: CalibrationRound, cell: Cell, steps: int) -> Response:
    """On to the next criterion: only the form where the call stays, the whole page where it does not."""
    mine = sheet(who.space, round_, who.name)
    target = mine.beside(mine.cell(*cell), steps)
    address = _address(round_, target) if target else f"/calibration/{round_.number}/submit"
    if request.headers.get("hx-request") != "true":
        return RedirectResponse(address, 303)
    if target is None or target[0] != cell[0]:
        return Response(status_code=204, headers={"HX-Redirect": address})
    page = render(request, "calibration/_rating.html", who, _cell_values(mine, target))
    page.headers["HX-Push-Url"] = address
    return page


def _screen(
    request: Request, who: SignedIn, mine: Sheet, cell: Cell, typed: OnScreen | None = None, status: int = 200
) -> HTMLResponse:
    who.read(cell[0])
    values = _cell_values(mine, cell, typed) | {"call": who.space.store[Calls].get(cell[0])}
    return render(request, "calibration/rate.html", who, values, status)


def _cell_values(mine: Sheet, cell: Cell, typed: OnScreen | None = None) -> dict[str, Any]:
    criterion = mine.rubric.criterion(cell[1])
    assert criterion is not None  # Sheet.cell has looked
    return {
        "found": mine.round,
        "mine": mine,
        "cell": cell,
        "criterion": criterion,
        "typed": typed or OnScreen.of(mine.drafts.get(cell)),
        "examples": shown_examples(criterion, cell[0]),
        "back": mine.beside(cell, -1),
        "done": mine.done,
        "wanted": len(mine.cells),
    }


def _saved_values(who: SignedIn, round_: CalibrationRound, typed: OnScreen, cell: Cell) -> Mapping[str, Any]:
    wanted = len(round_.calls) * len(who.space.store[Rubrics].get(round_.rubric).criteria)
    done_so_far = who.space.store[Rounds].drafted(round_)[who.name]
    return {"found": round_, "cell": cell, "typed": typed, "done": done_so_far, "wanted": wanted}


def _address(round_: CalibrationRound, cell: Cell) -> str:
    return f"/calibration/{round_.number}/rate?{urlencode({'call': cell[0], 'criterion': cell[1]})}"


@pages.get("/calibration/{number}/submit")
def submit_form(request: Request, who: Raters, number: Number) -> Response:
    """What is missing, and the button that makes my ratings final."""
    round_ = round_of(who, number)
    if who.name in round_.submitted:
        return RedirectResponse(f"/calibration/{number}/rate", 303)
    return _submit_page(request, who, round_)


@pages.post("/calibration/{number}/submit")
def submit_on_page(request: Request, who: Raters, number: Number) -> Response:
    """Make my ratings final."""
    round_ = round_of(who, number)
    mine = sheet(who.space, round_, who.name)
    if mine.missing and who.name not in round_.submitted:
        return _submit_page(request, who, round_, status=409)
    made = verbs.submit_ratings(who, str(number))
    still = ", ".join(made.round.waiting)
    waiting = _("Still rating: {still}.", still=still) if still else _("All have submitted: compare.")
    return done(
        request,
        f"/calibration/{number}",
        _("Your {ratings} ratings are final. {waiting}", ratings=made.ratings, waiting=waiting),
    )


def _submit_page(request: Request, who: SignedIn, round_: CalibrationRound, status: int = 200) -> HTMLResponse:
    who.space.store[Rounds].check_open(round_, who.name)
    mine = sheet(who.space, round_, who.name)
    bare = without_words(list(mine.drafts.values()), mine.rubric)
    values = {"found": round_, "mine": mine, "bare": bare, "step": step_of_round(who, round_)}
    return render(request, "calibration/submit.html", who, values, status)


def _own_page(request: Request, who: SignedIn, round_: CalibrationRound) -> HTMLResponse:
    rubric = who.space.store[Rubrics].get(round_.rubric)
    ratings = own_ratings(who.space, round_, who.name)
    step = step_of_round(who, round_)
    values = {"found": round_, "rubric": rubric, "ratings": ratings, "step": step}
    return render(request, "calibration/own.html", who, values)


@pages.get("/calibration/{number}/correct")
def correct_form(request: Request, who: Raters, number: Number, call: Which, criterion: Which) -> HTMLResponse:
    """Change one of my submitted ratings, with a reason."""
    round_ = round_of(who, number)
    rubric = who.space.store[Rubrics].get(round_.rubric)
    cell = Sheet(round_, rubric, {}).cell(call, criterion)
    own = {(r.call, r.criterion): r for r in own_ratings(who.space, round_, who.name)}
    if cell not in own:
        raise UsageError(
            _(
                "you have not submitted a rating of {cell} on {cell_2}; there is nothing to correct",
                cell=criterion,
                cell_2=call,
            )
        )
    values = {
        "found": round_,
        "rating": own[cell],
        "criterion": rubric.criterion(criterion),
        "call": who.space.store[Calls].get(call),
    }
    return render(request, "calibration/correct.html", who, values)


@pages.post("/calibration/{number}/correct")
def correct_on_page(request: Request, who: Raters, number: Number, form: Typed) -> Response:
    """A correction is a new rating; what was given blind stays, and so does the round's verdict."""
    verbs.correct_rating(who, str(number), form.get("call", ""), form.get("criterion", ""), Given.typed(form))
    return done(request, f"/calibration/{number}/rate", _("Your correction is kept beside what you gave first."))
