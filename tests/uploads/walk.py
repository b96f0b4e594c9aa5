"""Uploads."""

from uuid import uuid4

from agent.calls.store import Calls
from agent.uploads.model import UploadedDocument
from agent.uploads.staging import StagingArea
from agent.uploads.store import Uploads
from tests.api.walk import OPS_LEAD, Walk
from tests.builders import call

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


def _upload(site):
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
    "POST /upload/{ident}/facts": Walk(OPS_LEAD, path=_staged, form={"name-0": "no such file"}, status=303),
    "POST /upload/{ident}/speakers": Walk(OPS_LEAD, path=_staged, form={"label-0": "a: b"}, status=303),
    "POST /upload/{ident}/proposals": Walk(OPS_LEAD, path=_staged, form={}, status=303),
    "POST /upload/{ident}/store": Walk(OPS_LEAD, path=_staged, form={}, status=303),
    "POST /upload/{ident}/discard": Walk(OPS_LEAD, path=_staged, form={}, status=303),
    "GET /uploads/{ident}": Walk(OPS_LEAD, path=_upload),
    "POST /uploads/{ident}/undo": Walk(OPS_LEAD, path=_upload, form={}, status=303),
    "POST /api/v1/interviews/import": Walk(OPS_LEAD, form={"check_only": "true"}, files=INTERVIEWS, status=201),
    "POST /api/v1/calls/import": Walk(OPS_LEAD, form={"check_only": "true"}, files=FILES, status=201),
    "POST /api/v1/imports/{kind}": Walk(OPS_LEAD, path={"kind": "deals"}, form={}, files=DEALS, status=201),
    "GET /api/v1/uploads": Walk(OPS_LEAD),
    "GET /api/v1/uploads/{ident}": Walk(OPS_LEAD, path=_upload),
    "POST /api/v1/uploads/{ident}/undo": Walk(OPS_LEAD, path=_upload),
}
