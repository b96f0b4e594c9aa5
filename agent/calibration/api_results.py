"""What comes out of a round: the report, settled differences, sharper wording, the record on paper."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import Query, Response

from agent.app.web.auth import OpsLead, Raters, SignedIn, Team
from agent.app.web.routes import api_router
from agent.calibration import rounds
from agent.calibration import sharpening_verbs as sharpening
from agent.calibration.api import Number
from agent.calibration.store import Rounds
from agent.calibration.views import AdjudicationOut, ChangeIn, RubricRef
from agent.calibration.views_report import ReportOut
from agent.calibration.views_rewording import Accepted, DraftsWanted, NewVersion, SharperDrafts, SharperOut

router = api_router("calibration")

Form = Literal["docx", "pdf", "md", "html", "xlsx"]
MEDIA: dict[Form, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The document.", "content": {kind.partition(";")[0]: {} for kind in MEDIA.values()}}
}


@router.get("/rounds/{number}/report")
def report(who: Team, number: Number) -> ReportOut:
    """Verdicts, calls that split the raters, leniency, the model. 409 until all have submitted, for everybody."""
    return ReportOut.of(rounds.report_of(who.space, str(number), who.name))


@router.post("/rounds/{number}/adjudications", status_code=201)
def adjudicate(who: Raters, number: Number, change: ChangeIn) -> AdjudicationOut:
    """Settle a difference: what the rating should have been. The raters' own ratings stay as they were."""
    from agent.calibration.round_rating import adjudicate as settle

    space = who.space
    rated = rounds.rated_round(space, space.store[Rounds].get(str(number)), who.name)
    turn, words = change.named
    decision = settle(space, rated, who.name, change.call, change.criterion, change.value, turn, words, change.reason)
    who.audit("difference_settled", rated.round.id, number=number, call=change.call, criterion=change.criterion)
    return AdjudicationOut.of(decision)


@router.post("/rounds/{number}/sharpen/drafts")
def draft(who: OpsLead, number: Number, wanted: DraftsWanted) -> SharperDrafts:
    """Ask the model bound as drafter for sharper wordings, made from the calls that split the raters."""
    space = who.space
    found = rounds.report_of(space, str(number), who.name)
    drafts = asyncio.run(sharpening.drafted(space, found, wanted.criteria, wanted.budget_usd))
    who.audit("wording_drafted", found.round.id, number=number, criteria=[d.criterion.id for d in drafts])
    before = {c.id: len(c.examples) for c in found.rubric.criteria}
    return SharperDrafts(items=[SharperOut.of(d, before[d.criterion.id]) for d in drafts])


@router.post("/rounds/{number}/sharpen/accept", status_code=201)
def accept(who: OpsLead, number: Number, accepted: Accepted, response: Response) -> NewVersion:
    """Store the wordings as a new version of the round's rubric. The old version stays."""
    from agent.calibration.rewording import reworded_rubric

    space = who.space
    found = rounds.report_of(space, str(number), who.name)
    new = reworded_rubric(space, found, [one.given for one in accepted.criteria], accepted.label)
    who.audit("rubric_sharpened", new.id, number=number, label=new.label, before=found.rubric.id)
    return NewVersion(
        rubric=RubricRef(id=new.id, label=new.label),
        before=RubricRef(id=found.rubric.id, label=found.rubric.label),
        diff=sharpening.difference(found.rubric, new),
    )


@router.get("/rounds/{number}/record", responses=_FILE, response_class=Response)
def record(who: Team, number: Number, format: Annotated[Form, Query(description="Kind of file.")] = "docx") -> Response:
    """The record of the round on paper: verdicts, differences, decisions, what was reworded since."""
    return record_file(who, number, format)


def record_file(who: SignedIn, number: int, form: Form) -> Response:
    """The record as a file to download. For the page as well."""
    from agent.app.documents.formats import written
    from agent.documents.verbs import calibration_document

    content = written(calibration_document(who.space, str(number)), form)
    name = f"calibration-round-{number}.{form}"
    return Response(content, media_type=MEDIA[form], headers={"Content-Disposition": f'attachment; filename="{name}"'})
