"""The bodies that the documentation shows of each event are those that the program sends."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from agent.app.verb import Who
from agent.calls.store import Calls
from agent.core.errors import BudgetExceeded
from agent.core.people import Scope
from agent.disputes import verbs as disputes
from agent.ratings.overriding import Given
from agent.scoring.job import queue_scoring
from agent.webhooks.model import EVENTS, EXAMPLES
from agent.webhooks.store import Webhooks
from agent.weekly.listeners import publish
from tests.api.conftest import made_site
from tests.disputes.walk import dispute_of
from tests.jobs.made import fake_space
from tests.jobs.test_chunks import bench, work


@pytest.fixture(name="server")
def _server(tmp_path):
    with made_site(tmp_path / "site") as site:
        yield site


def shape(value: object) -> object:
    """Keys and kinds of values, whatever they are."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else type(value)


def sent(space) -> dict[str, dict]:
    (webhook,) = space.store[Webhooks].all()
    bodies = [json.loads(one.body) for one in space.store[Webhooks].deliveries(webhook.id, limit=500)]
    return {body["event"]: body for body in bodies}


def checked(space, events: set[str]) -> None:
    bodies = sent(space)
    assert bodies.keys() == events
    for event, body in bodies.items():
        assert body.keys() == {"event", "subject", "at", "data"}
        assert shape(body["data"]) == shape(EXAMPLES[event][1]), event
        assert shape(body["subject"]) is str


def test_every_event_has_an_example() -> None:
    assert tuple(EXAMPLES) == EVENTS


async def test_scoring_sends_what_its_examples_show(tmp_path) -> None:
    space = fake_space(tmp_path, 2)
    space.store[Webhooks].create("https://example.com/x", [], "Ann")
    await work(bench(space), queue_scoring(space, by="Ann"))
    checked(space, {"call.scored"})
    told = sent(space)["call.scored"]
    call = space.store[Calls].get(told["subject"])
    assert (told["data"]["deal"], told["data"]["external_id"]) == (call.deal, call.alias or call.id)
    assert len(told["data"]["scored"]) == told["data"]["criteria"]
    space.store.close()


async def test_a_job_that_waits_or_ends_sends_what_its_example_shows(tmp_path) -> None:
    def broke(request):
        raise BudgetExceeded("the next request would pass the limit of $1.00")

    space = fake_space(tmp_path, 2, broke)
    space.store[Webhooks].create("https://example.com/x", [], "Ann")
    await work(bench(space, 1), queue_scoring(space, by="Ann"))
    checked(space, {"job.paused"})
    space.store.close()


def test_disputes_and_the_week_send_what_their_examples_show(server) -> None:
    space, lead = server.space, Who(server.space, Scope(local=True), as_name="Ola")
    space.store[Webhooks].create("https://example.com/x", list(EVENTS), "Ann")
    ident = dispute_of(server)
    disputes.assign_dispute(lead, ident, "manager")
    disputes.answer_dispute(server.who("manager"), ident, "declined", Given("", "It stays."))
    publish(space, datetime.now(UTC).date())
    checked(space, {"dispute.opened", "dispute.assigned", "dispute.answered", "week.summary"})
