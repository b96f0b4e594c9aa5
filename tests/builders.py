"""Small interviews, calls and roles for tests, and a prompt library to render with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agent.app.verb import Who
from agent.calls.model import Call
from agent.core.people import Scope
from agent.core.transcript import Transcript, Turn
from agent.interviews.model import Interview
from agent.llm.model import Request
from agent.llm.prompts import PromptLibrary
from agent.llm.roles import Role
from agent.patterns.coding import Moments
from agent.rubrics.model import Criterion, Rubric
from agent.workspace import Workspace
from tests.llm.fakes import FakeModel

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "sample" / "ledgerline"
PROMPTS = PromptLibrary(ROOT / "prompts")
MOMENTS = Moments(({"id": "pricing", "means": "price comes up"}, {"id": "other", "means": "none of the above"}))


def often(values: Iterable[str], every: int) -> list[Any]:
    """All of them as parameters, of which `make test` takes each so-manyth and `make test-all` the others as well."""
    return [
        value if at % every == 0 else pytest.param(value, marks=pytest.mark.slow) for at, value in enumerate(values)
    ]


def owner(space: Workspace, name: str = "") -> Who:
    """Whoever holds the database, as at the command line."""
    return Who(space, Scope(name=name, local=True), as_name="the owner")


def transcript(*lines: tuple[str, str], **roles: str) -> Transcript:
    turns = tuple(Turn(index=i, speaker=speaker, text=text) for i, (speaker, text) in enumerate(lines))
    return Transcript(turns=turns, roles=roles)  # type: ignore[arg-type]


def interview(ident: str = "int-1", outcome: str = "won", *said: str) -> Interview:
    lines = [("Ann", "What happened then?")]
    for text in said or ("She asked what a late close costs us.",):
        lines += [("Bo", text), ("Ann", "And then?")]
    return Interview(
        id=ident,
        transcript=transcript(*lines, Bo="buyer", Ann="interviewer"),
        outcome=outcome,  # type: ignore[arg-type]
        date=date(2026, 10, 1),
        buyer="Bo",
        rep="Rae",
    )


def call(ident: str = "call-1", rep: str = "Rae", *lines: tuple[str, str]) -> Call:
    said = lines or (
        (rep, "What does the late close cost you each month?"),
        ("Cus", "About nine thousand dollars in waiver fees."),
        (rep, "I will send you something."),
    )
    return Call(
        id=ident, transcript=transcript(*said, **{rep: "rep", "Cus": "customer"}), date=date(2026, 10, 2), rep=rep
    )


def criterion(ident: str = "asks_cost", **given: Any) -> Criterion:
    facts = {"name": "Asks for the cost", "description": "The rep asks what the problem costs.", "scale": "binary"}
    return Criterion.model_validate({"id": ident, **facts, **given})


def rubric(*criteria: Criterion, label: str = "v1") -> Rubric:
    return Rubric(criteria=criteria or (criterion(),), label=label)


def role(answer: Callable[[Request[Any]], Any], name: str = "rater", **given: Any) -> Role:
    return Role(name, "test/model", FakeModel(answer), **given)


def asked(role: Role) -> list[Request[Any]]:
    assert isinstance(role.client, FakeModel)
    return role.client.requests
