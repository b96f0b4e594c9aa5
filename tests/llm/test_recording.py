"""Cache, recorder and replay: by request id, validated replies only."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Any

import diskcache
import pytest

from agent.core.errors import ConfigError, ModelUnreachable, RecordingMissing, ReplyInvalid
from agent.llm.cache import CachedModel
from agent.llm.ledger import Metered
from agent.llm.model import Request
from agent.llm.recording import Recorder, Replay, read_recordings
from tests.llm.fakes import FakeModel
from tests.llm.replies import GOOD, Entries, request


def good(_: Request[Any]) -> str:
    return GOOD


async def record(folder: Path, *requests: Request[Any]) -> None:
    recorder = Recorder(FakeModel(good), folder)
    for asked in requests:
        await recorder.ask(asked)


async def test_a_recording_is_replayed(tmp_path: Path) -> None:
    model = FakeModel(lambda _: '{ "reason": "“ü”",\n"level": 0 }')
    live = await Recorder(model, tmp_path).ask(request())
    replay = Replay(tmp_path)
    again = await replay.ask(request())
    assert (again.value, again.text, again.usage, again.request) == (live.value, live.text, live.usage, live.request)
    assert (again.source, again.cost_usd, again.attempts) == ("recording", 0.0, 0)


async def test_a_follow_up_of_a_replayed_reply_has_the_same_id(tmp_path: Path) -> None:
    live = await Recorder(FakeModel(lambda _: '{ "reason": "x", "level": 0 }'), tmp_path).ask(request())
    again = await Replay(tmp_path).ask(request())
    assert request().follow_up(live.text, "Quote it.").id == request().follow_up(again.text, "Quote it.").id


async def test_the_file_is_sorted_and_says_what_it_holds(tmp_path: Path) -> None:
    asked = [request(draw=n, settings={"max_tokens": 50, "temperature": 0.5}) for n in range(5)]
    await record(tmp_path, *asked, asked[0])
    await record(tmp_path, request(prompt="draft_criteria@2#89abcdef"))
    lines = (tmp_path / "rate_call.jsonl").read_text().splitlines()
    ids = [json.loads(line)["id"] for line in lines]
    assert ids == sorted(r.id for r in asked)
    first = json.loads(lines[ids.index(asked[3].id)])
    assert list(first) == ["id", "prompt", "role", "subject", "model", "settings", "draw", "reply", "usage", "at"]
    assert (first["prompt"], first["role"], first["subject"]) == ("rate_call@1#0123abcd", "rater", "call-1")
    assert (first["model"], first["draw"]) == ("openai/stub-1", 3)
    assert first["settings"] == {"max_tokens": 50, "temperature": 0.5}
    assert first["reply"] == json.loads(GOOD)
    assert sorted(p.name for p in tmp_path.glob("[!.]*")) == ["draft_criteria.jsonl", "rate_call.jsonl"]


async def test_two_programs_record_into_one_folder_and_none_of_their_replies_is_lost(tmp_path: Path) -> None:
    one, two = Recorder(FakeModel(good), tmp_path), Recorder(FakeModel(good), tmp_path)
    for n in range(3):
        await one.ask(request(draw=2 * n))
        await two.ask(request(draw=2 * n + 1))
    assert sorted(r.draw for r in read_recordings(tmp_path / "rate_call.jsonl")) == [0, 1, 2, 3, 4, 5]


async def test_recording_goes_on_where_it_stopped(tmp_path: Path) -> None:
    await record(tmp_path, request(draw=1))
    await record(tmp_path, request(draw=2))
    assert len(read_recordings(tmp_path / "rate_call.jsonl")) == 2


async def test_a_missing_recording_says_which_and_how(tmp_path: Path) -> None:
    await record(tmp_path, request())
    replay = Replay(tmp_path, "run: closeread demo --record")
    other = request(subject="call-9", draw=1)
    with pytest.raises(RecordingMissing) as caught:
        await replay.ask(other)
    for part in ("rate_call@1#0123abcd", "call-9", other.id, "run: closeread demo --record", str(tmp_path)):
        assert part in str(caught.value)


async def test_unused_recordings_are_known(tmp_path: Path) -> None:
    await record(tmp_path, request(draw=1), request(draw=2))
    replay = Replay(tmp_path)
    await replay.ask(request(draw=1))
    assert replay.used == {request(draw=1).id}
    assert [r.draw for r in replay.unused()] == [2]


async def test_a_recording_is_validated_again(tmp_path: Path) -> None:
    await record(tmp_path, request())
    path = tmp_path / "rate_call.jsonl"
    path.write_text(path.read_text().replace('"level": 1', '"level": 3'))
    with pytest.raises(ReplyInvalid, match="level: Input should be less"):
        await Replay(tmp_path).ask(request())


def test_bad_folders_and_lines_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder of recordings"):
        Replay(tmp_path / "none")
    (tmp_path / "rate_call.jsonl").write_text('{"id": 1\n')
    with pytest.raises(ConfigError, match=r"rate_call\.jsonl:1: not a recording"):
        Replay(tmp_path)


async def test_one_id_in_two_files_is_an_error(tmp_path: Path) -> None:
    await record(tmp_path, request())
    (tmp_path / "other.jsonl").write_text((tmp_path / "rate_call.jsonl").read_text())
    with pytest.raises(ConfigError, match="recorded twice"):
        Replay(tmp_path)


async def test_failures_are_not_recorded(tmp_path: Path) -> None:
    with pytest.raises(ReplyInvalid):
        await Recorder(FakeModel(lambda _: "{}"), tmp_path).ask(request())
    assert list(tmp_path.iterdir()) == []


async def test_the_cache_asks_once(tmp_path: Path) -> None:
    fake = FakeModel(good)
    cached = CachedModel(fake, tmp_path)
    first, second = await cached.ask(request()), await cached.ask(request())
    assert (first.source, second.source) == ("provider", "cache")
    assert (second.value, second.text, second.usage) == (first.value, first.text, first.usage)
    assert (second.cost_usd, second.attempts, len(fake.requests)) == (0.0, 0, 1)
    assert request() in cached
    assert request(draw=1) not in cached
    cached.close()
    again = CachedModel(FakeModel(good), tmp_path)
    assert (await again.ask(request())).source == "cache"
    again.close()


async def test_failures_are_not_cached(tmp_path: Path) -> None:
    answers = ["{}", GOOD]
    cached = CachedModel(FakeModel(lambda _: answers.pop(0)), tmp_path)
    with pytest.raises(ReplyInvalid):
        await cached.ask(request())
    assert (await cached.ask(request())).source == "provider"
    cached.close()


async def test_a_cached_reply_that_does_not_fit_is_asked_for_again(tmp_path: Path) -> None:
    cached = CachedModel(FakeModel(good), tmp_path)
    await cached.ask(request())
    with diskcache.Cache(str(tmp_path), disk=diskcache.JSONDisk) as kept:
        kept.set(request().id, {**kept.get(request().id), "text": '{"level":5,"reason":""}'})
    assert [(await cached.ask(request())).source for _ in range(2)] == ["provider", "cache"]
    cached.close()


def test_the_cache_holds_no_pickles(tmp_path: Path) -> None:
    async def fill() -> None:
        cached = CachedModel(FakeModel(good), tmp_path)
        await cached.ask(request())
        cached.close()

    asyncio.run(fill())
    with sqlite3.connect(tmp_path / "cache.db") as db:
        modes = {mode for (mode,) in db.execute("select mode from Cache")}
        values = [value for (value,) in db.execute("select value from Cache")]
    db.close()
    # diskcache: mode 4 is a pickle. A pickle of protocol 2 or later starts with 0x80.
    assert modes.isdisjoint({4})
    assert all(bytes(value)[:1] != b"\x80" for value in values)


class Gate:
    """Holds replies back until it is opened."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.fake = FakeModel(self._answer)

    async def _answer(self, _: Request[Any]) -> str:
        await self.open.wait()
        return GOOD


async def test_the_same_id_at_once_is_one_request_paid_once(tmp_path: Path) -> None:
    gate, ledger = Gate(), Entries()
    cached = CachedModel(gate.fake, tmp_path)
    model = Metered(cached, ledger)
    asking = [asyncio.create_task(model.ask(request())) for _ in range(5)]
    await asyncio.sleep(0.01)
    gate.open.set()
    replies = await asyncio.gather(*asking)
    assert len(gate.fake.requests) == 1
    assert [r.source for r in replies] == ["provider"] + ["cache"] * 4
    assert [e.attempts for e in ledger.entries] == [1, 0, 0, 0, 0]
    cached.close()


async def test_a_cancelled_first_asker_does_not_take_the_reply_from_the_others(tmp_path: Path) -> None:
    gate = Gate()
    cached = CachedModel(gate.fake, tmp_path)
    first, second = asyncio.create_task(cached.ask(request())), asyncio.create_task(cached.ask(request()))
    await asyncio.sleep(0.01)
    first.cancel()
    gate.open.set()
    assert (await second).text == GOOD
    with pytest.raises(asyncio.CancelledError):
        await first
    assert len(gate.fake.requests) == 1
    cached.close()


async def test_a_shared_failure_is_paid_once(tmp_path: Path) -> None:
    async def fail(_: Request[Any]) -> str:
        await asyncio.sleep(0.01)
        error = ModelUnreachable("no answer")
        error.attempts, error.input_tokens = 3, 100
        raise error

    ledger = Entries()
    cached = CachedModel(FakeModel(fail), tmp_path)
    model = Metered(cached, ledger)
    results = await asyncio.gather(*(model.ask(request()) for _ in range(3)), return_exceptions=True)
    assert [str(r) for r in results] == ["no answer"] * 3
    assert [e.usage.input_tokens for e in ledger.entries] == [100]
    cached.close()


async def test_recorded_replies_seed_the_cache_and_are_not_written_anew(tmp_path: Path) -> None:
    await record(tmp_path / "folder", request(draw=1))
    path = tmp_path / "folder" / "rate_call.jsonl"
    before = path.read_text()
    asked = FakeModel(good)
    cached = CachedModel(asked, tmp_path / "cache")
    assert cached.seed(read_recordings(path)) == 1
    assert cached.seed(read_recordings(path)) == 0
    recorder = Recorder(cached, tmp_path / "folder")
    assert (await recorder.ask(request(draw=1))).source == "cache"
    assert path.read_text() == before
    await recorder.ask(request(draw=2))
    assert [r.draw for r in asked.requests] == [2]
    assert len(read_recordings(path)) == 2
    cached.close()
