"""What the jobs' routes, verbs and commands do."""

from agent.app.queue.job_work import JobWork
from agent.app.queue.store import Jobs
from agent.jobs import verbs
from tests.api.walk import OPS_LEAD, TEAM, Walk
from tests.app.acts import Act, Json
from tests.scoring.walk import unscored


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


def _given_up(site):
    """A job that gave up on a call."""
    jobs, work = site.space.store[Jobs], site.space.store[JobWork]
    job = jobs.create("score", {}, "ops_lead", ["call-1"])
    work.take(work.idle_chunks(job.id, 1)[0], "t")
    work.bury(job.id, "call-1", "t", "the words are too many")
    return job.id


def _score(**path):
    return lambda site: unscored(site) and path


def _changing(verb, word, made):
    return Act(
        verb,
        lambda site: [made(site)],
        walks={
            f"POST /jobs/{{ident}}/{word}": Walk(
                OPS_LEAD, path=lambda site: {"ident": made(site)}, form={}, status=303
            ),
            f"POST /api/v1/jobs/{{ident}}/{word}": Walk(OPS_LEAD, path=lambda site: {"ident": made(site)}),
        },
        command=lambda site: ["job", word, made(site)],
    )


SCORING = {"rubric": "", "prompt": "rate_call", "priority": 500, "budget_usd": None}

ACTS = [
    Act(
        verbs.start_job,
        lambda site: unscored(site) and ["score"],
        walks={
            "POST /jobs/new/{work}": Walk(OPS_LEAD, path=_score(work="score"), form={}, status=303),
            "POST /api/v1/jobs": Walk(OPS_LEAD, path=_score(), json={"kind": "score"}, status=201),
        },
    ),
    _changing(verbs.cancel_job, "cancel", lambda site: _job("queued")(site)["ident"]),
    _changing(verbs.resume_job, "resume", lambda site: _job("failed")(site)["ident"]),
    _changing(verbs.retry_job, "retry", _given_up),
]

JSON = {
    "job list": Json("GET /api/v1/jobs", lambda site: _given_up(site) and []),
    "job show": Json("GET /api/v1/jobs/{ident}", lambda site: [_given_up(site)]),
}
