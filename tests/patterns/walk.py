"""Patterns and their edits."""

from agent.app.queue.store import Jobs
from agent.patterns.verbs import rename
from tests.api.walk import OPS_LEAD, TEAM, Walk
from tests.builders import owner
from tests.patterns.made import extracted


def _pattern(site):
    """A pattern of its own each time: what one request changes must not stand in the way of the next."""
    extracted(site.space)
    return {"ident": "asked_cost"}


def _edit(site):
    extracted(site.space)
    return {"number": str(rename(owner(site.space), "sent_brochure", "Another name").last)}


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
