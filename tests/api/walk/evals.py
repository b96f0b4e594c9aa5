"""Evals, prompts, modelsand spending."""

from contextlib import suppress

from agent.app.queue.store import Jobs
from agent.core.errors import Conflict
from tests.api.evals import SUITE, two_runs
from tests.api.walk import OPS_LEAD, TEAM, Walk

_MADE = {}
NO_RUNS = {"first": "ev-none", "second": "ev-other"}
VERSIONS = {"first": "rate_call@1", "second": "rate_call@2"}


def runs(site):
    """The suite and its runs, made once a site."""
    folder = site.space.settings.workspace
    if folder not in _MADE:
        first, second = two_runs(site.space)
        _MADE[folder] = {"ident": first.id, "first": first.id, "second": second.id, "suite": SUITE}
    return _MADE[folder]


def job_less(site):
    """The suite, with no job that runs it already."""
    found = runs(site)
    for job in site.space.store[Jobs].open("evaluate"):
        with suppress(Conflict):
            site.space.store[Jobs].cancel(job.id, "test")
    return found


FILES = {name: (f"{name}.csv", b"a,b") for name in ("scores", "manifest", "transcripts")}

WALK = {
    "GET /api/v1/evals/suites": Walk(TEAM, path=runs),
    "GET /api/v1/evals/suites/{suite}": Walk(TEAM, path=runs),
    "GET /api/v1/evals/suites/{suite}/plan": Walk(OPS_LEAD, path=runs, query={"model": "openai/gpt-4.1-mini"}),
    "POST /api/v1/evals/suites/{suite}/runs": Walk(OPS_LEAD, path=job_less, json={"model": "test/m"}, status=201),
    "GET /api/v1/evals/suites/{suite}/verdict": Walk(TEAM, path=runs, query={"run": "ev-none"}, status=404),
    "POST /api/v1/evals/suites/{suite}/gate": Walk(OPS_LEAD, path=runs, json={"run": "ev-none"}, status=404),
    "GET /api/v1/evals/runs": Walk(TEAM, path=runs),
    "GET /api/v1/evals/runs/{ident}": Walk(TEAM, path=runs),
    "POST /api/v1/evals/runs/{ident}/accept": Walk(OPS_LEAD, path=runs, json={"reason": "read it"}, status=201),
    "GET /api/v1/evals/compare": Walk(TEAM, query=NO_RUNS, status=404),
    "GET /evals": Walk(TEAM, path=runs),
    "GET /evals/compare": Walk(TEAM, query=NO_RUNS, status=404),
    "POST /evals/gate": Walk(OPS_LEAD, form=NO_RUNS, status=404),
    "GET /evals/runs/{ident}": Walk(TEAM, path=runs),
    "POST /evals/runs/{ident}/accept": Walk(OPS_LEAD, path=runs, form={"reason": "read it"}, status=303),
    "GET /evals/suites/{suite}": Walk(TEAM, path=runs),
    "GET /evals/suites/{suite}/estimate": Walk(OPS_LEAD, path=runs),
    "POST /evals/suites/{suite}/runs": Walk(OPS_LEAD, path=job_less, form={"model": "test/m"}, status=303),
    "GET /api/v1/prompts": Walk(TEAM),
    "GET /api/v1/prompts/diff": Walk(TEAM, query=VERSIONS),
    "GET /api/v1/prompts/{name}/{version}/release": Walk(TEAM, path={"name": "rate_call", "version": "2"}),
    # Nothing that is released already can be released again, so the shipped prompts stay as they are.
    "POST /api/v1/prompts/{name}/{version}/release": Walk(
        OPS_LEAD, path={"name": "rate_call", "version": "1"}, status=404
    ),
    "GET /prompts": Walk(TEAM),
    "GET /prompts/diff": Walk(TEAM, query=VERSIONS),
    "POST /prompts/{name}/{version}/release": Walk(
        OPS_LEAD, path={"name": "rate_call", "version": "1"}, form={}, status=404
    ),
    "GET /api/v1/models": Walk(OPS_LEAD),
    "GET /api/v1/costs": Walk(OPS_LEAD),
    "POST /api/v1/models/{role}/probe": Walk(OPS_LEAD, path={"role": "rater"}, status=409),
    "GET /api/v1/spending": Walk(OPS_LEAD),
    "GET /admin/models": Walk(OPS_LEAD),
    "POST /admin/models/{role}/probe": Walk(OPS_LEAD, path={"role": "rater"}, form={}, status=409),
    "GET /evals/new": Walk(OPS_LEAD),
    "POST /evals/new": Walk(OPS_LEAD, form={"name": "No Name"}, files=FILES, status=422),
    "POST /api/v1/evals/suites": Walk(OPS_LEAD, form={"name": "No Name"}, files=FILES, status=422),
    "POST /admin/models/probe": Walk(OPS_LEAD, form={}, status=409),
    "POST /admin/models": Walk(OPS_LEAD, form={"rater": "no model"}, status=422),
    "POST /admin/models/keys/forget": Walk(OPS_LEAD, form={"endpoint": "nobody"}, status=404),
    "POST /api/v1/models": Walk(OPS_LEAD, json={"models": {}}, status=422),
    "DELETE /api/v1/models/keys": Walk(OPS_LEAD, query={"endpoint": "nobody"}, status=404),
}

WALK |= {
    "POST /disputes/cases": Walk(OPS_LEAD, form={"suite": "No Name"}, status=303),
    "POST /api/v1/dispute-cases": Walk(OPS_LEAD, json={"suite": "No Name"}, status=422),
}
