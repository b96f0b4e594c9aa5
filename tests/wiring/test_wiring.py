"""The whole model path put together, over real HTTP against a stub: bindings, cache, recordings, budget, ledger."""

import json
from datetime import UTC, datetime

import pytest

from agent.calls.store import Calls
from agent.core.errors import BudgetExceeded, ConfigError, RecordingMissing, RoleUnbound
from agent.db.ledger import SqlLedger
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.store import MadeWith, Ratings
from agent.rubrics.store import Rubrics
from agent.scoring.rating import rate_call, rating_request
from agent.scoring.running import Scoring
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import PROMPTS, call, criterion, rubric
from tests.db.older import older_database
from tests.llm.stub import Stub, says, status

PROMPT = PROMPTS.get("rate_call")
RATING = {
    "criterion": "asks_cost",
    "evidence": [{"turn": 0, "quote": "What does the late close cost you each month?"}],
    "context": [],
    "nearest": None,
    "reason": "asks",
    "level": 1,
}
GOOD = json.dumps({"ratings": [RATING]})


def space(folder, stub=None, env=None, models="", **given):
    environment = {"CLOSEREAD_MODEL": "openai/stub-1"} if stub else {}
    if stub:
        environment["CLOSEREAD_API_BASE"] = f"{stub.base}/v1"
    if models:
        (folder / "config").mkdir(parents=True, exist_ok=True)
        (folder / "config" / "models.yaml").write_text(models)
    return Workspace(Settings(folder, f"sqlite:///{folder}/closeread.db", environment | (env or {}), **given))


async def rated(made, draw=0, **given):
    async with made.roles("rater", **given) as roles:
        return (await rate_call(call(), rubric(), roles["rater"], PROMPT, draw))[0]


async def test_the_second_asking_is_answered_from_the_cache_and_both_are_in_the_ledger(tmp_path):
    async with Stub(says(GOOD)) as stub:
        made = space(tmp_path, stub)
        first, second = await rated(made), await rated(made)
        assert isinstance(first.judgement, Rated)
        assert second.judgement == first.judgement
        assert len(stub.raw) == 1
        spent = made.store[SqlLedger].totals()[0]
        assert (spent.requests, spent.reused, spent.input_tokens) == (2, 1, 100)
        await rated(made, draw=1)
        assert len(stub.raw) == 2
        assert [body["seed"] for body in stub.bodies] == [0, 1]
        made.store.close()


async def test_what_was_recorded_is_replayed_without_a_provider(tmp_path):
    async with Stub(says(GOOD)) as stub:
        made = space(tmp_path / "a", stub, record=tmp_path / "recordings")
        first = await rated(made)
        made.store.close()
    replaying = space(tmp_path / "b", env={"CLOSEREAD_MODEL": "openai/stub-1"}, replay=tmp_path / "recordings")
    again = await rated(replaying)
    assert again.judgement == first.judgement
    assert again.provenance == first.provenance
    with pytest.raises(RecordingMissing, match="call-1"):
        await rated(replaying, draw=5)
    replaying.store.close()


async def test_each_role_is_sent_to_its_own_endpoint(tmp_path):
    async with Stub(says(GOOD)) as here, Stub(says(GOOD)) as there:
        models = (
            f"roles:\n  rater: {{model: openai/a, api_base: {here.base}/v1}}\n"
            f"  drafter: {{model: openai/b, api_base: {there.base}/v1, settings: {{temperature: null}}}}\n"
        )
        made = space(tmp_path, models=models)
        async with made.roles("rater", "drafter") as roles:
            for name in ("rater", "drafter"):
                await roles[name].ask(rating_request(call(), rubric(), roles[name], PROMPT))
        assert [len(here.raw), len(there.raw)] == [1, 1]
        assert here.bodies[0]["temperature"] == 0.0
        assert "temperature" not in there.bodies[0]
        made.store.close()


async def test_a_budget_stops_before_the_request_that_would_pass_it(tmp_path):
    async with Stub(says(GOOD)) as stub:
        models = (
            f"roles:\n  rater: {{model: openai/a, api_base: {stub.base}/v1, "
            "input_usd_per_million: 1000, output_usd_per_million: 1000}\n"
        )
        made = space(tmp_path, models=models)
        with pytest.raises(BudgetExceeded, match=r"\$0\.01"):
            await rated(made, budget_usd=0.01)
        assert stub.raw == []
        made.store.close()


def test_an_unbound_role_is_an_error_with_the_command_and_the_page_that_bind_one(tmp_path):
    with pytest.raises(RoleUnbound, match="no model is bound to the role rater") as caught:
        space(tmp_path).binding("rater")
    assert caught.value.advice.page == "/admin/models"
    assert caught.value.advice.command == "model bind --role rater=openai/gpt-4.1-mini"


async def test_a_key_that_is_not_set_is_named(tmp_path):
    made = space(tmp_path, models="roles:\n  rater: {model: openai/a, api_key_env: NO_SUCH_KEY}\n")
    with pytest.raises(ConfigError, match="NO_SUCH_KEY"):
        await rated(made)
    made.store.close()


def test_a_wrong_models_file_is_named_with_its_place(tmp_path):
    made = space(tmp_path, models="roles:\n  rater: {modle: openai/a}\n")
    with pytest.raises(ConfigError, match=r"models.yaml:2: roles\.rater\.modle"):
        made.binding("rater")


async def test_model_check_says_what_is_wrong(tmp_path):
    async with Stub(status(401, "bad key")) as stub:
        found = await space(tmp_path, stub).probe("rater")
        assert not found.reachable
        assert "401" in found.problem
    async with Stub(says('{"people": 3}')) as stub:
        found = await space(tmp_path, stub).probe("rater")
        assert (found.reachable, found.structured, found.price) == (True, True, None)


async def test_a_run_that_is_stopped_keeps_what_is_done_and_asks_only_the_rest(tmp_path):
    from agent.scoring.running import Scoring

    calls = [call(f"call-{i}").model_copy(update={"customer": f"C{i}"}) for i in range(6)]
    different = [c.model_copy(update={"transcript": _distinct(c, i)}) for i, c in enumerate(calls)]
    async with Stub(*[says(GOOD)] * 3, status(400, "no more"), says(GOOD)) as stub:
        made = space(tmp_path, stub)
        for one in different:
            made.store[Calls].add(one)
        scoring = Scoring(made, made.store[Rubrics].add(rubric(criterion())), PROMPT, 0)
        first = await scoring.run(scoring.missing([], False), 1, None)
        assert (first.calls, len(first.unanswered)) == (5, 1)
        missing = scoring.missing([], False)
        assert [c.id for c in missing] == list(first.unanswered)
        second = await scoring.run(missing, 1, None)
        assert (second.calls, second.unanswered) == (1, {})
        assert not scoring.missing([], False)
        assert len(stub.raw) == 7
        made.store.close()


def _distinct(one, number):
    turns = one.transcript.turns
    last = turns[-1].model_copy(update={"text": f"I will send you {number} pages."})
    return one.transcript.model_copy(update={"turns": (*turns[:-1], last)})


async def test_two_servers_of_one_model_name_do_not_answer_for_each_other(tmp_path):
    """What server A said is not shown as B's: the request, the reply in the cache and the rating name their server."""
    asked = []
    for _ in range(2):
        async with Stub(says(GOOD)) as stub:
            made = space(tmp_path, stub)
            rating = await rated(made)
            asked.append((len(stub.raw), rating.provenance.endpoint, rating.provenance.request))
            assert rating.provenance.endpoint == f"{stub.base}/v1"
            assert (await rated(made)).id == rating.id
            assert len(stub.raw) == 1
            made.store.close()
    assert [number for number, _, _ in asked] == [1, 1]
    assert asked[0][2] != asked[1][2]


async def _scored(made):
    """Scores what is missing; how many calls that were, and what is told of other servers before."""
    scoring = Scoring(made, made.store[Rubrics].add(rubric()), PROMPT, 0)
    missing, told = scoring.missing([], False), scoring.elsewhere()
    await scoring.run(missing, 1, None)
    assert not scoring.missing([], False)
    return len(missing), told


async def test_a_call_that_one_server_read_is_not_done_on_another(tmp_path):
    said, servers = [], []
    for _ in range(2):
        async with Stub(says(GOOD)) as stub:
            made = space(tmp_path, stub)
            made.store[Calls].add(call())
            said.append(await _scored(made))
            servers.append(f"{stub.base}/v1")
            ratings = made.store[Ratings].current()
            made.store.close()
    assert [read for read, _ in said] == [1, 1]
    assert said[0][1] == ""
    assert f"now asked at {servers[1]}; what it read at {servers[0]} counts as that server's" in said[1][1]
    assert [r.provenance.endpoint for r in ratings] == servers
    assert len({r.provenance.request for r in ratings}) == 2


async def test_a_named_server_keeps_its_ratings_when_its_address_changes(tmp_path):
    """So do those made before servers were noted: the name of the default one is empty."""
    for name in ("ours", ""):
        reads = []
        for turn in range(2):
            async with Stub(says(GOOD)) as stub:
                models = f"roles: {{rater: {{model: openai/m, api_base: '{stub.base}/v1', server: '{name}'}}}}"
                made = space(tmp_path / (name or "unnamed"), models=models)
                made.store[Calls].add(call())
                reads.append(await _scored(made))
                assert len(stub.raw) == 1 - turn
                made.store.close()
        assert reads == [(1, ""), (0, "")]


def test_ratings_of_an_older_database_are_taken_by_the_server_that_they_name(tmp_path):
    made = space(tmp_path)
    made.store[Calls].add(call())
    about = {"call": "call-1", "criterion": "c", "rater": "model:x", "at": datetime(2026, 11, 1, tzinfo=UTC)}
    by = {"rubric": "rb-1", "prompt": "p@1", "model": "x"}
    for number, endpoint in enumerate(("", "http://b/v1")):
        source = Provenance(**by, endpoint=endpoint, request=f"rq-{number}")
        made.store[Ratings].add([Rating(**about, judgement=Rated(value=0), provenance=source)])
    made.store.close()
    (tmp_path / "closeread.db").rename(tmp_path / "newer.db")
    older_database(tmp_path / "closeread.db", "0016", tmp_path / "newer.db", ("calls", "ratings"))
    again = space(tmp_path).store[Ratings]
    assert again.made_with("rb-1") == {("p@1", "x", ""), ("p@1", "x", "http://b/v1")}
    for endpoint, others in (("", ["http://b/v1"]), ("http://b/v1", [""]), ("http://c/v1", ["", "http://b/v1"])):
        key = MadeWith("rb-1", "p@1", "x", 0, endpoint)
        assert again.other_servers(key) == others
        assert again.rated_calls(key) == (set() if "c" in endpoint else {call().id})


def test_a_rating_made_before_there_were_endpoints_keeps_its_name():
    made = {
        "call": "call-1",
        "criterion": "c",
        "rater": "model:x",
        "judgement": Rated(value=1),
        "at": datetime(2026, 11, 1, tzinfo=UTC),
    }
    before = Rating(**made, provenance=Provenance(rubric="rb-1", prompt="p@1", model="x", request="rq-1"))
    elsewhere = before.model_copy(
        update={"provenance": before.provenance.model_copy(update={"endpoint": "http://b/v1"})}
    )
    assert before.id == "ra-e8c5dbb5868f"
    assert elsewhere.id != before.id


async def test_fresh_asks_anew_and_keeps_the_new_reply(tmp_path):
    async with Stub(says(GOOD), says(GOOD.replace('"asks"', '"asks again"'))) as stub:
        made = space(tmp_path, stub)
        await rated(made)
        assert (await rated(made, fresh=True)).reason == "asks again"
        assert (await rated(made)).reason == "asks again"
        assert len(stub.raw) == 2
        made.store.close()
