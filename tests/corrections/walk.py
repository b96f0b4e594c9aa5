"""Corrections of interviews and calls."""

from uuid import uuid4

from agent.calls.store import Calls
from agent.core.transcript import Transcript, Turn
from agent.corrections import stages, undoing, verbs
from agent.interviews.store import Interviews
from agent.interviews.verbs import Proposed
from agent.text.importers import Source
from agent.text.unmatched import Unmatched
from tests.api.walk import OPS_LEAD, Walk
from tests.app.acts import Act, Json
from tests.builders import call, interview, owner
from tests.uploads.walk import an_upload

WORDS = b"Ann: What happened then?\nBo: She asked what it costs us each month.\n"
CALL_WORDS = b"Rae: What does it cost you?\nCus: A lot.\n"


def _interview(site):
    ident = f"spare-{uuid4().hex[:8]}"
    site.space.store[Interviews].add(interview(ident))
    return {"ident": ident}


def _call(site):
    ident = f"spare-{uuid4().hex[:8]}"
    site.space.store[Calls].add(call(ident))
    return {"ident": ident}


def _changed(make, kind):
    def made(site):
        there = make(site)
        verbs.correct_speakers(
            owner(site.space), there["ident"], kind, {"Bo" if kind == "interview" else "Cus": "Ed"}, {}
        )
        return there

    return made


def _file(words):
    return [("file", ("right.txt", words, "text/plain"))]


RENAME = {"names": {"Bo": "Ed"}}
RENAME_CALL = {"names": {"Cus": "Ed"}}
FORM = {"label-1": "Bo", "name-1": "Ed", "side-1": "buyer"}
FORM_CALL = {"label-1": "Cus", "name-1": "Ed", "side-1": "customer"}


def _walk(plural, make, kind, words, renamed, form):
    api, page = f"/api/v1/{plural}/{{ident}}", f"/{plural}/{{ident}}"
    return {
        f"PUT {api}/words": Walk(OPS_LEAD, path=make, form={}, files=_file(words)),
        f"POST {api}/words/back": Walk(OPS_LEAD, path=_changed(make, kind)),
        f"POST {api}/speakers": Walk(OPS_LEAD, path=make, json=renamed),
        f"GET {api}/hanging": Walk(OPS_LEAD, path=make),
        f"DELETE {api}": Walk(OPS_LEAD, path=make),
        f"GET {page}/correct": Walk(OPS_LEAD, path=make),
        f"POST {page}/correct": Walk(OPS_LEAD, path=make, form=form, status=303),
        f"POST {page}/words": Walk(OPS_LEAD, path=make, form={}, files=_file(words), status=303),
        f"POST {page}/delete": Walk(OPS_LEAD, path=make, form={"confirm": "delete"}, status=303),
    }


def _open_call(site):
    """A call in which a third voice has no side yet. A label of its own each time: what is said holds for all of them."""
    made = call(f"spare-{uuid4().hex[:8]}")
    label = f"Voice {uuid4().hex[:6]}"
    turns = (*made.transcript.turns, Turn(index=len(made.transcript.turns), speaker=label, text="I do the demo."))
    words = Transcript(turns=turns, roles=made.transcript.roles)
    site.space.store[Calls].add(made.model_copy(update={"transcript": words}))
    return label


def _open_interview(site):
    made = interview(f"spare-{uuid4().hex[:8]}")
    label = f"Voice {uuid4().hex[:6]}"
    turns = (*made.transcript.turns, Turn(index=len(made.transcript.turns), speaker=label, text="I signed it."))
    words = Transcript(turns=turns, roles=made.transcript.roles)
    site.space.store[Interviews].add(made.model_copy(update={"transcript": words}))
    return label


def _all_settled(plural):
    """Nothing is open, so no model is needed that could propose."""
    kind = plural.removesuffix("s")

    def path(site):
        main = "buyer" if kind == "interview" else "rep"
        sides = {label: main for one in verbs.open_documents(site.space, kind) for label in one.open_sides}
        if sides:
            verbs.settle_sides(owner(site.space), kind, sides)
        return {}

    return path


def _stageless(site):
    """A call of which no stage is said."""
    ident = f"spare-{uuid4().hex[:8]}"
    site.space.store[Calls].add(call(ident))
    return {"ident": ident}


STAGES = {
    "POST /api/v1/stages/calls": Walk(
        OPS_LEAD, path=_stageless, json=lambda values: {"stages": {values["ident"]: "demo"}}
    ),
    "POST /stages/calls": Walk(
        OPS_LEAD, path=_stageless, form=lambda values: {"call-1": values["ident"], "stage-1": "demo"}, status=303
    ),
}


def _sides(plural):
    return {
        f"GET /api/v1/sides/{plural}": Walk(OPS_LEAD),
        f"POST /api/v1/sides/{plural}": Walk(OPS_LEAD, json={"sides": {}}, status=422),
        f"POST /api/v1/sides/{plural}/proposals": Walk(OPS_LEAD, path=_all_settled(plural)),
        f"GET /sides/{plural}": Walk(OPS_LEAD),
        f"POST /sides/{plural}/propose": Walk(OPS_LEAD, path=_all_settled(plural), form={}),
        f"POST /sides/{plural}": Walk(OPS_LEAD, form={"label-1": "Nobody"}, status=422),
    }


def _settled(plural, make):
    def path(site):
        return {"label": make(site)}

    return {
        f"POST /api/v1/sides/{plural}": Walk(
            OPS_LEAD, path=path, json=lambda values: {"sides": {values["label"]: "other"}}
        ),
        f"POST /sides/{plural}": Walk(
            OPS_LEAD, path=path, form=lambda values: {"label-1": values["label"], "side-1": "other"}, status=303
        ),
    }


SETTLED = _settled("interviews", _open_interview) | _settled("calls", _open_call)
WALK = (
    {
        "GET /api/v1/stages/calls": Walk(OPS_LEAD),
        "POST /api/v1/stages/calls": Walk(OPS_LEAD, json={"stages": {}}, status=422),
        "GET /stages/calls": Walk(OPS_LEAD),
        "POST /uploads/{ident}/undo": Walk(OPS_LEAD, path=an_upload, form={}, status=303),
        "GET /api/v1/uploads/{ident}/undo": Walk(OPS_LEAD, path=an_upload),
        "POST /api/v1/uploads/{ident}/undo": Walk(OPS_LEAD, path=an_upload),
        "POST /stages/calls": Walk(OPS_LEAD, form={"call-1": "nobody", "stage-1": "demo"}, status=404),
    }
    | _sides("interviews")
    | _sides("calls")
    | _walk("interviews", _interview, "interview", WORDS, RENAME, FORM)
    | _walk("calls", _call, "call", CALL_WORDS, RENAME_CALL, FORM_CALL)
)


def _path(site, words):
    path = site.space.settings.workspace / f"{uuid4().hex}.txt"
    path.write_bytes(words)
    return str(path)


def _both(end, method="POST"):
    return [f"{method} /api/v1/{plural}/{{ident}}{end}" for plural in ("interviews", "calls")]


def _pages(end):
    return [f"POST /{plural}/{{ident}}/{end}" for plural in ("interviews", "calls")]


def _proposed(site):
    one = site.space.store[Calls].get(_call(site)["ident"])
    return [Proposed(files=[(Unmatched(one.id, one.id, "call", (), one.transcript), [])])]


NO_VERB = {
    f"POST {path}": "asks a model; verbs.note_proposed has it in the log where there was something to ask"
    for plural in ("interviews", "calls")
    for path in (f"/api/v1/sides/{plural}/proposals", f"/sides/{plural}/propose")
}

ACTS = [
    Act(verbs.note_proposed, _proposed),
    Act(
        verbs.replace_words,
        lambda site: [_interview(site)["ident"], "interview", Source("right.txt", WORDS)],
        routes=[*_both("/words", "PUT"), *_pages("words")],
        command=lambda site: ["interviews", "replace", _interview(site)["ident"], _path(site, WORDS)],
    ),
    Act(
        verbs.restore_words,
        lambda site: [_changed(_call, "call")(site)["ident"], "call"],
        routes=_both("/words/back"),
        command=lambda site: ["calls", "replace", _changed(_call, "call")(site)["ident"], "--back"],
    ),
    Act(
        verbs.correct_speakers,
        lambda site: [_call(site)["ident"], "call", {"Cus": "Ed"}, {}],
        routes=[*_both("/speakers"), *_pages("correct")],
        command=lambda site: ["calls", "correct", _call(site)["ident"], "--name", "Cus=Ed"],
    ),
    Act(
        verbs.settle_sides,
        lambda site: ["call", {_open_call(site): "other"}],
        routes=list(SETTLED),
        walks=SETTLED,
        command=lambda site: ["calls", "sides", "--side", f"{_open_call(site)}=other"],
    ),
    Act(
        stages.say_stages,
        lambda site: [{_stageless(site)["ident"]: "demo"}],
        routes=list(STAGES),
        walks=STAGES,
        command=lambda site: ["calls", "stages", "--stage", f"{_stageless(site)['ident']}=demo"],
    ),
    Act(
        undoing.take_back,
        lambda site: [an_upload(site)["ident"]],
        routes=["POST /uploads/{ident}/undo", "POST /api/v1/uploads/{ident}/undo"],
        command=lambda site: ["uploads", "undo", an_upload(site)["ident"]],
    ),
    Act(
        verbs.delete_document,
        lambda site: [_interview(site)["ident"], "interview"],
        routes=[*_both("", "DELETE"), *_pages("delete")],
        command=lambda site: ["interviews", "delete", _interview(site)["ident"], "--yes"],
    ),
]

JSON = {
    "interviews replace": Json(
        "PUT /api/v1/interviews/{ident}/words", lambda site: [_interview(site)["ident"], _path(site, WORDS)]
    ),
    "calls replace": Json(
        "PUT /api/v1/calls/{ident}/words", lambda site: [_call(site)["ident"], _path(site, CALL_WORDS)]
    ),
    "interviews correct": Json(
        "POST /api/v1/interviews/{ident}/speakers", lambda site: [_interview(site)["ident"], "--name", "Bo=Ed"]
    ),
    "calls correct": Json(
        "POST /api/v1/calls/{ident}/speakers", lambda site: [_call(site)["ident"], "--name", "Cus=Ed"]
    ),
    "interviews sides": Json(
        "POST /api/v1/sides/interviews", lambda site: ["--side", f"{_open_interview(site)}=other"]
    ),
    "calls sides": Json("POST /api/v1/sides/calls", lambda site: ["--side", f"{_open_call(site)}=other"]),
    "calls stages": Json("POST /api/v1/stages/calls", lambda site: ["--stage", f"{_stageless(site)['ident']}=demo"]),
    "interviews delete": Json("GET /api/v1/interviews/{ident}/hanging", lambda site: [_interview(site)["ident"]]),
    "uploads undo": Json("POST /api/v1/uploads/{ident}/undo", lambda site: [an_upload(site)["ident"]]),
    "calls delete": Json("GET /api/v1/calls/{ident}/hanging", lambda site: [_call(site)["ident"]]),
}
