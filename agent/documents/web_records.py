"""The record of a calibration round as a file, over the API and from the round's page."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path, Query, Response

from agent.app.documents.formats import written
from agent.app.web.auth import SignedIn, Team
from agent.app.web.routes import api_router, page_router
from agent.documents.verbs import calibration_document

api = api_router("calibration")
pages = page_router()

Number = Annotated[int, Path(ge=1, le=10**9, description="Number of the round.", examples=[2])]
Kind = Literal["docx", "pdf", "md", "html", "xlsx"]
MEDIA: dict[Kind, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The document.", "content": {kind.partition(";")[0]: {} for kind in MEDIA.values()}}
}


@api.get("/rounds/{number}/record", responses=_FILE, response_class=Response)
def record(who: Team, number: Number, format: Annotated[Kind, Query(description="Kind of file.")] = "docx") -> Response:
    """The record of the round on paper: verdicts, differences, decisions, what was reworded since."""
    return _file(who, number, format)


@pages.get("/calibration/{number}/record")
def record_on_page(who: Team, number: Number, format: Annotated[Literal["docx", "pdf"], Query()] = "docx") -> Response:
    """The record of the round on paper."""
    return _file(who, number, format)


def _file(who: SignedIn, number: int, kind: Kind) -> Response:
    content = written(calibration_document(who.space, str(number)), kind)
    who.read(f"round {number}", "document_exported")
    name = f"calibration-round-{number}.{kind}"
    return Response(content, media_type=MEDIA[kind], headers={"Content-Disposition": f'attachment; filename="{name}"'})
