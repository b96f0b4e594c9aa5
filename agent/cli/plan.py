"""`--dry-run`: what a command would ask, in requests, tokens and dollars."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from agent.cli.context import console, print_json

if TYPE_CHECKING:
    from agent.llm.model import Request
    from agent.wiring import Workspace

# Output of the sample's recorded replies, as a share of the input; see evals/README.md.
ASSUMED_OUTPUT_SHARE = 0.35


def planned(space: Workspace, requests: Iterable[Request[Any]], note: str = "") -> dict[str, Any]:
    """How many of `requests` are not in the cache, and what they would take. Tokens are estimates."""
    from agent.llm.model import estimate_request_tokens

    total = cached = tokens = 0
    models: dict[str, int] = {}
    for request in requests:
        total += 1
        if request in space.cache:
            cached += 1
            continue
        spent = estimate_request_tokens(request)
        tokens += spent
        models[request.model] = models.get(request.model, 0) + spent
    return {
        "requests": total,
        "cached": cached,
        "to_send": total - cached,
        "input_tokens_estimated": tokens,
        "output_tokens_estimated": round(tokens * ASSUMED_OUTPUT_SHARE),
        "usd_estimated": _usd(space, models),
        "note": note,
    }


def plan_line(plan: dict[str, Any]) -> str:
    """A plan in a line."""
    money = "price unknown" if plan["usd_estimated"] is None else f"about ${plan['usd_estimated']:.2f}"
    return (
        f"{plan['to_send']} requests to send ({plan['cached']} of {plan['requests']} are cached), "
        f"about {plan['input_tokens_estimated']:,} input tokens, {money}"
    )


def show_plan(space: Workspace, requests: Iterable[Request[Any]], json: bool, note: str = "") -> None:
    """Print the plan of `requests`."""
    plan = planned(space, requests, note)
    if json:
        print_json(plan)
        return
    console().print(plan_line(plan))
    if note:
        console().print(note)


def _usd(space: Workspace, models: dict[str, int]) -> float | None:
    """Estimated dollars, None as soon as one model's price is not known."""
    from agent.llm.roles import ROLES

    bindings = [b for role in ROLES if (b := space.settings.binding(role)) is not None]
    prices = space.prices(bindings)
    total = 0.0
    for model, tokens in models.items():
        price = prices.of(model)
        if price is None:
            return None
        total += tokens * price.input + tokens * ASSUMED_OUTPUT_SHARE * price.output
    return total
