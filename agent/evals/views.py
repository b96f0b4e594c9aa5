"""Evaluations as everybody outside gets them: the API, `--json` and the pages. Reports and comparisons go out as they
are kept, since their shape is published (docs/schema)."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from agent.app.view import View, example
from agent.evals.archive import Accepted, Stored
from agent.evals.gating import Check

PROMPT = r"^([a-z][a-z_]{0,59}(@\d{1,3})?)?$"


class RunView(View):
    """A run in a list. `accepted`: the gate holds later runs of the suite against it. `usd` null: price not known."""

    id: str
    suite: str
    split: str
    model: str
    endpoint: Annotated[str, Field(description="The server that answered; empty for the provider's own.")]
    prompt: str
    mode: str
    draws: int
    cases: int
    unanswered: int
    failures: Annotated[int, Field(description="Ratings that are not right.")]
    usd: float | None
    at: datetime
    accepted: bool = False

    @classmethod
    def of(cls, stored: Stored) -> "RunView":
        """A stored run without its answers; `accepted` is set by whoever knows the baselines."""
        run = stored.run
        return super().of(
            run,
            split=run.split or "all",
            prompt=run.prompt.partition("#")[0],
            cases=len(run.cases),
            unanswered=len(run.unanswered),
            failures=len(stored.report.failures),
            usd=run.spending.usd,
            accepted=False,
        )


class AcceptedView(Accepted, View):
    """A baseline: which run, by whom, and why."""


class SuiteView(View):
    """A suite, its newest run and its baseline. `problem` says why its files cannot be read; empty where they can."""

    name: str
    kind: str = ""
    about: str = ""
    prompt: str = ""
    cases: int = 0
    must_pass: int = 0
    newest: RunView | None
    baseline: AcceptedView | None
    problem: str = ""


class SuiteList(View):
    """All suites."""

    items: list[SuiteView]


class RunChoice(BaseModel):
    """How to run a suite. Left out: all cases, the suite's own prompt, the model bound to the role, one reading."""

    split: Literal["", "dev", "test"] = ""
    prompt: Annotated[str, Field(pattern=PROMPT, description="`name` or `name@version`.")] = ""
    model: Annotated[str, Field(max_length=200, description="In the place of the one bound to the role.")] = ""
    draws: Annotated[int, Field(ge=1, le=20, description="Independent readings, for the flip rate.")] = 1
    per_criterion: Annotated[bool, Field(description="One request a criterion.")] = False
    fresh: Annotated[bool, Field(description="Ask also where a reply is kept: has the model changed?")] = False


class StartRun(RunChoice):
    """How to run a suite. Left out: all cases, the suite's own prompt, the model bound to the role, one reading."""

    budget_usd: Annotated[float | None, Field(ge=0, le=1e6, description="Stop before passing this.")] = None

    model_config = example({"prompt": "rate_call@2", "budget_usd": 2.0})


class RunPlanView(View):
    """What a run would take. `usd` null where the model's price is not known; cached requests cost nothing."""

    requests: int
    cached: int
    to_send: int
    input_tokens: int
    counted: Annotated[bool, Field(description="Whether the tokens are counted by the model's own encoding.")]
    output_tokens: Annotated[int, Field(description="An estimate.")]
    usd: float | None
    note: Annotated[str, Field(description="What the figures leave out.")]

    @classmethod
    def of(cls, plan: dict[str, Any]) -> "RunPlanView":
        """From what `agent.app.planning.planned` counted."""
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

    model_config = example({"run": "ev-2f773685c4d4", "against": "ev-0a7f8b6f6249"})


class VerdictView(View):
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


class AcceptRun(BaseModel):
    """Why this run is to be the baseline."""

    reason: Annotated[str, Field(min_length=1, max_length=1000)]

    model_config = example({"reason": "read all 14 differences with the managers"})


class AddedCases(View):
    """What was written: one case a call."""

    suite: str
    cases: int
    ratings: int
