"""The probe's findings, and the fake's manners."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.core.errors import ModelRefused, ModelRejected, ModelUnreachable, ReplyEmpty, ReplyInvalid
from agent.llm.cache import CachedModel
from agent.llm.model import ReplyMode, Request
from agent.llm.prices import Price, Prices
from agent.llm.probe import Count, probe
from agent.llm.roles import Role
from agent.llm.wire import FormRefused
from tests.llm.fakes import Answer, FakeModel
from tests.llm.replies import GOOD, Verdict, request


def role(name: str = "openai/mine", mode: ReplyMode = "json_schema") -> Role:
    return Role("rater", name, FakeModel(lambda _: ""), reply_mode=mode)


async def test_a_good_model() -> None:
    found = await probe(FakeModel(lambda _: Count(people=3)), role("openai/gpt-4.1-mini"))
    assert (found.reachable, found.structured, found.reply_mode, found.problem) == (True, True, "json_schema", "")
    assert found.price is not None
    assert found.usage is not None
    assert found.write == {}


async def test_an_own_price() -> None:
    found = await probe(
        FakeModel(lambda _: Count(people=3)), role(), prices=Prices({"openai/mine": Price(0.0, 0.0, 0.0)})
    )
    assert found.price == Price(0.0, 0.0, 0.0)


@pytest.mark.parametrize("people", ["3", "3.0", '"3"'])
async def test_a_number_in_another_dress_is_a_number(people: str) -> None:
    assert (await probe(FakeModel(lambda _: f'{{"people":{people}}}'), role())).problem == ""


async def test_no_structured_reply() -> None:
    fake = FakeModel(lambda _: "They are three.")
    found = await probe(fake, role())
    assert (found.reachable, found.structured, found.price) == (True, False, None)
    assert "does not fit Count" in found.problem
    assert "They are three." in found.problem
    assert [r.reply_mode for r in fake.requests] == ["json_schema", "tools", "json_object", "prompt"]


async def test_a_way_that_is_refused_is_no_problem_and_the_line_is_given() -> None:
    """Every run would take the next way by itself: the line saves its first request."""

    def answer(asked: Request[Any]) -> Answer:
        if asked.reply_mode in ("json_schema", "tools"):
            raise FormRefused("400: no response_format here")
        return Count(people=3)

    found = await probe(FakeModel(answer), role(), learned=lambda _: {"temperature": None})
    assert (found.structured, found.problem, found.reply_mode) == (True, "", "json_object")
    assert found.write == {"reply": "json_object", "settings": {"temperature": None}}


async def test_a_way_that_is_ignored_is_a_problem_until_the_line_stands() -> None:
    def answer(asked: Request[Any]) -> Answer:
        return Count(people=3) if asked.reply_mode == "prompt" else "Three, I think."

    found = await probe(FakeModel(answer), role())
    assert (found.structured, found.write) == (True, {"reply": "prompt"})
    assert "does not fit Count" in found.problem
    bound = await probe(FakeModel(answer), role(mode="prompt"))
    assert (bound.problem, bound.write) == ("", {})


@pytest.mark.parametrize("error", [ModelUnreachable("no answer"), ModelRejected("401")])
async def test_not_reachable(error: Exception) -> None:
    def answer(_: Request[Any]) -> Answer:
        raise error

    fake = FakeModel(answer)
    found = await probe(fake, role())
    assert (found.reachable, found.structured, found.problem) == (False, False, str(error))
    assert len(fake.requests) == 1


async def test_an_answer_from_the_cache_proves_nothing(tmp_path: Path) -> None:
    cached = CachedModel(FakeModel(lambda _: Count(people=3)), tmp_path)
    assert (await probe(cached, role())).problem == ""
    found = await probe(cached, role())
    assert (found.reachable, found.problem) == (False, "openai/mine: answered from a cache, not asked")
    cached.close()


async def test_the_probe_is_asked_as_the_role_would_be() -> None:
    fake = FakeModel(lambda _: Count(people=3))
    await probe(fake, role(), {"temperature": 0.0})
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
