"""Patterns and their edits."""

from agent.app.queue.store import Jobs
from agent.core.transcript import Transcript
from agent.interviews.store import Interviews
from agent.patterns import verbs
from agent.patterns.model import ReadInterview, Resettled
from agent.patterns.store import Extractions
from tests.api.walk import OPS_LEAD, TEAM, Walk
from tests.app.acts import Act, Json
from tests.builders import owner
from tests.patterns.made import WON, extracted, extraction


def _pattern(site):
    """A pattern of its own each time: what one request changes must not stand in the way of the next."""
    extracted(site.space)
    return {"ident": "asked_cost"}


def _corrected(site):
    """Patterns of interviews one of which was lost in truth: what is to be done is counting."""
    extraction = extracted(site.space)
    store = site.space.store
    for document in store[Interviews].all():
        if document.id not in extraction.patterns.interviews:
            without = document.model_copy(update={"transcript": Transcript(turns=document.transcript.turns)})
            store[Interviews].add(without)  # nobody is on a side: it is not read
    read = {i.id: ReadInterview.of(i) for i in store[Interviews].all(extraction.patterns.interviews)}
    read["won-2"] = read["won-2"].model_copy(update={"outcome": "lost"})
    store[Extractions].add(extraction.model_copy(update={"read": read}))
    return {}


def _edit(site):
    extracted(site.space)
    return {"number": str(verbs.rename(owner(site.space), "sent_brochure", "Another name").last)}


def _job(site):
    jobs = site.space.store[Jobs]
    ident = jobs.create("draft", {}, "ops_lead").id
    jobs.cancel(ident, "ops_lead")
    return {"job": ident}


DECISION = {"interview": "won-1", "present": True, "reason": "She says so."}
MERGE = {"pattern": ["asked_cost", "sent_brochure"], "name": "Both", "behavior": "The rep does either of the two."}

WALK = {
    "GET /api/v1/patterns": Walk(TEAM, path=_pattern),
    "GET /api/v1/patterns/{ident}": Walk(TEAM, path=_pattern),
    "POST /api/v1/patterns/{ident}/decisions": Walk(OPS_LEAD, path=_pattern, json=DECISION),
    "GET /api/v1/pattern-edits": Walk(TEAM, path=_pattern),
    "POST /api/v1/pattern-edits": Walk(
        OPS_LEAD,
        path=_pattern,
        json={"kind": "reject", "pattern": "sent_brochure", "reason": "Nobody can coach it."},
        status=201,
    ),
    "POST /api/v1/pattern-edits/{number}/undo": Walk(OPS_LEAD, path=_edit),
    "GET /api/v1/patterns/{ident}/history": Walk(TEAM, path=_pattern),
    "POST /api/v1/patterns/update": Walk(OPS_LEAD, path=_corrected, status=202),
    "POST /patterns/update": Walk(OPS_LEAD, path=_corrected, form={}, status=303),
    "POST /api/v1/patterns/draft": Walk(OPS_LEAD, path=_pattern, json={}, status=409),  # no drafter is bound
    "GET /patterns": Walk(TEAM, path=_pattern),
    "POST /patterns/draft": Walk(OPS_LEAD, path=_pattern, form={}, status=409),
    "GET /patterns/drafting/{job}/events": Walk(TEAM, path=_job),
    "GET /patterns/{ident}": Walk(TEAM, path=_pattern),
    "POST /patterns/{ident}/decide": Walk(
        OPS_LEAD,
        path=_pattern,
        form={"source": "asked_cost", "interview": "won-1", "present": "yes", "reason": "She says so."},
        status=303,
    ),
    "GET /pattern-merge": Walk(OPS_LEAD, path=_pattern),
    "POST /pattern-merge": Walk(OPS_LEAD, path=_pattern, form=MERGE, status=303),
    "GET /patterns/{ident}/split": Walk(OPS_LEAD, path=_pattern),
    "POST /patterns/{ident}/split": Walk(OPS_LEAD, path=_pattern, form={"name": "n", "behavior": "b"}, status=422),
    "POST /patterns/{ident}/rename": Walk(OPS_LEAD, path=_pattern, form={"name": "Another name"}, status=303),
    "POST /patterns/{ident}/reject": Walk(OPS_LEAD, path=_pattern, form={"reason": "No use."}, status=303),
    "POST /pattern-edits/{number}/undo": Walk(OPS_LEAD, path=_edit, form={}, status=303),
}


def _ready(site):
    """A new extraction, of which nothing was edited yet."""
    return extracted(site.space)


SETTLED = (*WON[1:], "lost-1")
ASKED_TWICE = ("Asked twice", "The rep asks for the cost a second time.")


def _notes(site):
    return _ready(site).codebook.entries[0].observations[:2]


def _split(site):
    return ["asked_cost", *ASKED_TWICE, _notes(site), [Resettled(interview=i, stays=True, goes=False) for i in SETTLED]]


EDITS = "POST /api/v1/pattern-edits"


def edit(**facts):
    """A request for an edit of patterns that are made anew."""
    return {EDITS: Walk(OPS_LEAD, path=lambda site: _ready(site) and {}, json=facts, status=201)}


ACTS = [
    Act(verbs.keep_extraction, lambda site: [extraction(10**6)]),
    Act(verbs.keep_update, lambda site: [extraction(10**7)]),
    Act(
        verbs.start_update,
        lambda site: _corrected(site) or [],
        routes=["POST /api/v1/patterns/update", "POST /patterns/update"],
    ),
    Act(
        verbs.decide,
        lambda site: [_ready(site) and "asked_cost", "won-1"],
        {"present": True, "reason": "She says so."},
        routes=["POST /patterns/{ident}/decide", "POST /api/v1/patterns/{ident}/decisions"],
        command=lambda site: (
            _ready(site) and ["patterns", "adjudicate", "asked_cost", "won-1", "present", "--reason", "She says so."]
        ),
    ),
    Act(
        verbs.rename,
        lambda site: [_ready(site) and "sent_brochure", "Another name"],
        routes=["POST /patterns/{ident}/rename"],
        walks=edit(kind="rename", pattern="sent_brochure", name="Another name"),
        command=lambda site: _ready(site) and ["patterns", "rename", "sent_brochure", "Another name"],
    ),
    Act(
        verbs.merge,
        lambda site: [_ready(site) and MERGE["pattern"], "Both", MERGE["behavior"]],
        routes=["POST /pattern-merge"],
        walks=edit(kind="merge", patterns=MERGE["pattern"], name="Both", behavior=MERGE["behavior"]),
        command=lambda site: (
            _ready(site) and ["patterns", "merge", *MERGE["pattern"], "--name", "Both", "--behavior", MERGE["behavior"]]
        ),
    ),
    Act(
        verbs.split,
        _split,
        walks={
            EDITS: Walk(
                OPS_LEAD,
                path=lambda site: {"notes": _notes(site)},
                json=lambda values: {
                    "kind": "split",
                    "pattern": "asked_cost",
                    "name": ASKED_TWICE[0],
                    "behavior": ASKED_TWICE[1],
                    "observations": list(values["notes"]),
                    "settled": [{"interview": i, "stays": True, "goes": False} for i in SETTLED],
                },
                status=201,
            ),
            "POST /patterns/{ident}/split": Walk(
                OPS_LEAD,
                path=lambda site: {"ident": "asked_cost", "notes": _notes(site)},
                form=lambda values: {
                    "name": ASKED_TWICE[0],
                    "behavior": ASKED_TWICE[1],
                    "observation": list(values["notes"]),
                    **{f"in:{i}": "stays" for i in SETTLED},
                },
                status=303,
            ),
        },
        command=lambda site: (
            ["patterns", "split", "asked_cost", "--name", ASKED_TWICE[0], "--behavior", ASKED_TWICE[1]]
            + [part for note in _notes(site) for part in ("--note", note)]
            + [part for i in SETTLED for part in ("--settle", f"{i}=old")]
        ),
    ),
    Act(
        verbs.reject,
        lambda site: [_ready(site) and "sent_brochure", "No use."],
        routes=["POST /patterns/{ident}/reject"],
        walks=edit(kind="reject", pattern="sent_brochure", reason="No use."),
        command=lambda site: _ready(site) and ["patterns", "reject", "sent_brochure", "--reason", "No use."],
    ),
    Act(
        verbs.undo,
        lambda site: [int(_edit(site)["number"])],
        routes=["POST /pattern-edits/{number}/undo", "POST /api/v1/pattern-edits/{number}/undo"],
        command=lambda site: ["patterns", "undo", _edit(site)["number"]],
    ),
]

JSON = {
    "patterns edits": Json("GET /api/v1/pattern-edits", lambda site: _edit(site) and []),
    "patterns list": Json("GET /api/v1/patterns", lambda site: _ready(site) and []),
    "patterns history": Json("GET /api/v1/patterns/{ident}/history", lambda site: [_ready(site) and "asked_cost"]),
    "patterns show": Json("GET /api/v1/patterns/{ident}", lambda site: [_ready(site) and "asked_cost"]),
}
NO_API = {
    "patterns update": "asks models; what comes of it is printed as by `patterns list`",
    "patterns extract": "asks models; what comes of it is printed as by `patterns list`",
}
