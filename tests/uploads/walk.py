"""Uploads."""

from uuid import uuid4

from agent.calls.store import Calls
from agent.corrections import undoing
from agent.interviews.verbs import Proposed
from agent.rubrics.store import Rubrics
from agent.uploads import verbs
from agent.uploads.model import UploadedDocument
from agent.uploads.reading import Brought, check
from agent.uploads.staging import StagingArea
from agent.uploads.store import Uploads
from tests.api.walk import OPS_LEAD, Walk
from tests.app.acts import Act, Json
from tests.builders import call, owner

TALK = b"Rae: What does the late close cost you each month?\nCus: About nine thousand.\n"
CSV = ("files", ("calls.csv", b"file,date,rep\ntalk.txt,2026-10-02,Rae\n", "text/csv"))
FILES = [CSV, ("files", ("talk.txt", TALK, "text/plain"))]
INTERVIEWS = [
    ("files", ("i.csv", b"file,date,outcome,buyer,rep\ntalk.txt,2026-10-02,won,Cus,Rae\n", "text/csv")),
    FILES[1],
]
DEALS = [("file", ("deals.csv", b"deal_id,rep,opened,closed,outcome\nd-1,Rae,2026-01-02,2026-02-03,won\n", "text/csv"))]


def _staged(site):
    """Files of the ops lead's, who alone gets as far as to look for them. A name of its own each time: it is stored."""
    area = StagingArea(site.space.settings.workspace, site.people["ops_lead"].id)
    staged = area.begin("call")
    (area.folder(staged.id) / f"{uuid4().hex}.txt").write_bytes(TALK)
    facts = {name: {"date": "2026-10-02", "rep": "Rae"} for name in area.names(staged.id)}
    area.keep(staged.model_copy(update={"facts": facts}))
    return {"ident": staged.id}


def an_upload(site):
    ident = f"spare-{uuid4().hex[:8]}"
    documents = [UploadedDocument(id=ident, how="new")]
    upload = site.space.store[Uploads].begin("call", "ops_lead", "a file", documents)
    site.space.store[Calls].add(call(ident))
    return {"ident": upload.id}


WALK = {
    "GET /upload": Walk(OPS_LEAD),
    "POST /upload": Walk(OPS_LEAD, form={"kind": "call"}, files=FILES, status=303),
    "GET /upload/{ident}": Walk(OPS_LEAD, path=_staged),
    "POST /upload/{ident}/files": Walk(OPS_LEAD, path=_staged, form={}, files=FILES, status=303),
    "POST /upload/{ident}/table": Walk(OPS_LEAD, path=_staged, form={"kind": "interview"}, status=303),
    "GET /upload/{ident}/manifest.xlsx": Walk(OPS_LEAD, path=_staged),
    "POST /upload/{ident}/facts": Walk(OPS_LEAD, path=_staged, form={"name-0": "no such file"}, status=303),
    "POST /upload/{ident}/speakers": Walk(OPS_LEAD, path=_staged, form={"label-0": "a: b"}, status=303),
    "POST /upload/{ident}/proposals": Walk(OPS_LEAD, path=_staged, form={}, status=303),
    "POST /upload/{ident}/hear": Walk(OPS_LEAD, path=_staged, form={}, status=422),  # no recording is among the files
    "POST /upload/{ident}/store": Walk(OPS_LEAD, path=_staged, form={}, status=303),
    "POST /upload/{ident}/discard": Walk(OPS_LEAD, path=_staged, form={}, status=303),
    "GET /uploads/{ident}": Walk(OPS_LEAD, path=an_upload),
    "POST /api/v1/interviews/import": Walk(OPS_LEAD, form={"check_only": "true"}, files=INTERVIEWS, status=201),
    "POST /api/v1/calls/import": Walk(OPS_LEAD, form={"check_only": "true"}, files=FILES, status=201),
    "POST /api/v1/imports/{kind}": Walk(OPS_LEAD, path={"kind": "deals"}, form={}, files=DEALS, status=201),
    "GET /api/v1/uploads": Walk(OPS_LEAD),
    "GET /api/v1/uploads/{ident}": Walk(OPS_LEAD, path=an_upload),
}


def _folder(site):
    """A folder with one call that is in no workspace yet, and its table."""
    folder = site.space.settings.workspace / uuid4().hex
    folder.mkdir()
    (folder / f"{folder.name}.txt").write_bytes(TALK)
    (folder / "m.csv").write_text(f"file,date,rep\n{folder.name}.txt,2026-10-02,Rae\n")
    return folder


def _checked(site):
    folder = _folder(site)
    return check(site.space, Brought("call", "m.csv", folder / "m.csv", folder))


def _import_command(site):
    folder = _folder(site)
    return ["calls", "import", str(folder), "--manifest", str(folder / "m.csv")]


def _proposals(site):
    area = StagingArea(site.space.settings.workspace, site.people["ops_lead"].id)
    return [area.begin("call").id, area, Proposed()]


def _table(site, name, text):
    path = site.space.settings.workspace / f"{uuid4().hex}-{name}.csv"
    path.write_text(text)
    return [str(path)]


def _interviews(site):
    folder = _folder(site)
    (folder / "i.csv").write_text(f"file,date,outcome,buyer,rep\n{folder.name}.txt,2026-10-02,won,Cus,Rae\n")
    return [str(folder), "--manifest", str(folder / "i.csv")]


def _new_files(site):
    """Requests have the same files each time: what they brought before is taken away first."""
    for upload in site.space.store[Uploads].page():
        if upload.undoable and any(one.id == "talk" for one in upload.open):
            undoing.take_back(owner(site.space), upload.id)
    return {}


ACTS = [
    Act(
        verbs.bring_in,
        lambda site: [_checked(site)],
        routes=["POST /upload/{ident}/store", "POST /api/v1/imports/{kind}"],
        walks={
            "POST /api/v1/interviews/import": Walk(OPS_LEAD, path=_new_files, form={}, files=INTERVIEWS, status=201),
            "POST /api/v1/calls/import": Walk(OPS_LEAD, path=_new_files, form={}, files=FILES, status=201),
        },
        command=_import_command,
    ),
    Act(verbs.keep_proposals, _proposals),
]
_OWN = "files on their way in are the person's own; nothing of the workspace changes"
NO_VERB = {
    "POST /upload": _OWN,
    "POST /upload/{ident}/files": _OWN,
    "POST /upload/{ident}/table": _OWN,
    "POST /upload/{ident}/facts": _OWN,
    "POST /upload/{ident}/speakers": _OWN,
    "POST /upload/{ident}/discard": _OWN,
    "POST /upload/{ident}/hear": "asks a model; verbs.start_hearing has the job that does",
    "POST /upload/{ident}/proposals": "asks a model; verbs.keep_proposals keeps what it says",
}

NOT_ACTED = {"uploads.verbs.start_hearing": "tests/speech/test_upload_page.py holds its entry in the audit log"}

JSON = {
    "interviews import": Json("POST /api/v1/interviews/import", _interviews),
    "calls import": Json("POST /api/v1/calls/import", lambda site: _import_command(site)[2:]),
    "ratings import": Json(
        "POST /api/v1/imports/{kind}",
        lambda site: [
            *_table(site, "r", "call_id,date,rep,criterion,value\nx-1,2026-01-02,Rae,asks_cost,1\n"),
            *("--rubric", site.space.store[Rubrics].all()[0].rubric.label),
        ],
    ),
    "deals import": Json(
        "POST /api/v1/imports/{kind}",
        lambda site: _table(site, "d", "deal_id,rep,opened,closed,outcome\nd-9,Rae,2026-01-02,2026-02-03,won\n"),
    ),
    "coaching import": Json(
        "POST /api/v1/imports/{kind}",
        lambda site: _table(site, "c", "rep,cycle,start,end,criteria\nRae,c1,2026-01-01,2026-02-01,asks_cost\n"),
    ),
    "uploads list": Json("GET /api/v1/uploads", lambda site: an_upload(site) and []),
    "uploads show": Json("GET /api/v1/uploads/{ident}", lambda site: [an_upload(site)["ident"]]),
}
NO_API = {
    "interviews manifest": "reads files that only the person at the terminal has",
    "calls manifest": "reads files that only the person at the terminal has",
    "formats": "reads files that only the person at the terminal has",
    "deals list": "the API sends no single deals",
    "coaching list": "the API sends cycles by rep, with who wrote them down",
}
