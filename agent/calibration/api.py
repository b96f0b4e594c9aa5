"""Calibration rounds: opening, who has submitted, the log, ending."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import Path, Response

from agent.app.telling import unsaid
from agent.app.web.auth import OpsLead, SignedIn, Team
from agent.app.web.paging import Page, Pages
from agent.app.web.routes import api_router
from agent.calibration.model import CalibrationRound
from agent.calibration.store import Rounds
from agent.calibration.views import Ending, LogOut, NewRound, RoundOut
from agent.rubrics.store import Rubrics

router = api_router("calibration")

Number = Annotated[int, Path(ge=1, le=10**9, description="Number of the round.", examples=[2])]


@router.get("/rounds")
def list_rounds(who: Team, paging: Pages) -> Page[RoundOut]:
    """All rounds, newest first."""
    space, behind = who.space, paging.after
    newest_first = sorted(space.store[Rounds].all(), key=lambda found: -found.number)
    left = [found for found in newest_first if behind is None or found.number < behind]
    return paging.page(left[: paging.fetch], lambda found: found.number, lambda found: RoundOut.of(space, found))


@router.post("/rounds", status_code=201)
def open_round(who: OpsLead, new: NewRound, response: Response) -> RoundOut:
    """Open a round. Where the model is one of the raters it is asked for the ratings that it has not given yet."""
    found = opened(who, new.rubric, new.raters, new.calls, new.pick, new.seed)
    response.headers["Location"] = f"/api/v1/rounds/{found.number}"
    return RoundOut.of(who.space, found)


def opened(
    who: SignedIn, rubric: str, raters: Sequence[str], calls: Sequence[str], pick: int, seed: int
) -> CalibrationRound:
    """A new round, noted in the audit log. For the page as well."""
    from agent.calibration import round_opening
    from agent.calibration.round_choice import people_among

    space = who.space
    names = people_among(space, raters)
    wanted = space.store[Rubrics].get(rubric)
    chosen = round_opening.chosen_calls(space, calls, pick, seed)
    # This runs in a thread of its own: the model's answers are waited for here, and the server goes on.
    found = asyncio.run(round_opening.open_round(space, unsaid, wanted, names, chosen))
    who.audit("round_opened", found.id, number=found.number, rubric=wanted.id, raters=list(names), calls=len(chosen))
    return found


@router.get("/rounds/{number}")
def read_round(who: Team, number: Number) -> RoundOut:
    """One round: who has submitted and how far the others are, never what they gave."""
    return RoundOut.of(who.space, who.space.store[Rounds].get(str(number)))


@router.post("/rounds/{number}/close")
def close_round(who: OpsLead, number: Number, ending: Ending) -> RoundOut:
    """End a round. A rubric whose criteria have all passed becomes calibrated."""
    from agent.calibration.round_rating import close_round as close

    space = who.space
    found = close(space, space.store[Rounds].get(str(number)), who.name, ending.reason, give_up=ending.give_up)
    who.audit("round_closed", found.id, number=number, gave_up=ending.give_up)
    return RoundOut.of(space, found)


@router.get("/rounds/{number}/log")
def read_log(who: Team, number: Number, paging: Pages) -> Page[LogOut]:
    """The round's log, oldest first: who looked, drafted, submitted, corrected. Nothing is ever taken out of it."""
    store = who.space.store
    entries = list(enumerate(store[Rounds].log([store[Rounds].get(str(number))])))
    left = [row for row in entries if paging.after is None or row[0] > paging.after]
    return paging.page(left[: paging.fetch], lambda row: row[0], lambda row: LogOut.of(row[1]))
