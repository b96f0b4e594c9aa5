"""Another model takes over where one cannot answer, and everything that is written down names the one that did."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.core.errors import (
    ConfigError,
    ModelError,
    ModelRefused,
    ModelRejected,
    ModelUnreachable,
    ReplyTruncated,
)
from agent.db.ledger import SqlLedger
from agent.llm.cache import CachedModel
from agent.llm.fallback import Alternative, Fallback
from agent.llm.model import Request
from agent.llm.recording import Recorder, Replay
from agent.scoring.rating import Made, failed_with, rate_call, rating_request
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import PROMPTS, call, rubric
from tests.llm.fakes import Answer, FakeModel
from tests.llm.replies import GOOD, request
from tests.llm.stub import Stub, says, status
from tests.llm.times import Time

FIRST, SECOND = "openai/stub-1", "anthropic/other"
CHAIN = {"rater": [Alternative(SECOND, {"temperature": 0.5}, frozenset({"seed_text"}))]}


def answering(**answers: Answer | Exception) -> Callable[[Request[Any]], Answer]:
    def answer(asked: Request[Any]) -> Answer:
        given = answers["first" if asked.model == FIRST else "second"]
        if isinstance(given, Exception):
            raise given
        return given

    return answer


def models(fake: FakeModel) -> list[str]:
    return [r.model for r in fake.requests]


@pytest.mark.parametrize("error", [ModelUnreachable("away"), ModelRejected("no quota")])
async def test_the_next_is_asked_and_named(error: ModelError) -> None:
    fake = FakeModel(answering(first=error, second=GOOD))
    reply = await Fallback(fake, CHAIN).ask(request())
    assert models(fake) == [FIRST, SECOND]
    assert (reply.asked.model, reply.request) == (SECOND, fake.requests[1].id)
    assert reply.request != request().id


@pytest.mark.parametrize("error", [ModelRefused("declined"), ReplyTruncated("cut")])
async def test_what_a_model_answered_is_its_result(error: ModelError) -> None:
    fake = FakeModel(answering(first=error, second=GOOD))
    with pytest.raises(type(error)):
        await Fallback(fake, CHAIN).ask(request())
    assert models(fake) == [FIRST]


async def test_settings_are_the_prompts_and_then_the_bindings_own() -> None:
    asked = Request(
        request().messages,
        request().reply,
        FIRST,
        {"max_tokens": 50, "temperature": 0.0, "top_p": 0.1},
        role="rater",
        defaults={"max_tokens": 50, "temperature": 0.0, "seed_text": "x"},
    )
    fake = FakeModel(answering(first=ModelUnreachable("away"), second=GOOD))
    await Fallback(fake, CHAIN).ask(asked)
    assert fake.requests[1].settings == {"max_tokens": 50, "temperature": 0.5}


async def test_a_conversation_stays_with_whom_it_began() -> None:
    fake = FakeModel(answering(first=ModelUnreachable("away"), second=GOOD))
    model = Fallback(fake, CHAIN)
    reply = await model.ask(request())
    again = await model.ask(reply.asked.follow_up(reply.text, "Quote it."))
    assert models(fake) == [FIRST, SECOND, SECOND]
    assert again.asked.model == SECOND
    gone = FakeModel(answering(first=GOOD, second=ModelUnreachable("away")))
    with pytest.raises(ModelUnreachable):
        await Fallback(gone, CHAIN).ask(reply.asked.follow_up(reply.text, "Quote it."))
    assert models(gone) == [SECOND]


async def test_who_cannot_be_reached_rests_and_is_tried_again_by_one(caplog: pytest.LogCaptureFixture) -> None:
    time = Time()
    answers: dict[str, Answer | Exception] = {"first": ModelUnreachable("away"), "second": GOOD}
    fake = FakeModel(lambda asked: answering(**answers)(asked))
    model = Fallback(fake, CHAIN, rest=60.0, clock=time.clock)
    for n in range(3):
        await model.ask(request(f"Rep: {n}"))
    assert models(fake) == [FIRST, SECOND, SECOND, SECOND]
    assert [r.message for r in caplog.records] == [f"away; asking {SECOND} instead"]
    time.now += 61.0
    answers["first"] = GOOD
    assert (await model.ask(request("later"))).asked.model == FIRST
    assert (await model.ask(request("and then"))).asked.model == FIRST


async def test_whoever_rests_is_still_asked_when_the_others_fail() -> None:
    answers: dict[str, Answer | Exception] = {"first": ModelUnreachable("away"), "second": GOOD}
    fake = FakeModel(lambda asked: answering(**answers)(asked))
    model = Fallback(fake, CHAIN)
    await model.ask(request("one"))
    answers.update(first=GOOD, second=ModelUnreachable("away too"))
    assert (await model.ask(request("two"))).asked.model == FIRST


async def test_where_nobody_answers_all_are_named() -> None:
    fake = FakeModel(answering(first=ModelRejected("bad key"), second=ModelUnreachable("away")))
    with pytest.raises(ModelUnreachable, match="bad key; then away"):
        await Fallback(fake, CHAIN).ask(request())


async def test_cache_and_recordings_keep_each_model_apart(tmp_path: Path) -> None:
    answers: dict[str, Answer | Exception] = {"first": ModelUnreachable("away"), "second": GOOD}
    fake = FakeModel(lambda asked: answering(**answers)(asked))
    cached = CachedModel(fake, tmp_path / "cache")
    kept = await Fallback(Recorder(cached, tmp_path / "recorded"), CHAIN).ask(request())
    replayed = await Fallback(Replay(tmp_path / "recorded"), CHAIN).ask(request())
    assert (replayed.request, replayed.asked.model, replayed.source) == (kept.request, SECOND, "recording")
    answers["first"] = '{"level":0,"reason":"first"}'
    own = await Fallback(cached, CHAIN).ask(request())
    assert (own.asked.model, own.value.level) == (FIRST, 0)
    assert (await Fallback(cached, CHAIN).ask(request())).source == "cache"
    cached.close()


RATING = {
    "criterion": "asks_cost",
    "evidence": [{"turn": 0, "quote": "What does the late close cost you each month?"}],
    "context": [],
    "nearest": None,
    "reason": "asks",
    "level": 1,
}
RATED = json.dumps({"ratings": [RATING]})
PROMPT = PROMPTS.get("rate_call")


def space(folder: Path, models_yaml: str) -> Workspace:
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "models.yaml").write_text(models_yaml)
    return Workspace(Settings(folder, f"sqlite:///{folder}/closeread.db", {}))


def two(here: Stub, there: Stub) -> str:
    return (
        f"roles:\n  rater: {{model: openai/a, api_base: {here.base}/v1, fallback: [spare]}}\n"
        f"bindings:\n  spare: {{model: openai/b, api_base: {there.base}/v1, "
        "input_usd_per_million: 1, output_usd_per_million: 1}\n"
    )


async def test_ratings_and_ledger_name_the_model_that_answered(tmp_path: Path) -> None:
    unfounded = json.dumps({"ratings": [{**RATING, "evidence": [{"turn": 0, "quote": "nobody said this"}]}]})
    async with Stub(status(401, "bad key")) as here, Stub(says(unfounded), says(RATED)) as there:
        made = space(tmp_path, two(here, there))
        async with made.roles("rater", rubric=rubric().id) as roles:
            [rating] = await rate_call(call(), rubric(), roles["rater"], PROMPT)
            assert made.answering_models("rater") == (("openai/a", f"{here.base}/v1"), ("openai/b", f"{there.base}/v1"))
        # The re-ask went to the second as well, although the request was the first's.
        assert (len(here.raw), len(there.raw)) == (1, 2)
        spent = {(s.model, s.failed, s.usd > 0) for s in made.store[SqlLedger].totals()}
        assert spent == {("openai/a", 1, False), ("openai/b", 0, True)}
        made.store.close()
    assert (rating.rater, rating.provenance.model) == ("model:openai/b", "openai/b")
    first = rating_request(call(), rubric(), roles["rater"], PROMPT)
    assert rating.provenance.request != first.id
    assert rating.judgement.status == "rated"


async def test_a_failure_names_the_model_that_failed(tmp_path: Path) -> None:
    async with Stub(status(401, "bad key")) as here, Stub(says("", refusal="I will not")) as there:
        made = space(tmp_path, two(here, there))
        async with made.roles("rater") as roles:
            with pytest.raises(ModelRefused) as caught:
                await rate_call(call(), rubric(), roles["rater"], PROMPT)
            [rating] = failed_with(
                caught.value, "", call(), rubric().criteria, Made(rubric(), PROMPT, 0), roles["rater"]
            )
        made.store.close()
    assert (rating.provenance.model, rating.provenance.endpoint) == ("openai/b", f"{there.base}/v1")


async def test_who_measures_a_model_is_not_answered_by_another(tmp_path: Path) -> None:
    async with Stub(status(401, "bad key")) as here, Stub(says(RATED)) as there:
        made = space(tmp_path, two(here, there))
        async with made.roles("rater", fallback=False) as roles:
            with pytest.raises(ModelRejected):
                await rate_call(call(), rubric(), roles["rater"], PROMPT)
        assert there.raw == []
        made.store.close()


@pytest.mark.parametrize(
    ("fallback", "says_what"),
    [("[nobody]", "fallback names 'nobody'; there are: rater"), ("[{model: openai/a}]", "openai/a stands twice")],
)
def test_a_chain_that_cannot_be_is_an_error(tmp_path: Path, fallback: str, says_what: str) -> None:
    made = space(tmp_path, f"roles:\n  rater: {{model: openai/a, fallback: {fallback}}}\n")
    with pytest.raises(ConfigError, match=says_what):
        made.answering_models("rater")
