"""Batches against a stub that speaks the protocol: handed in once, taken in once, each request with its own end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from agent.core.errors import BudgetExceeded, ModelRejected, ModelUnreachable, ReplyInvalid
from agent.llm.batch_files import write_parts
from agent.llm.batch_replies import BatchDesk
from agent.llm.batches import BatchTicket, OpenAIBatches
from agent.llm.cache import CachedModel
from agent.llm.model import Request
from agent.llm.prices import Price, Prices
from agent.llm.providers import body_of
from agent.llm.wire import Completion, Endpoint, response_format
from tests.llm.batch_stub import BatchStub, Outcome, answered, lost, refused
from tests.llm.fakes import FakeModel
from tests.llm.replies import AWKWARD, GOOD, request

PRICES = Prices({"openai/stub-1": Price(input=1.0, output=10.0, cached=0.1)})
WRONG = '{"level":7,"reason":"x"}'


def good(_: dict[str, Any]) -> Outcome:
    return answered(GOOD)


def batches(stub: BatchStub, most: int = 50_000) -> OpenAIBatches:
    return OpenAIBatches(Endpoint(api_base=stub.base, api_key=SecretStr("test")), most_requests=most)


def asked(number: int) -> list[Request[Any]]:
    return [request(f"Rep: {n}", subject=f"call-{n}") for n in range(number)]


async def test_every_request_gets_its_own_answer_whatever_the_order() -> None:
    def answer(line: dict[str, Any]) -> Outcome:
        return answered(f'{{"level":1,"reason":"{line["body"]["messages"][1]["content"]}"}}')

    async with BatchStub(answer) as stub, batches(stub) as model:
        ticket = await model.submit(asked(5))
        waiting = await model.collect(ticket)
        assert (waiting.results, waiting.waiting, waiting.done) == ({}, 5, False)
        stub.end()
        found = await model.collect(ticket)
    assert {id_: r.text for id_, r in found.results.items() if isinstance(r, Completion)} == {
        r.id: f'{{"level":1,"reason":"{r.messages[1].content}"}}' for r in asked(5)
    }
    assert found.done


async def test_the_lines_are_the_requests_as_they_are_sent_online() -> None:
    one = request(AWKWARD, draw=3)
    async with BatchStub(good) as stub, batches(stub) as model:
        await model.submit([one])
        [line] = stub.lines()
    assert line == {
        "custom_id": one.id,
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": body_of(one, {"response_format": response_format(one)}),
    }
    assert (stub.created[0]["endpoint"], stub.created[0]["completion_window"]) == ("/v1/chat/completions", "24h")


async def test_mixed_results_each_end_as_their_own_error() -> None:
    outcomes = {
        "Rep: 0": answered(GOOD),
        "Rep: 1": refused(400, "bad temperature"),
        "Rep: 2": refused(429, "slow down"),
        "Rep: 3": lost("batch_expired", "took too long"),
        "Rep: 4": None,
        "Rep: 5": {"response": {"status_code": 200, "body": {"choices": 3}}, "error": None},
    }

    def answer(line: dict[str, Any]) -> Outcome:
        return outcomes[line["body"]["messages"][1]["content"]]

    async with BatchStub(answer) as stub, batches(stub) as model:
        ticket = await model.submit(asked(6))
        stub.end("expired")
        found = (await model.collect(ticket)).results
    results = [found[r.id] for r in asked(6)]
    assert isinstance(results[0], Completion)
    assert isinstance(results[1], ModelRejected)
    assert "bad temperature" in str(results[1])
    for place, says in ((2, "429: slow down"), (3, "batch_expired"), (4, "(expired) has no answer"), (5, "not a chat")):
        assert isinstance(results[place], ModelUnreachable)
        assert says in str(results[place])


async def test_a_batch_that_was_not_taken_says_why() -> None:
    async with BatchStub(good) as stub, batches(stub) as model:
        ticket = await model.submit(asked(2))
        stub.end("failed", errors=["line 1: no such model"])
        found = await model.collect(ticket)
    assert len(found.results) == 2
    assert all(isinstance(r, ModelRejected) and "no such model" in str(r) for r in found.results.values())


async def test_a_cancelled_batch_keeps_what_was_answered() -> None:
    def answer(line: dict[str, Any]) -> Outcome:
        return answered(GOOD) if line["body"]["messages"][1]["content"] == "Rep: 0" else None

    async with BatchStub(answer) as stub, batches(stub) as model:
        ticket = await model.submit(asked(2))
        await model.cancel(ticket)
        assert (await model.collect(ticket)).waiting == 2
        stub.end("cancelled")
        await model.cancel(ticket)
        found = (await model.collect(ticket)).results
    assert [type(found[r.id]) for r in asked(2)] == [Completion, ModelUnreachable]


async def test_large_sets_are_split_and_given_out_one_batch_at_a_time() -> None:
    async with BatchStub(good) as stub, batches(stub, most=2) as model:
        ticket = await model.submit(asked(5))
        assert [len(part.subjects) for part in ticket.parts] == [2, 2, 1]
        stub.end(batch=2)
        first = await model.collect(ticket)
        assert (len(first.results), first.waiting, first.done) == (1, 4, False)
        assert (await model.collect(first.ticket)).results == {}
        stub.end(batch=0)
        stub.end(batch=1)
        second = await model.collect(first.ticket)
        third = await model.collect(second.ticket)
    assert third.done
    assert {*first.results, *second.results, *third.results} == {r.id for r in asked(5)}


def test_files_keep_to_bytes_and_models(tmp_path: Path) -> None:
    requests = [*asked(6), request(model="openai/other"), asked(6)[0]]
    one = len(write_parts(asked(1), tmp_path)[0].path.read_bytes())
    parts = write_parts(requests, tmp_path, most_bytes=2 * one + 10)
    assert [(p.model, len(p.subjects)) for p in parts] == [("openai/stub-1", 2)] * 3 + [("openai/other", 1)]
    assert all(part.path.stat().st_size <= 2 * one + 10 for part in parts)


async def test_handing_in_again_takes_up_the_same_batch() -> None:
    async with BatchStub(good) as stub, batches(stub) as model:
        first = await model.submit(asked(3))
        again = await model.submit(reversed(asked(3)))
        assert again == first.model_copy(update={"parts": again.parts})
        assert len(stub.created) == 1
        stub.end("expired")
        await model.submit(asked(3))
        assert len(stub.created) == 2


async def test_refusals_of_the_interface_are_errors_of_the_tree() -> None:
    async with BatchStub(good) as stub, batches(stub) as model:
        stub.refuse_files = (401, "bad key")
        with pytest.raises(ModelRejected, match="401: bad key"):
            await model.submit(asked(1))
    async with OpenAIBatches(Endpoint(api_base=stub.base, api_key=SecretStr("test"))) as model:
        with pytest.raises(ModelUnreachable, match="cannot be reached"):
            await model.collect(BatchTicket(id="bt-1", parts=()).model_copy(update={"parts": (await _part(),)}))


async def _part() -> Any:
    async with BatchStub(good) as stub, batches(stub) as model:
        return (await model.submit(asked(1))).parts[0]


def desk(model: OpenAIBatches, cache: CachedModel, left: float | None = None) -> BatchDesk:
    return BatchDesk(model, cache, PRICES, left)


async def test_replies_are_kept_at_half_price_and_once(tmp_path: Path) -> None:
    def answer(line: dict[str, Any]) -> Outcome:
        return answered(WRONG if line["body"]["messages"][1]["content"] == "Rep: 1" else GOOD)

    cache = CachedModel(FakeModel(lambda _: GOOD), tmp_path)
    requests = {r.subject: r for r in asked(3)}
    async with BatchStub(answer) as stub, batches(stub) as model:
        at = desk(model, cache)
        ticket = await at.submit(requests.values())
        stub.end()
        taken = await at.collect(ticket, lambda subject, _: requests[subject])
        again = await at.collect(taken.ticket, lambda subject, _: requests[subject])
        assert (await at.submit([requests["call-0"]])).parts == ()
    assert [type(e) for e in taken.failed.values()] == [ReplyInvalid]
    assert (again.failed, again.entries) == ({}, [])
    # 36 fresh input tokens at 1, 64 cached at 0.1, 10 output at 10, and half of that.
    assert [e.usd for e in taken.entries if not e.failure] == [pytest.approx((36 + 6.4 + 100) / 2)] * 2
    assert {(e.source, e.failure) for e in taken.entries} == {("batch", ""), ("batch", "reply_invalid")}
    kept = await cache.ask(requests["call-2"])
    assert (kept.source, kept.cost_usd, kept.text) == ("cache", 0.0, GOOD)
    assert requests["call-1"] not in cache
    cache.close()


async def test_what_has_changed_meanwhile_is_dropped(tmp_path: Path) -> None:
    cache = CachedModel(FakeModel(lambda _: GOOD), tmp_path)
    async with BatchStub(good) as stub, batches(stub) as model:
        ticket = await desk(model, cache).submit(asked(2))
        stub.end()
        changed = {"call-0": None, "call-1": request("another text", subject="call-1")}
        taken = await desk(model, cache).collect(ticket, lambda subject, _: changed[subject])
    assert (taken.ticket.done, taken.failed, taken.entries) == (True, {}, [])
    assert request("another text", subject="call-1") not in cache
    cache.close()


async def test_a_batch_that_cannot_be_paid_for_is_not_handed_in(tmp_path: Path) -> None:
    cache = CachedModel(FakeModel(lambda _: GOOD), tmp_path)
    async with BatchStub(good) as stub, batches(stub) as model:
        with pytest.raises(BudgetExceeded, match=r"more than the \$300\.00 that are left"):
            await desk(model, cache, left=300.0).submit(asked(2))
        assert (stub.files, stub.created) == ({}, [])
        # 50 output tokens at 10 and about 90 of input at 1, half of that.
        await desk(model, cache, left=300.0).submit(asked(1))
        assert len(stub.created) == 1
    cache.close()
