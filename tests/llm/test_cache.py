"""No reply is paid for twice, by one process or by several; a damaged cache costs what was in it, and nothing else."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.core.errors import ConfigError, ModelUnreachable
from agent.llm.cache import CachedModel
from tests.llm.fakes import FakeModel
from tests.llm.replies import GOOD, request


async def filled(folder: Path) -> None:
    model = CachedModel(FakeModel(lambda _: GOOD), folder)
    await model.ask(request())
    model.close()


@pytest.mark.parametrize("damage", [b"this is no database at all, and longer than its header" * 50, None])
async def test_a_damaged_cache_is_put_aside_and_said(
    tmp_path: Path, damage: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "cache"
    await filled(folder)
    database = folder / "cache.db"
    for log in folder.glob("cache.db-*"):
        log.unlink()
    whole = database.read_bytes()
    database.write_bytes(damage or whole[:4096] + b"\xff" * (len(whole) - 4096))
    model = CachedModel(FakeModel(lambda _: GOOD), folder)
    with caplog.at_level(logging.WARNING):
        assert (await model.ask(request())).source == "provider"
    assert (await model.ask(request())).source == "cache"
    model.close()
    assert "is damaged" in caplog.text
    assert "cache.damaged-1" in caplog.text
    assert (tmp_path / "cache.damaged-1" / "cache.db").is_file()


async def test_a_row_that_cannot_be_read_is_asked_for_again(tmp_path: Path) -> None:
    await filled(tmp_path)
    with sqlite3.connect(tmp_path / "cache.db") as database:
        assert database.execute("UPDATE Cache SET value = ?", (b"no zlib",)).rowcount == 1
    fake = FakeModel(lambda _: GOOD)
    model = CachedModel(fake, tmp_path)
    assert [(await model.ask(request())).source for _ in range(2)] == ["provider", "cache"]
    model.close()


async def test_a_cache_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in its place")
    model = CachedModel(FakeModel(lambda _: GOOD), tmp_path / "cache")
    with pytest.raises(ConfigError, match=r"the cache .*cache cannot be used"):
        await model.ask(request())


class Slow(FakeModel):
    """Answers when it is told to."""

    def __init__(self, *answers: object) -> None:
        super().__init__(lambda _: GOOD)
        self.answers, self.asked, self.go = list(answers), 0, asyncio.Event()

    async def ask(self, request: Any) -> Any:
        self.asked += 1
        await self.go.wait()
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return await super().ask(request)


async def test_two_runs_over_one_folder_share_what_is_in_flight(tmp_path: Path) -> None:
    slow = Slow()
    first, second = CachedModel(slow, tmp_path / "cache"), CachedModel(slow, tmp_path / "cache")
    asking = [asyncio.create_task(model.ask(request())) for model in (first, second)]
    await asyncio.sleep(0.3)
    assert slow.asked == 1
    slow.go.set()
    assert sorted(reply.source for reply in await asyncio.gather(*asking)) == ["cache", "provider"]
    assert slow.asked == 1


async def test_what_failed_for_one_run_is_asked_by_the_other(tmp_path: Path) -> None:
    slow = Slow(ModelUnreachable("away"))
    first, second = CachedModel(slow, tmp_path / "cache"), CachedModel(slow, tmp_path / "cache")
    asking = [asyncio.create_task(model.ask(request())) for model in (first, second)]
    slow.go.set()
    failed, reply = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(failed, ModelUnreachable)
    assert not isinstance(reply, BaseException)
    assert (reply.source, slow.asked) == ("provider", 2)


async def test_a_fresh_run_never_takes_what_was_kept_before(tmp_path: Path) -> None:
    await filled(tmp_path / "cache")
    model = CachedModel(FakeModel(lambda _: GOOD), tmp_path / "cache")
    assert (await model.ask(replace(request(), fresh=True))).source == "provider"
    model.close()


OTHER = """
import sys, time, pathlib
from agent.llm.claims import claims_at
assert claims_at(pathlib.Path(sys.argv[1])).take(sys.argv[2])
print("taken", flush=True)
time.sleep(60)
"""


async def test_another_process_is_waited_for_until_it_ends_even_if_it_is_killed(tmp_path: Path) -> None:
    fake = FakeModel(lambda _: GOOD)
    model = CachedModel(fake, tmp_path / "cache")
    command = [sys.executable, "-c", OTHER, str(tmp_path / "cache.asking"), request().id]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "taken\n"
        asking = asyncio.create_task(model.ask(request()))
        await asyncio.sleep(0.5)
        assert not asking.done()
        assert (await model.ask(request(draw=1))).source == "provider"
        other.kill()
    assert (await asyncio.wait_for(asking, 10)).source == "provider"
    model.close()
