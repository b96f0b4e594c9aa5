"""Documents as files, over the API and from the pages of what they are about."""

import json
from typing import Annotated, Literal

from fastapi import Path, Query, Response

from agent.app.documents.formats import written
from agent.app.web.auth import Anybody, Team
from agent.app.web.files import attached, described
from agent.app.web.routes import api_router, page_router
from agent.documents.scores import as_csv
from agent.documents.verbs import (
    export_calibration,
    export_report,
    export_scorecard,
    export_scores,
    export_scoring_guide,
    export_summary,
    export_team_report,
)
from agent.profiles.api import Period
from agent.rubrics.store import Rubrics
from agent.rubrics.switcher import RubricRef
from agent.rubrics.web import Ref

rubrics = api_router("rubrics")
rounds = api_router("calibration")
documents = api_router("documents")
pages = page_router()

Number = Annotated[int, Path(ge=1, le=10**9, description="Number of the round.", examples=[2])]
Kind = Literal["docx", "pdf", "md", "html", "xlsx"]
FILE = described("docx", "pdf", "md", "html", "xlsx")


@rounds.get("/rounds/{number}/record", responses=FILE, response_class=Response)
@pages.get("/calibration/{number}/record")
def record(who: Team, number: Number, format: Annotated[Kind, Query(description="Kind of file.")] = "docx") -> Response:
    """The record of the round on paper: verdicts, differences, decisions, what was reworded since."""
    return attached(written(export_calibration(who, str(number)), format), f"calibration-round-{number}", format)


@rubrics.get("/rubrics/{ref}/guide", response_class=Response, responses=FILE)
@pages.get("/rubric/{ref}/guide/{format}")
def scoring_guide(who: Team, ref: Ref, format: Kind = "html") -> Response:
    """The scoring guide: levels, examples, near misses. What is withheld while a round is blind is not in it."""
    label = who.space.store[Rubrics].get(ref).label
    return attached(written(export_scoring_guide(who, ref), format), f"scoring-guide-{label}", format)


Form = Annotated[Kind, Query(description="Kind of file.")]
RepName = Annotated[str, Query(min_length=1, max_length=200, description="Whose scorecard.")]


@documents.get("/documents/scorecard", response_class=Response, responses=FILE)
def scorecard(
    who: Anybody, rep: RepName, rubric: RubricRef = "", period: Period = "", format: Form = "docx"
) -> Response:
    """One rep on every criterion, with quotes, call by call. A rep gets the own."""
    return attached(written(export_scorecard(who, rep, rubric, period), format), f"scorecard-{rep}", format)


@documents.get("/documents/scores", response_class=Response, responses=described("csv", "json"))
@pages.get("/scores")
def call_scores(
    who: Anybody,
    rubric: RubricRef = "",
    since: Annotated[str, Query(max_length=40, description="Only calls rated since: a day or a time, ISO 8601.")] = "",
    call: Annotated[str, Query(max_length=200, description="Only this call.")] = "",
    format: Literal["csv", "json"] = "csv",
) -> Response:
    """What counts on each call, a row a criterion, with ids that stay: for a CRM or a warehouse. A rep gets the own.

    `X-Read-At` is what to send as `since` the next time.
    """
    made = export_scores(who, rubric, since, call)
    content = (
        as_csv(made.rows) if format == "csv" else json.dumps([row.data() for row in made.rows], ensure_ascii=False)
    )
    answer = attached(content.encode(), "scores", format)
    answer.headers["X-Read-At"] = made.read_at.isoformat()
    return answer


@documents.get("/documents/team-report", response_class=Response, responses=FILE)
@pages.get("/team-report")
def team_report(who: Team, rubric: RubricRef = "", period: Period = "", format: Form = "docx") -> Response:
    """Every rep on every criterion, gaps that several share, gaps of one."""
    return attached(written(export_team_report(who, rubric, period), format), "team-report", format)


@documents.get("/documents/report", response_class=Response, responses=described("html"))
@pages.get("/report")
def report(who: Team, rubric: RubricRef = "") -> Response:
    """Everything that was concluded, as one self-contained HTML page."""
    return attached(export_report(who, rubric=rubric).encode(), "closeread-report", "html")


@documents.get("/documents/summary", response_class=Response, responses=FILE)
@pages.get("/summary")
def summary(who: Team, rubric: RubricRef = "", period: Period = "", format: Form = "docx") -> Response:
    """What separates won deals from lost ones, and where the team stands on it."""
    return attached(written(export_summary(who, rubric, period), format), "executive-summary", format)


@pages.get("/profiles/{rep}/scorecard")
def scorecard_on_page(
    who: Anybody, rep: str, rubric: RubricRef = "", period: Period = "", format: Form = "docx"
) -> Response:
    """The scorecard on paper."""
    return scorecard(who, rep, rubric, period, format)
