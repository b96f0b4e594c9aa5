"""Taking uploads back: the API, and the part of an upload's page."""

from typing import Annotated

from fastapi import Form, Path, Query, Request
from fastapi.responses import Response

from agent.app.panels import Panel, panel
from agent.app.verb import Who
from agent.app.web.auth import OpsLead
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done
from agent.core.language import _
from agent.corrections import undoing
from agent.uploads.views import TakenBackView, UploadView

api = api_router("uploads")
pages = page_router()

Ident = Annotated[str, Path(max_length=40, examples=["up-4f1c2a9b7d3e"])]


@api.get("/uploads/{ident}/undo")
def preview_undo(who: OpsLead, ident: Ident) -> TakenBackView:
    """What taking this upload back would do now; nothing is changed."""
    return TakenBackView.model_validate(undoing.preview(who.space, ident).model_dump())


@api.post("/uploads/{ident}/undo")
def undo_upload(
    who: OpsLead, ident: Ident, along: Annotated[bool, Query(description="Also with what models read in it.")] = False
) -> TakenBackView:
    """Take an upload back: what it added is removed, facts it changed are restored, except
    where something rests on it."""
    return TakenBackView.model_validate(undoing.take_back(who, ident, along=along).model_dump())


@panel("upload")
def taking_back(who: Who, upload: UploadView) -> Panel:
    """What would go, and the button."""
    along = undoing.preview(who.space, upload.id).along if upload.undoable else {}
    return Panel("corrections/_take_back.html", {"upload": upload, "along": along})


@pages.post("/uploads/{ident}/undo")
def undo_on_page(request: Request, who: OpsLead, ident: Ident, along: Annotated[bool, Form()] = False) -> Response:
    """Take it back."""
    made = undoing.take_back(who, ident, along=along)
    said = [_("{removed} removed", removed=f"{len(made.removed):,}")] if made.removed else []
    said += [_("{restored} put back as before", restored=f"{len(made.restored):,}")] if made.restored else []
    said += [_("{kept} stay because something rests on them", kept=f"{len(made.kept):,}")] if made.kept else []
    return done(request, f"/uploads/{ident}", f"{', '.join(said)}.".capitalize())
