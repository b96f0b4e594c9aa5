"""What a job would take, as the API sends it and `--json` prints it. Jobs: agent/app/queue/views.py."""

from typing import Annotated, Literal

from pydantic import Field

from agent.app.view import View

Work = Literal["extract", "draft", "score"]


class JobPlanView(View):
    """What a job would take. `usd` is an estimate for all of it, null where a model's price is not known."""

    work: Work
    models: tuple[str, ...]
    requests: Annotated[int, Field(description="The first requests; what follows depends on the replies.")]
    cached: Annotated[int, Field(description="Of these, answered already: they cost nothing.")]
    tokens: Annotated[int, Field(description="Input tokens of the first requests that are to be sent.")]
    counted: Annotated[bool, Field(description="Whether the tokens are counted by the model's own encoding.")]
    tokens_in_all: Annotated[int, Field(description="Estimate of all input tokens.")]
    usd: float | None
    trial: Annotated[str, Field(description="draft: what trying the drafts on calls takes on top, in a sentence.")] = ""
    monthly_budget_usd: float | None
    spent_this_month_usd: float


class RetriedView(View):
    """How many calls wait again."""

    calls: int
