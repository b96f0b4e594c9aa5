"""A damaged cache costs what was in it, and nothing else."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import pytest

from agent.core.errors import ConfigError
from agent.llm.cache import CachedModel
from agent.llm.fakes import FakeModel
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
