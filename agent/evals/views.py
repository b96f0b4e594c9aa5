"""Evaluations as the API sends them. Reports and comparisons go out as they are kept: their shape is published."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, Field

from agent.evals.gating import Check, Verdict

if TYPE_CHECKING:
    from agent.evals.lines import RunLine, SuiteLine

PROMPT = r"^([a-z][a-z_]{0,59}(@\d{1,3})?)?$"
_RUN: dict[str, Any] = {
    "id": "ev-0a7f8b6f6249",
    "suite": "ledgerline",
    "split": "all",
    "model": "openai/gpt-4.1-mini",
    "prompt": "rate_call@1",
    "mode": "all criteria",
    "draws": 1,
    "cases": 40,
    "unanswered": 0,
    "failures": 14,
    "usd": 0.12,
    "at": "2026-11-24T09:30:00+00:00",
    "accepted": True,
}
_ACCEPTED: dict[str, Any] = {
    "run": "ev-0a7f8b6f6249",
    "suite": "ledgerline",
    "model": "openai/gpt-4.1-mini",
    "prompt": "rate_call@1#5d0c6f2a",
    "by": "Ana Ruiz",
    "reason": "read all 14 differences with the managers",
    "at": "2026-11-24T10:02:00+00:00",
}


class RunOut(BaseModel):
    """A run in a list. `accepted`: the gate holds later runs of the suite against it. `usd` null: price not known."""

    id: str
    suite: str
    split: str
    model: str
    prompt: str
    mode: str
    draws: int
    cases: int
    unanswered: int
    failures: Annotated[int, Field(description="Ratings that are not right.")]
    usd: float | None
    at: datetime
    accepted: bool

    model_config = {"json_schema_extra": {"examples": [_RUN]}}

    @classmethod
    def of(cls, line: RunLine) -> RunOut:
        """As it is sent."""
        return cls.model_validate(line, from_attributes=True)


class AcceptedOut(BaseModel):
    """A baseline: which run, by whom, and why."""

    run: str
    suite: str
    model: str
    prompt: str
    by: str
    reason: str
    at: datetime

    model_config = {"json_schema_extra": {"examples": [_ACCEPTED]}}


class SuiteOut(BaseModel):
    """A suite, its newest run and its baseline. `problem` says why its files cannot be read; empty where they can."""

    name: str
    kind: str
    about: str
    prompt: str
    cases: int
    must_pass: int
    newest: RunOut | None
    baseline: AcceptedOut | None
    problem: str

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "name": "ledgerline",
                    "kind": "calls",
                    "about": "40 calls, each rated twice by hand.",
                    "prompt": "rate_call",
                    "cases": 40,
                    "must_pass": 0,
                    "newest": _RUN,
                    "baseline": _ACCEPTED,
                    "problem": "",
                }
            ]
        }
    }

    @classmethod
    def of(cls, line: SuiteLine) -> SuiteOut:
        """As it is sent."""
        return cls.model_validate(line, from_attributes=True)


class Suites(BaseModel):
    """All suites."""

    items: list[SuiteOut]


class StartRun(BaseModel):
    """How to run a suite. Left out: all cases, the suite's own prompt, the model bound to the role, one reading."""

    split: Literal["", "dev", "test"] = ""
    prompt: Annotated[str, Field(pattern=PROMPT, description="`name` or `name@version`.")] = ""
    model: Annotated[str, Field(max_length=200, description="In the place of the one bound to the role.")] = ""
    draws: Annotated[int, Field(ge=1, le=20, description="Independent readings, for the flip rate.")] = 1
    per_criterion: Annotated[bool, Field(description="One request a criterion.")] = False
    budget_usd: Annotated[float | None, Field(ge=0, le=1e6, description="Stop before passing this.")] = None

    model_config = {"json_schema_extra": {"examples": [{"prompt": "rate_call@2", "budget_usd": 2.0}]}}


class RunPlanOut(BaseModel):
    """What a run would take. `usd` null where the model's price is not known; cached requests cost nothing."""

    requests: int
    cached: int
    to_send: int
    input_tokens: int
    counted: Annotated[bool, Field(description="Whether the tokens are counted by the model's own encoding.")]
    output_tokens: Annotated[int, Field(description="An estimate.")]
    usd: float | None
    note: Annotated[str, Field(description="What the figures leave out.")]

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "requests": 40,
                    "cached": 0,
                    "to_send": 40,
                    "input_tokens": 62417,
                    "counted": True,
                    "output_tokens": 21846,
                    "usd": 0.06,
                    "note": "",
                }
            ]
        }
    }

    @classmethod
    def of(cls, plan: dict[str, Any]) -> RunPlanOut:
        """From `agent.app.planning.planned`."""
        return cls(
            requests=plan["requests"],
            cached=plan["cached"],
            to_send=plan["to_send"],
            input_tokens=plan["input_tokens_estimated"],
            counted=plan["tokens_counted"] == "tiktoken",
            output_tokens=plan["output_tokens_estimated"],
            usd=plan["usd_estimated"],
            note=plan["note"],
        )


class HoldAgainst(BaseModel):
    """Two runs of one suite. Left out: the newest run, against the accepted baseline."""

    run: Annotated[str, Field(max_length=60)] = ""
    against: Annotated[str, Field(max_length=60)] = ""

    model_config = {"json_schema_extra": {"examples": [{"run": "ev-2f773685c4d4", "against": "ev-0a7f8b6f6249"}]}}


class VerdictOut(BaseModel):
    """The gate's answer: every check with what it saw and, where it is closed, what to look at."""

    passed: bool
    suite: str
    candidate: str
    candidate_prompt: str
    candidate_model: str
    baseline: str
    baseline_prompt: str
    baseline_model: str
    checks: list[Check]

    @classmethod
    def of(cls, verdict: Verdict) -> VerdictOut:
        """As it is sent."""
        return cls(passed=verdict.passed, **verdict.model_dump())


class AcceptRun(BaseModel):
    """Why this run is to be the baseline."""

    reason: Annotated[str, Field(min_length=1, max_length=1000)]

    model_config = {"json_schema_extra": {"examples": [{"reason": "read all 14 differences with the managers"}]}}
