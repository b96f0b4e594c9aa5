"""Documents of a rubric and of a calibration round as files, over the API and from their pages."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query, Response

from agent.app.documents.formats import written
from agent.app.telling import unsaid
from agent.app.web.auth import SignedIn, Team
from agent.app.web.files import attached, described
from agent.app.web.routes import api_router, page_router
from agent.documents.verbs import calibration_document, scoring_guide_document
from agent.rubrics.store import Rubrics
from agent.rubrics.web import Ref

rubrics = api_router("rubrics")
rounds = api_router("calibration")
pages = page_router()

Number = Annotated[int, Path(ge=1, le=10**9, description="Number of the round.", examples=[2])]
Kind = Literal["docx", "pdf", "md", "html", "xlsx"]
FILE = described("docx", "pdf", "md", "html", "xlsx")


@rounds.get("/rounds/{number}/record", responses=FILE, response_class=Response)
def record(who: Team, number: Number, format: Annotated[Kind, Query(description="Kind of file.")] = "docx") -> Response:
    """The record of the round on paper: verdicts, differences, decisions, what was reworded since."""
    return _record(who, number, format)


@pages.get("/calibration/{number}/record")
def record_on_page(who: Team, number: Number, format: Annotated[Literal["docx", "pdf"], Query()] = "docx") -> Response:
    """The record of the round on paper."""
    return _record(who, number, format)


def _record(who: SignedIn, number: int, kind: Kind) -> Response:
    return attached(written(calibration_document(who.space, str(number)), kind), f"calibration-round-{number}", kind)


@rubrics.get("/rubrics/{ref}/guide", response_class=Response, responses=FILE)
def scoring_guide(who: Team, ref: Ref, format: Kind = "html") -> Response:
    """The scoring guide: levels, examples, near misses."""
    return _guide(who, ref, format)


@pages.get("/rubric/{ref}/guide/{form}")
def guide_on_page(who: Team, ref: Ref, form: Literal["html", "docx", "pdf"]) -> Response:
    """The scoring guide as a file."""
    return _guide(who, ref, form)


def _guide(who: SignedIn, ref: str, form: Kind) -> Response:
    """What is withheld while a round is blind is not in it."""
    label = who.space.store[Rubrics].get(ref).label
    document = scoring_guide_document(who.space, unsaid, ref, who.name)
    return attached(written(document, form), f"scoring-guide-{label}", form)
