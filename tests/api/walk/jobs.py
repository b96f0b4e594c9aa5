"""Jobs, and what can be begun."""

from agent.app.queue.store import Jobs
from tests.api.walk import EVERYBODY, OPS_LEAD, TEAM, Walk


def _job(state):
    def made(site):
        jobs = site.space.store[Jobs]
        ident = jobs.create("told", {}, "ops_lead").id
        if state != "queued":
            jobs.fail(ident, "for the walk")
        return {"ident": ident}

    return made


WALK = {
    "GET /jobs": Walk(TEAM),
    "GET /jobs/running": Walk(TEAM),
    "GET /jobs/new/{work}": Walk(OPS_LEAD, path={"work": "extract"}),
    "GET /jobs/new/{work}/estimate": Walk(OPS_LEAD, path={"work": "extract"}, status=409),  # no model is bound
    "POST /jobs/new/{work}": Walk(OPS_LEAD, path={"work": "draft"}, form={}, status=409),
    "GET /jobs/{ident}": Walk(TEAM, path=_job("queued")),
    "GET /jobs/{ident}/part": Walk(TEAM, path=_job("failed")),
    "POST /jobs/{ident}/cancel": Walk(OPS_LEAD, path=_job("queued"), form={}, status=303),
    "POST /jobs/{ident}/resume": Walk(OPS_LEAD, path=_job("failed"), form={}, status=303),
    "POST /jobs/{ident}/retry": Walk(OPS_LEAD, path=_job("failed"), form={}, status=303),
    "GET /api/v1/readiness": Walk(TEAM),
    "GET /api/v1/next-step": Walk(EVERYBODY),
    "GET /api/v1/jobs": Walk(TEAM),
    "POST /api/v1/jobs": Walk(OPS_LEAD, json={"kind": "draft"}, status=409),  # no model is bound
    "GET /api/v1/jobs/{ident}": Walk(TEAM, path=_job("queued")),
    "GET /api/v1/jobs/{ident}/dead-letters": Walk(TEAM, path=_job("queued")),
    "GET /api/v1/jobs/{ident}/events": Walk(TEAM, path=_job("failed")),
    "POST /api/v1/jobs/{ident}/cancel": Walk(OPS_LEAD, path=_job("queued")),
    "POST /api/v1/jobs/{ident}/resume": Walk(OPS_LEAD, path=_job("failed")),
    "POST /api/v1/jobs/{ident}/retry": Walk(OPS_LEAD, path=_job("failed")),
    "GET /api/v1/job-plans/{work}": Walk(OPS_LEAD, path={"work": "extract"}, status=409),
}
