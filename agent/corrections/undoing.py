"""Taking an upload back, however long ago it was, also with what models read since in what it brought."""

from agent.app.verb import Who, verb
from agent.corrections.store import Corrections
from agent.corrections.verbs import remove_documents
from agent.uploads.model import TakenBack
from agent.uploads.store import Uploads
from agent.workspace import Workspace


def preview(space: Workspace, ident: str) -> TakenBack:
    """What taking this upload back would do now. Conflict where there is nothing of it left to take back."""
    uploads = space.store[Uploads]
    made, upload = uploads.preview(ident), uploads.get(ident)
    if upload.kind not in ("interview", "call"):
        return made
    hanging = space.store[Corrections].hangings(upload.kind, list(made.kept))
    along = {
        one: "; ".join(bound.along)
        for one, bound in hanging.items()
        if made.kept[one] in bound.along and not bound.holds
    }
    return made.model_copy(update={"along": along})


@verb(
    "ops_lead",
    audit="upload_undone",
    facts=lambda done: {"removed": len(done.removed), "restored": len(done.restored), "kept": len(done.kept)},
)
def take_back(who: Who, ident: str, *, along: bool = False) -> TakenBack:
    """Take an upload back: what it added is removed, facts it changed are restored, except where something rests
    on it. With `along` what models read in it since goes too, and patterns are counted without it. Conflict
    where nothing can be taken back."""
    uploads = who.space.store[Uploads]
    kind, going = uploads.get(ident).kind, tuple(preview(who.space, ident).along) if along else ()
    if going and (kind == "interview" or kind == "call"):
        remove_documents(who.space, kind, going)
    return uploads.undo(ident, going)
