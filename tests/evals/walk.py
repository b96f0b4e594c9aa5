"""What the routes, verbs and commands of evals do, and the routes of models and spending."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from itertools import count

from agent.app.queue.store import Jobs
from agent.app.telling import unseen
from agent.core.errors import Conflict
from agent.disputes.verbs import answer_dispute
from agent.evals import prompts, settled_cases, uploading, verbs
from agent.evals.lists import named_suite
from agent.ratings.overriding import Given
from agent.rubrics.file import read_rubric
from agent.rubrics.store import Rubrics
from tests.api.evals import SUITE, two_runs
from tests.api.walk import OPS_LEAD, TEAM, Walk
from tests.app.acts import Act, Json
from tests.builders import ROOT
from tests.disputes.walk import dispute_of

SAMPLE = ROOT / "sample" / "ledgerline"
SCORES = ROOT / "evals" / "answer_key" / "ledgerline" / "manual_scores.csv"
_numbers = count()

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
    "POST /disputes/cases": Walk(OPS_LEAD, form={"suite": "No Name"}, status=422),
    "POST /api/v1/dispute-cases": Walk(OPS_LEAD, json={"suite": "No Name"}, status=422),
}


def new_name(_=None):
    """A name that no suite has yet."""
    return f"walk-{next(_numbers)}"


def _suite(site):
    return named_suite(site.space, runs(site)["suite"])


def _suite_name(site):
    """Path values for a run of `small`, and a baseline to hold it against."""
    made = runs(site)
    verbs.accept_run(site.who("ops_lead"), made["first"], "read all")
    return made


def _answered(site):
    """Nothing to fill in, once a manager has answered a dispute."""
    answer_dispute(site.who("manager"), dispute_of(site), "declined", Given("", "It is not."))
    return {}


def _rubric(site):
    return site.space.store[Rubrics].add(read_rubric(SAMPLE / "rubric.yaml", ""))


def _brought(site):
    """Everything that bring_suite takes."""
    sent = [(path.name, path.read_bytes()) for path in sorted((SAMPLE / "calls").glob("*.txt"))]
    manifest = (SAMPLE / "calls" / "calls.csv").read_bytes()
    calls = [(name, BytesIO(content)) for name, content in sent]
    files = ("scores.csv", BytesIO(SCORES.read_bytes())), ("calls.csv", BytesIO(manifest))
    return [new_name(), *files, calls, _rubric(site).id, "dev"]


SAMPLE_FILES = [
    ("scores", ("scores.csv", SCORES.read_bytes())),
    ("manifest", ("calls.csv", (SAMPLE / "calls" / "calls.csv").read_bytes())),
    *(("transcripts", (path.name, path.read_bytes())) for path in sorted((SAMPLE / "calls").glob("*.txt"))),
]


def _from_csv(site):
    """The same files at the command line."""
    folder = SAMPLE / "calls"
    paths = ["--calls", folder, "--manifest", folder / "calls.csv", "--rubric", SAMPLE / "rubric.yaml"]
    return ["eval", "import", "csv", SCORES, *paths, "--name", new_name()]


def _draft(site):
    """A first version of a prompt of the workspace's own: there is nothing that it must be held against."""
    name = "walk_" + "".join(chr(ord("a") + int(digit)) for digit in str(next(_numbers)))
    folder = site.space.settings.workspace / "prompts" / name
    folder.mkdir(parents=True)
    text = (ROOT / "prompts" / "rate_call" / "003.md").read_text(encoding="utf-8")
    text = text.replace("name: rate_call", f"name: {name}").replace("version: 3", "version: 101")
    (folder / "101.md").write_text(text.replace("status: released", "status: draft"), encoding="utf-8")
    return {"name": name, "version": "101"}


def _accepting(site):
    return [runs(site)["first"], "read all"]


ACTS = [
    Act(
        verbs.start_run,
        lambda site: [verbs.EvaluateParams(suite=job_less(site)["suite"], model="test/m")],
        routes=["POST /api/v1/evals/suites/{suite}/runs", "POST /evals/suites/{suite}/runs"],
    ),
    Act(
        verbs.run_now,
        lambda site: [named_suite(site.space, "quotes"), verbs.Wanted(), 4, None, unseen],
        command=lambda site: ["eval", "run", "quotes"],
    ),
    Act(
        verbs.make_suite,
        lambda site: [new_name(), lambda folder: _suite(site)],
        command=_from_csv,
    ),
    Act(
        verbs.hold_against,
        lambda site: [_suite(site), runs(site)["second"], runs(site)["first"]],
        walks={
            "POST /api/v1/evals/suites/{suite}/gate": Walk(
                OPS_LEAD, path=runs, json=lambda made: {"run": made["second"], "against": made["first"]}
            ),
            "POST /evals/gate": Walk(
                OPS_LEAD, path=runs, form=lambda made: {"first": made["first"], "second": made["second"]}, status=303
            ),
        },
        command=lambda site: ["eval", "gate", SUITE, "--run", _suite_name(site)["first"]],
    ),
    Act(
        verbs.accept_run,
        _accepting,
        routes=["POST /api/v1/evals/runs/{ident}/accept", "POST /evals/runs/{ident}/accept"],
        command=lambda site: ["eval", "accept", runs(site)["first"], "--by", "ops_lead", "--reason", "read all"],
    ),
    Act(
        settled_cases.add_cases,
        lambda site: [_answered(site) or new_name(), True, "dev"],
        command=lambda site: ["eval", "add", _answered(site) or new_name(), "--from-disputes"],
    ),
    Act(
        settled_cases.add_dispute_cases,
        lambda site: [_answered(site) or new_name(), "dev"],
        walks={
            "POST /disputes/cases": Walk(
                OPS_LEAD, path=_answered, form=lambda _: {"suite": new_name(), "split": "dev"}, status=303
            ),
            "POST /api/v1/dispute-cases": Walk(
                OPS_LEAD, path=_answered, json=lambda _: {"suite": new_name()}, status=201
            ),
        },
    ),
    Act(
        uploading.bring_suite,
        _brought,
        walks={
            route: Walk(
                OPS_LEAD,
                path=lambda site: {"rubric": _rubric(site).id},
                form=lambda made: {"name": new_name(), "rubric": made["rubric"]},
                files=SAMPLE_FILES,
                status=status,
            )
            for route, status in (("POST /evals/new", 303), ("POST /api/v1/evals/suites", 201))
        },
    ),
    Act(
        prompts.draft_prompt,
        lambda site: ["rate_call"],
        command=lambda site: ["prompts", "new", "rate_call"],
    ),
    Act(
        prompts.release_prompt,
        lambda site: [_draft(site)["name"]],
        walks={
            "POST /api/v1/prompts/{name}/{version}/release": Walk(OPS_LEAD, path=_draft),
            "POST /prompts/{name}/{version}/release": Walk(OPS_LEAD, path=_draft, form={}, status=303),
        },
        command=lambda site: ["prompts", "release", _draft(site)["name"]],
    ),
]
NO_VERB: dict[str, str] = {}


JSON = {
    "eval list": Json("GET /api/v1/evals/suites"),
    "eval runs": Json("GET /api/v1/evals/runs", lambda site: [*runs(site)] and []),
    "eval show": Json("GET /api/v1/evals/runs/{ident}", lambda site: [runs(site)["second"]]),
    "eval compare": Json("GET /api/v1/evals/compare", lambda site: [runs(site)["first"], runs(site)["second"]]),
    "eval run": Json("GET /api/v1/evals/runs/{ident}", lambda site: ["quotes"]),
    "eval gate": Json(
        "POST /api/v1/evals/suites/{suite}/gate", lambda site: [SUITE, "--run", _suite_name(site)["first"]]
    ),
    "eval accept": Json(
        "POST /api/v1/evals/runs/{ident}/accept",
        lambda site: [*_accepting(site)[:1], "--by", "Ann", "--reason", "read"],
    ),
    "eval add": Json("POST /api/v1/dispute-cases", lambda site: [_answered(site) or new_name(), "--from-disputes"]),
    "prompts list": Json("GET /api/v1/prompts"),
    "prompts release": Json("POST /api/v1/prompts/{name}/{version}/release", lambda site: [_draft(site)["name"]]),
}
NO_API = {
    "eval pairs": "a report for whoever changes prompts, of a run made at the terminal",
    "prompts check": "reads the prompts' files at the terminal, for whoever edits them",
}
