"""On the wire: with placeholders no name of a call leaves, and what the model quotes is found in the call's own words."""

import json
import re

import pytest
from aiohttp import web

from agent.calls.store import Calls
from agent.db.known_names import known_bodies
from agent.llm.wire import is_loopback
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics
from agent.scoring.cli_run import scored
from agent.scoring.running import Scoring
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import call, criterion, rubric, transcript
from tests.llm.stub import Stub, chat

REP, CUSTOMER, ACCOUNT = "Zebulon Yarrow", "Quenby Vossler", "Vossler Glassworks"
ASKED = "Quenby, what does the late close cost Vossler Glassworks each month?"
SECRETS = ("Zebulon", "Yarrow", "Quenby", "Vossler", "Glassworks", "555-0147", "quenby@vossler.example", "4111 1111")


@pytest.fixture(name="seen")
def _seen():
    return []


def rater(seen):
    """Quotes the rep's question as it was sent."""

    async def step(request):
        body = (await request.read()).decode()
        seen.append(body)
        text = " ".join(message["content"] for message in json.loads(body)["messages"])
        asked = re.search(r"\w+, what does the late close cost .*? each month\?", text)[0]
        rating = {"criterion": "asks_cost", "context": [], "evidence": [{"turn": 0, "quote": asked}], "nearest": None}
        made = chat(json.dumps({"ratings": [rating | {"reason": f"asks: {asked}", "level": 1}]}), "stop", None)
        made["usage"]["prompt_tokens"] = len(body) // 4
        return web.json_response(made)

    return step


def workspace(folder, base, pseudonyms):
    (folder / "config").mkdir(parents=True)
    bound = f"model: openai/stub-1, api_base: {base}/v1"
    (folder / "config" / "models.yaml").write_text(f"roles: {{rater: {{{bound}}}}}\n")
    if pseudonyms:
        (folder / "config" / "privacy.yaml").write_text(f"pseudonyms: {pseudonyms}\n")
    space = Workspace(Settings.read(folder, {}))
    lines = (
        (REP, ASKED),
        (
            CUSTOMER,
            "Nine thousand. Call Zebulon's line, 312 555-0147, or quenby@vossler.example; card 4111 1111 1111 1111.",
        ),
        (REP, "Thanks."),
    )
    words = transcript(*lines, **{REP: "rep", CUSTOMER: "customer"})
    facts = {"customer": CUSTOMER, "account": ACCOUNT, "transcript": words}
    space.store[Calls].add(call("call-1", REP).model_copy(update=facts))
    space.store[Rubrics].add(rubric(criterion()))
    return space


async def score(space):
    found = space.store[Rubrics].all()[0].rubric
    scoring = Scoring(space, found, space.prompt("rate_call"), 0)
    outcome = await scored(scoring, scoring.missing([], False), 1, None)
    assert not outcome.unanswered, outcome.unanswered
    (rating,) = space.store[Ratings].current()
    return rating


async def test_no_name_leaves_and_the_quote_is_found_in_the_original(tmp_path, seen):
    async with Stub(rater(seen)) as stub:
        space = workspace(tmp_path / "space", stub.base, "on")
        rating = await score(space)
        wire = b"".join(stub.raw).decode()
    assert [secret for secret in SECRETS if secret.lower() in wire.lower()] == []
    assert "Nine thousand" in wire
    quote = rating.judgement.quotes[0]
    assert (quote.text, quote.speaker, quote.span.start) == (ASKED, REP, 0)
    assert rating.reason == f"asks: {ASKED}"
    assert rating.provenance.request.startswith("rq-")
    assert rating.provenance.request in space.cache._kept.all()
    assert not [s for s in SECRETS if s.encode() in (space.settings.workspace / "cache" / "cache.db").read_bytes()]
    space.store.close()


async def test_an_answer_out_of_the_cache_is_mapped_back_too(tmp_path, seen):
    async with Stub(rater(seen)) as stub:
        space = workspace(tmp_path / "space", stub.base, "on")
        first = await score(space)
        with space.store.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM ratings")
        again = Workspace(space.settings)
        second = await score(again)
        assert len(stub.raw) == 1
    assert second.judgement == first.judgement
    space.store.close()
    again.store.close()


async def test_on_this_machine_names_stay_unless_it_is_said(tmp_path, seen):
    async with Stub(rater(seen)) as stub:
        space = workspace(tmp_path / "space", stub.base, "")
        await score(space)
        assert "Zebulon" in b"".join(stub.raw).decode()
    space.store.close()


@pytest.mark.parametrize(
    ("said", "base", "hidden"),
    [
        ("", "", True),
        ("", "api_base: https://models.example/v1", True),
        ("", "api_base: http://10.0.0.7/v1", True),
        ("", "api_base: http://127.0.0.1:9/v1", False),
        ("off", "", False),
        ("on", "api_base: http://127.0.0.1:9/v1", True),
    ],
)
def test_the_default_goes_by_where_the_model_is(tmp_path, said, base, hidden):
    folder = tmp_path / "space"
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "models.yaml").write_text(
        f"roles: {{rater: {{model: openai/m{', ' if base else ''}{base}}}}}\n"
    )
    if said:
        (folder / "config" / "privacy.yaml").write_text(f"pseudonyms: {said}\n")
    space = Workspace(Settings.read(folder, {}))
    assert (space.planned_role("rater").disguise is not None) is hidden
    replayed = Workspace(Settings.read(folder, {"CLOSEREAD_REPLAY": str(tmp_path)}))
    assert (replayed.planned_role("rater").disguise is not None) is (said == "on")
    space.store.close()


def test_a_chain_with_one_model_elsewhere_is_hidden(tmp_path):
    folder = tmp_path / "space"
    (folder / "config").mkdir(parents=True)
    here, there = "{model: openai/a, api_base: http://127.0.0.1:9/v1, fallback: [away]}", "{model: openai/b}"
    (folder / "config" / "models.yaml").write_text(f"roles: {{rater: {here}}}\nbindings: {{away: {there}}}\n")
    space = Workspace(Settings.read(folder, {}))
    assert space.planned_role("rater").disguise is not None
    assert list(known_bodies(space.store.engine)) == []
    space.store.close()


@pytest.mark.parametrize(
    ("base", "here"),
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://[::1]/v1", True),
        ("http://localhost:8/v1", True),
        ("http://127.0.0.1.example/v1", False),
        ("http://localhost.example/v1", False),
        ("http://user@127.0.0.1@models.example/v1", False),
        ("", False),
    ],
)
def test_what_is_this_machine(base, here):
    assert is_loopback(base) is here
