"""A damaged cache costs what was in it, and nothing else."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from pathlib import Path
from typing import Any

import diskcache
import pytest

from agent.core.errors import ConfigError, ModelUnreachable
from agent.llm.cache import CachedModel
from agent.llm.fakes import FakeModel
from agent.llm.model import Reply, Request
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


async def test_two_processes_ask_a_request_once(tmp_path: Path) -> None:
    """Two caches over one folder stand for a run at the terminal and a job's worker."""
    asked: list[str] = []

    async def answer(wanted: Request[Any]) -> str:
        asked.append(wanted.id)
        await asyncio.sleep(0.3)
        return GOOD

    both = [CachedModel(FakeModel(answer), tmp_path) for _ in range(2)]
    requests = [request(f"Rep: {n}") for n in range(5)]
    replies = await asyncio.gather(*(model.ask(r) for model in both for r in requests))
    assert sorted(asked) == sorted(r.id for r in requests)
    assert sorted(r.source for r in replies) == ["cache"] * 5 + ["provider"] * 5
    for model in both:
        model.close()


async def test_what_another_process_failed_at_is_asked_again(tmp_path: Path) -> None:
    async def fails(_: Request[Any]) -> str:
        await asyncio.sleep(0.1)
        raise ModelUnreachable("away")

    first, second = CachedModel(FakeModel(fails), tmp_path), CachedModel(FakeModel(lambda _: GOOD), tmp_path)
    failed, reply = await asyncio.gather(first.ask(request()), second.ask(request()), return_exceptions=True)
    assert isinstance(failed, ModelUnreachable)
    assert isinstance(reply, Reply)
    first.close()
    second.close()


async def test_the_claim_of_a_process_that_died_runs_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.llm.cache.CLAIM_SECONDS", 0.6)
    kept = diskcache.Cache(str(tmp_path), disk=diskcache.JSONDisk)
    kept.add(f"asking:{request().id}", 1, expire=0.6)
    kept.close()
    model = CachedModel(FakeModel(lambda _: GOOD), tmp_path)
    assert (await model.ask(request())).source == "provider"
    model.close()


async def test_a_claim_is_kept_as_long_as_its_request_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.llm.cache.CLAIM_SECONDS", 0.3)

    async def slow(_: Request[Any]) -> str:
        await asyncio.sleep(1.0)
        return GOOD

    first, other = CachedModel(FakeModel(slow), tmp_path), FakeModel(lambda _: GOOD)
    second = CachedModel(other, tmp_path)
    await asyncio.gather(first.ask(request()), second.ask(request()))
    assert other.requests == []
    first.close()
    second.close()
