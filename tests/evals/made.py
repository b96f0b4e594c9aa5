"""A small suite of calls, raters whose answers are known, and runs of one on the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from agent.calls.model import Call
from agent.evals.run import Run
from agent.evals.running import Plan, run_suite
from agent.evals.suite import Case, Reference, Suite
from agent.evals.suite_files import Gates, SuiteFile
from agent.llm.model import Request
from agent.rubrics.model import Rubric
from tests.builders import PROMPTS, call, criterion, role, rubric

ASKED = "What does the late close cost you each month?"
DEPTH = criterion("depth", scale="1-5")
Levels = Mapping[tuple[str, str], int]


def distinct(ident: str) -> Call:
    """A call that no other case has: equal transcripts would be one and the same request."""
    return call(ident, "Rae", ("Rae", ASKED), ("Cus", "About nine thousand dollars."), ("Rae", f"Noted for {ident}."))


def suite(
    right: Levels,
    the_rubric: Rubric | None = None,
    humans: Mapping[tuple[str, str], dict[str, int | None]] | None = None,
    gates: Gates | None = None,
    must_pass: tuple[str, ...] = (),
    name: str = "small",
) -> Suite:
    """One case a call id in `right`, with the turn of the question as evidence where the behavior is there."""
    against = the_rubric or rubric()
    cases = []
    for ident in dict.fromkeys(case for case, _ in right):
        references = tuple(
            Reference(
                case=ident,
                criterion=name_,
                value=value,
                turns=(0,) if against.criterion(name_).shown(value) else (),  # type: ignore[union-attr]
                humans=(humans or {}).get((ident, name_), {}),
            )
            for (case, name_), value in right.items()
            if case == ident
        )
        cases.append(Case(ident, "dev", frozenset(), ident in must_pass, references, call=distinct(ident)))
    file = SuiteFile(kind="calls", about="made", rubric="r.yaml", prompt="rate_call", gates=gates or Gates())
    return Suite(name, Path(), file, against.criteria, tuple(cases), against)


def rating(ident: str, level: int | None, quote: str | None = ASKED) -> dict[str, Any]:
    """A model's rating of one criterion."""
    evidence = [{"turn": 0, "quote": quote}] if quote else []
    return {
        "criterion": ident,
        "context": [],
        "evidence": evidence,
        "nearest": None,
        "reason": f"level {level}",
        "level": level,
    }


def answering(levels: Callable[[str, str, int], int], lowest: Mapping[str, int] | None = None) -> Callable[..., Any]:
    """A rater that gives `levels(case, criterion, draw)`, with a quote wherever the level needs one."""

    def answer(request: Request[Any]) -> dict[str, Any]:
        text = "".join(message.content for message in request.messages)
        asked = [c for c in ("asks_cost", "depth", "other") if f"\n{c} (scale" in text]
        ratings = []
        for ident in asked:
            level = levels(request.subject, ident, request.draw)
            shown = level > (lowest or {}).get(ident, 1 if ident == "depth" else 0)
            ratings.append(rating(ident, level, ASKED if shown else None))
        return {"ratings": ratings}

    return answer


def ran(made: Suite, answer: Callable[..., Any], draws: int = 1, prompt: str = "rate_call", **given: Any) -> Run:
    """`made` run by a rater."""
    plan = Plan(made, made.cases, role(answer), PROMPTS.get(prompt), draws, **given)
    return asyncio.run(run_suite(plan, 4, lambda: None))


def table(n: int, value: Callable[[int], int], name: str = "asks_cost") -> dict[tuple[str, str], int]:
    """`n` calls with what is right for one criterion."""
    return {(f"call-{i:02d}", name): value(i) for i in range(n)}
