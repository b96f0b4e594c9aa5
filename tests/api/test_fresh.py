"""What a command can be told with `--fresh`, pages and the API can be told too: ask the model also where a reply is kept."""

from dataclasses import replace

import pytest

from agent.app.queue.store import Jobs
from agent.app.web import routes
from agent.core.errors import ConfigError
from agent.interviews.store import Interviews
from agent.workspace import Workspace
from tests.api.conftest import csrf
from tests.builders import interview

ASKING = {
    *("GET /api/v1/job-plans/{work}", "GET /jobs/new/{work}/estimate"),
    *("POST /api/v1/rounds/{number}/sharpen/drafts", "POST /calibration/{number}/sharpen/draft"),
    *("POST /api/v1/sides/interviews/proposals", "POST /api/v1/sides/calls/proposals"),
    *("POST /sides/interviews/propose", "POST /sides/calls/propose", "POST /upload/{ident}/proposals"),
    *("POST /api/v1/rubrics/checks", "POST /rubric-checks/model", "POST /api/v1/rubrics/{ref}/fit"),
    *("POST /api/v1/plans", "POST /api/v1/plans/{rep}/suggestions"),
}


@pytest.fixture(name="bound")
def _bound(site):
    """The site with a model for every role."""
    settings = replace(site.space.settings, environment={"CLOSEREAD_MODEL": "openai/gpt-4.1-mini"})
    space = site.app.state.context.space
    object.__setattr__(site.app.state.context, "space", Workspace(settings))
    site.app.state.context.space.store = space.store
    return site


def test_routes_that_ask_at_once_can_be_told():
    told = {
        f"{one.method} {one.path}"
        for one in routes.declared()
        for part in one.route.dependant.dependencies
        if any(asked.alias == "fresh" for asked in part.query_params)
    }
    assert told == ASKING


@pytest.mark.parametrize("fresh", [False, True])
def test_the_models_are_told(bound, monkeypatch, fresh):
    asked = []

    def roles(self, *names, **_):
        asked.append(self.fresh)
        raise ConfigError("asked")

    monkeypatch.setattr(Workspace, "roles", roles)
    criterion = {"id": "asks_cost", "name": "Asks", "description": "The rep asks what it costs.", "scale": "binary"}
    api, query = bound.program("ops_lead"), {"fresh": "true"} if fresh else {}
    answer = api.post("/api/v1/rubrics/checks", params=query, json={"criterion": criterion, "model": True})
    assert (answer.status_code, asked) == (503, [fresh])


@pytest.mark.parametrize(("work", "kind"), [("extract", "extract"), ("score", "score")])
def test_a_page_starts_a_job_that_asks_anew(bound, work, kind):
    store, browser = bound.space.store, bound.browser("ops_lead")
    store[Interviews].add(interview("int-2", "lost", "He never asked."))
    page = browser.get(f"/jobs/new/{work}").text
    assert 'name="fresh"' in page
    form = {"csrf": csrf(browser, "/"), "fresh": "true"}
    assert browser.post(f"/jobs/new/{work}", data=form).status_code == 303
    (job,) = store[Jobs].list(kind=kind)
    assert job.params["fresh"] is True


def test_an_estimate_counts_what_is_asked_anew(bound):
    from agent.patterns.verbs import first_reading

    space = bound.app.state.context.space
    request = first_reading(space.asked_anew(True), space.store[Interviews].heard())[0]
    assert request.fresh
    assert not first_reading(space, space.store[Interviews].heard())[0].fresh
