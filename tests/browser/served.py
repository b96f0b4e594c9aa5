"""`closeread serve` as somebody starts it: a process of its own with its worker, whose models are recorded replies."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from agent.calibration.rounds import report_of
from agent.calibration.sharpening import sharpen
from agent.calls.store import Calls
from agent.llm.model import Request
from agent.llm.recording import Recorder
from agent.rubrics.model import Rubric
from agent.scoring.rating import rating_request
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import ROOT
from tests.llm.fakes import FakeModel

RECORDINGS = ROOT / "evals" / "recordings"
# Deploying takes every criterion to pass. A story has few calls, so it asks for less than the shipped file does.
FEW_CALLS = """
reached: 0.85
ruled_out: 0.3
error: 0.3
planned_calls: 3
chance_corrected: -1
each_half: 0
least_calls: 3
"""
AS_SAID_IN = "-as-said-in-"  # in the id of a call, before the call of the sample whose words it has
_START = "from agent.main import main; main()"
_LINK = re.compile(r"http://\S+/welcome/\S+")


@dataclass
class Served:
    """A server on an empty workspace below `folder`. `link` makes the first account."""

    folder: Path
    url: str = ""
    link: str = ""

    def __enter__(self) -> Self:
        (self.workspace / "config").mkdir(parents=True)
        (self.workspace / "config" / "calibration.yaml").write_text(FEW_CALLS)
        shutil.copytree(RECORDINGS / "demo", self.replies)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._said = (self.folder / "said.txt").open("w+")
        words = ["--workspace", str(self.workspace), "serve", "--port", str(port)]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, *words],
            env=os.environ | self.environment,
            stdout=self._said,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
        )
        self.link = self._first_link()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(60)
        self._said.close()

    @property
    def workspace(self) -> Path:
        return self.folder / "space"

    @property
    def replies(self) -> Path:
        """Where the server's models answer from."""
        return self.folder / "replies"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "CLOSEREAD_MODEL": "openai/relay",
            "CLOSEREAD_REPLAY": str(self.replies),
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        }

    def said(self) -> str:
        """All that the server has printed."""
        return (self.folder / "said.txt").read_text()

    def runs(self) -> bool:
        """Whether it has not broken."""
        return self._process.poll() is None and "Traceback" not in self.said()

    def space(self) -> Workspace:
        """The workspace as its owner sees it, for looking."""
        return Workspace(Settings.read(self.workspace, self.environment))

    def _first_link(self) -> str:
        for _ in range(600):
            if found := _LINK.search(self.said()):
                self._until_it_answers()
                return found[0]
            assert self._process.poll() is None, self.said()
            time.sleep(0.05)
        raise AssertionError(f"no link was printed: {self.said()}")

    def _until_it_answers(self) -> None:
        host, port = self.url.removeprefix("http://").split(":")
        for _ in range(600):
            with socket.socket() as asked:
                if asked.connect_ex((host, int(port))) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(f"the server does not answer: {self.said()}")


def as_said_in(call: str) -> str:
    """The call of the sample whose words a call has."""
    return call.rpartition(AS_SAID_IN)[2]


async def answer_ratings(served: Served, rubric: Rubric) -> int:
    """Let the rater answer for `rubric` with what it said of each call when the demo was recorded; how many calls.

    An edited wording is another request, so it needs recordings of its own. The criteria keep their ids: what was
    recorded of each is the reply, and what was recorded of criteria that `rubric` does not have is left out.
    """
    recorded: dict[str, dict[str, Any]] = {}
    for line in map(json.loads, (RECORDINGS / "demo" / "rate_call.jsonl").read_text().splitlines()):
        recorded.setdefault(line["subject"], {}).update({r["criterion"]: r for r in line["reply"]["ratings"]})

    def answer(request: Request[Any]) -> dict[str, Any]:
        said = recorded[as_said_in(request.subject)]
        return {"ratings": [said[c.id] for c in rubric.criteria if c.id in said]}

    space = served.space()
    role = replace(space.planned_role("rater"), client=Recorder(FakeModel(answer), served.replies))
    calls = [call for call in space.store[Calls].all() if as_said_in(call.id) in recorded]
    for call in calls:
        await role.ask(rating_request(call, rubric, role, space.prompt("rate_call")))
    space.store.close()
    return len(calls)


async def answer_sharpening(served: Served, number: int, criterion: str, reply: dict[str, Any]) -> str:
    """Let the drafter answer with `reply` when it is asked to sharpen that criterion of a round; the new wording."""
    space = served.space()
    found = next(c for c in report_of(space, str(number)).criteria if c.criterion.id == criterion)
    role = replace(space.planned_role("drafter"), client=Recorder(FakeModel(lambda _: reply), served.replies))
    calls = {call.id: call for call in space.store[Calls].all()}
    drafted = await sharpen(found, calls, role, space.prompt("sharpen_criterion"))
    space.store.close()
    return drafted.criterion.description
