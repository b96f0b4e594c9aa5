"""Workspaces whose rater is a fake at the model seam, and small sets of calls."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from agent.calls.model import Call
from agent.calls.store import Calls
from agent.llm.model import Request
from agent.llm.roles import Role
from agent.rubrics.store import Rubrics
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import call, criterion, rubric
from tests.llm.fakes import FakeModel

ASKED = "What does the late close cost you each month?"
RATING = {
    "criterion": "asks_cost",
    "evidence": [{"turn": 0, "quote": ASKED}],
    "context": [],
    "nearest": None,
    "reason": "asks",
    "level": 1,
}
REPLY: dict[str, Any] = {"ratings": [RATING]}
GOOD = json.dumps(REPLY)


class FakeSpace(Workspace):
    """A workspace where every role is answered by `answer`; `asked` holds the subjects in order."""

    answer: Callable[[Request[Any]], Any] = staticmethod(lambda request: REPLY)
    asked: list[str]

    @asynccontextmanager
    async def roles(self, *names: str, **given: Any) -> AsyncIterator[dict[str, Role]]:
        def answer(request: Request[Any]) -> Any:
            self.asked.append(request.subject)
            return self.answer(request)

        yield {name: Role(name, self.binding(name).model, FakeModel(answer)) for name in names}


def numbered(count: int) -> list[Call]:
    """Calls that differ in their words."""
    return [call(f"call-{i:04}", "Rae", ("Rae", ASKED), ("Cus", f"About {i} thousand.")) for i in range(count)]


def fill(space: Workspace, count: int) -> None:
    """Calls and a rubric."""
    for one in numbered(count):
        space.store[Calls].add(one)
    space.store[Rubrics].add(rubric(criterion()))


def fake_space(
    folder: Path, calls: int, answer: Callable[[Request[Any]], Any] | None = None, rules: str = ""
) -> FakeSpace:
    folder.mkdir(parents=True, exist_ok=True)
    if rules:
        (folder / "config").mkdir(exist_ok=True)
        (folder / "config" / "jobs.yaml").write_text(rules)
    url = f"sqlite:///{folder}/closeread.db"
    space = FakeSpace(Settings(folder, url, {"CLOSEREAD_MODEL": "openai/stub-1"}))
    space.asked = []
    if answer is not None:
        space.answer = answer
    fill(space, calls)
    return space
