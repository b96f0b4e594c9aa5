"""Estimates what requests would cost before any is sent."""

from collections.abc import Iterable
from typing import Any

from agent.llm.model import Request
from agent.llm.roles import ROLES
from agent.llm.tokens import count_request
from agent.workspace import Workspace

# Output of the sample's recorded replies, as a share of the input; see evals/README.md.
ASSUMED_OUTPUT_SHARE = 0.35


def planned(space: Workspace, requests: Iterable[Request[Any]], note: str = "") -> dict[str, Any]:
    """How many of `requests` are not in the cache, and what they would cost. Input tokens are counted exactly if the
    model's encoding is known (`tokens_counted`); the output is an estimate."""
    total = cached = tokens = 0
    exact = True
    models: dict[str, int] = {}
    for request in requests:
        total += 1
        if not request.fresh and request in space.cache:
            cached += 1
            continue
        counted = count_request(request)
        tokens += counted.tokens
        exact = exact and counted.exact
        models[request.model] = models.get(request.model, 0) + counted.tokens
    return {
        "requests": total,
        "cached": cached,
        "to_send": total - cached,
        "input_tokens_estimated": tokens,
        "tokens_counted": "tiktoken" if exact else "estimate",
        "output_tokens_estimated": round(tokens * ASSUMED_OUTPUT_SHARE),
        "usd_estimated": _usd(space, models),
        "note": note,
    }


def _usd(space: Workspace, models: dict[str, int]) -> float | None:
    """Estimated dollars; None if the price of one of the models is unknown."""
    bindings = [b for role in ROLES if (b := space.settings.binding(role)) is not None]
    prices = space.prices(bindings)
    total = 0.0
    for model, tokens in models.items():
        price = prices.of(model)
        if price is None:
            return None
        total += tokens * price.input + tokens * ASSUMED_OUTPUT_SHARE * price.output
    return total
