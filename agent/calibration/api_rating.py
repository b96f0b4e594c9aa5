"""What a rater does in a round: own drafts, submitting, correcting."""

from __future__ import annotations

from agent.app.web.auth import Raters, Team
from agent.app.web.routes import api_router
from agent.calibration import round_rating
from agent.calibration.api import Number
from agent.calibration.round_sheet import sheet
from agent.calibration.store import Rounds
from agent.calibration.views import (
    CellOut,
    ChangeIn,
    DraftIn,
    DraftOut,
    DraftsOut,
    RevealOut,
    RoundRatingOut,
    SubmittedOut,
)
from agent.ratings.store import Ratings

router = api_router("calibration")


@router.get("/rounds/{number}/drafts")
def my_drafts(who: Raters, number: Number) -> DraftsOut:
    """Your own ratings that are not submitted, and what is missing. Nobody else's are ever here."""
    found = sheet(who.space, who.space.store[Rounds].get(str(number)), who.name)
    items = [DraftOut.of(found.drafts[cell]) for cell in found.cells if cell in found.drafts]
    missing = [CellOut(call=call, criterion=criterion) for call, criterion in found.missing]
    return DraftsOut(items=items, wanted=len(found.cells), missing=missing)


@router.post("/rounds/{number}/drafts")
def save_draft(who: Raters, number: Number, new: DraftIn) -> DraftOut:
    """Keep one rating; it takes the place of the one you gave before. Quotes come back as the transcript has them."""
    space = who.space
    draft = round_rating.save_draft(
        space,
        space.store[Rounds].get(str(number)),
        who.name,
        new.call,
        new.criterion,
        new.value,
        reason=new.reason,
        quotes=[quote.named for quote in new.quotes],
    )
    return DraftOut.of(draft)


@router.post("/rounds/{number}/submit")
def submit(who: Raters, number: Number) -> SubmittedOut:
    """Make your ratings final. From then on you may see those of others who have submitted."""
    space = who.space
    count, found = round_rating.submit(space, space.store[Rounds].get(str(number)), who.name)
    who.audit("round_submitted", found.id, number=number, ratings=count)
    return SubmittedOut(ratings=count, waiting=list(found.waiting))


@router.get("/rounds/{number}/ratings")
def reveal(who: Team, number: Number) -> RevealOut:
    """The submitted ratings as far as you may see them; each look is in the round's log."""
    store = who.space.store
    found = store[Rounds].get(str(number))
    look = store[Ratings].of_round(found.id, viewer=who.name)
    withheld = sum(kept.ratings for kept in look.withheld)
    items = [RoundRatingOut.of(rating) for rating in look.ratings]
    return RevealOut(items=items, withheld=withheld, waiting=list(found.waiting))


@router.post("/rounds/{number}/corrections", status_code=201)
def correct(who: Raters, number: Number, change: ChangeIn) -> RoundRatingOut:
    """Correct a rating after submitting. The round's verdict goes on resting on what was given blind."""
    space = who.space
    found = space.store[Rounds].get(str(number))
    turn, words = change.named
    stored = round_rating.correct(
        space, found, who.name, change.call, change.criterion, change.value, turn, words, change.reason
    )
    who.audit("rating_corrected", stored.id, number=number, call=change.call, criterion=change.criterion)
    return RoundRatingOut.of(stored)
