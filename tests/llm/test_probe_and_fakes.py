"""The probe's findings, and the fake's manners."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.core.errors import ModelRefused, ModelRejected, ModelUnreachable, ReplyEmpty, ReplyInvalid
from agent.llm.fakes import Answer, FakeModel
from agent.llm.model import Request
from agent.llm.prices import FREE, Prices
from agent.llm.probe import Count, probe
from agent.llm.recording import CachedModel
from tests.llm.replies import GOOD, Verdict, request


async def test_a_good_model() -> None:
    found = await probe(FakeModel(lambda _: Count(people=3)), "openai/gpt-4.1-mini")
    assert (found.reachable, found.structured, found.problem) == (True, True, "")
    assert found.price is not None
    assert found.usage is not None


async def test_an_own_price() -> None:
    found = await probe(FakeModel(lambda _: Count(people=3)), "openai/mine", Prices({"openai/mine": FREE}))
    assert found.price == FREE


async def test_no_structured_reply() -> None:
    found = await probe(FakeModel(lambda _: "They are three."), "openai/mine")
    assert (found.reachable, found.structured, found.price) == (True, False, None)
    assert "does not fit Count" in found.problem


@pytest.mark.parametrize("error", [ModelUnreachable("no answer"), ModelRejected("401")])
async def test_not_reachable(error: Exception) -> None:
    def answer(_: Request[Any]) -> Answer:
        raise error

    found = await probe(FakeModel(answer), "openai/mine")
    assert (found.reachable, found.structured, found.problem) == (False, False, str(error))


async def test_an_answer_from_the_cache_proves_nothing(tmp_path: Path) -> None:
    cached = CachedModel(FakeModel(lambda _: Count(people=3)), tmp_path)
    assert (await probe(cached, "openai/mine")).problem == ""
    found = await probe(cached, "openai/mine")
    assert (found.reachable, found.problem) == (False, "openai/mine: answered from a cache, not asked")
    cached.close()


async def test_the_probe_is_asked_as_the_role_would_be() -> None:
    fake = FakeModel(lambda _: Count(people=3))
    await probe(fake, "openai/mine", role="rater", settings={"temperature": 0.0})
    [asked] = fake.requests
    assert (asked.role, asked.model, asked.settings) == ("rater", "openai/mine", {"temperature": 0.0})


@pytest.mark.parametrize("given", [Verdict(level=1, reason="asked about budget"), {"level": 1, "reason": "x"}, GOOD])
async def test_the_fake_takes_values_data_and_text(given: Answer) -> None:
    fake = FakeModel(lambda _: given)
    reply = await fake.ask(request())
    assert (reply.value.level, reply.source, reply.usage.estimated) == (1, "provider", True)
    assert [r.subject for r in fake.requests] == ["call-1"]


async def test_the_fake_may_be_async_and_may_raise() -> None:
    async def answer(asked: Request[Any]) -> str:
        if asked.draw:
            raise ModelRefused("no")
        return GOOD

    fake = FakeModel(answer)
    assert (await fake.ask(request())).text == GOOD
    with pytest.raises(ModelRefused):
        await fake.ask(request(draw=1))


@pytest.mark.parametrize(("text", "error"), [("{}", ReplyInvalid), ("", ReplyEmpty)])
async def test_the_fake_validates(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        await FakeModel(lambda _: text).ask(request())
