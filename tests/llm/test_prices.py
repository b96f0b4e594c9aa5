"""Prices from litellm's table, without litellm."""

from __future__ import annotations

import pytest

from agent.llm.model import Usage
from agent.llm.prices import Price, Prices


def test_cached_tokens_have_their_own_price() -> None:
    price = Price(input=4.0, output=16.0, cached=1.0)
    assert price.of(Usage(input_tokens=10, output_tokens=2, cached_tokens=6)) == 4 * 4 + 6 * 1 + 2 * 16


@pytest.mark.parametrize(
    "model",
    [
        "openai/gpt-4.1-mini",
        "gpt-4.1-mini",
        "anthropic/claude-sonnet-4-5",
        "bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0",
        "bedrock/converse/anthropic.claude-sonnet-4-5-20250929-v1:0",
        "vertex_ai/gemini-2.5-pro",
        "azure/gpt-4.1-mini",
    ],
)
def test_known_models_have_a_price(model: str) -> None:
    price = Prices().of(model)
    assert price is not None
    assert 0 < price.cached < price.input < price.output < 1e-3


@pytest.mark.parametrize(
    "model", ["openai/relay", "anthropic/gpt-4.1-mini", "no-such-model", "openai/", "vertex/gemini-2.5-pro"]
)
def test_unknown_is_unknown(model: str) -> None:
    assert Prices().cost(model, Usage(input_tokens=1)) is None


def test_own_prices_win() -> None:
    prices = Prices({"openai/gpt-4.1-mini": Price(0.0, 0.0, 0.0)})
    assert prices.cost("openai/gpt-4.1-mini", Usage(input_tokens=1000)) == 0.0


def test_every_chat_model_of_the_large_providers_that_has_a_price_is_found_under_its_name() -> None:
    from agent.llm.prices import _table

    parts = {"bedrock_converse": "bedrock", "vertex_ai-language-models": "vertex_ai"}
    unknown = []
    for name, row in _table().items():
        listed = str(row.get("litellm_provider"))
        provider = parts.get(listed, listed)
        if provider in ("openai", "azure", "anthropic", "gemini", *parts.values()) and row.get("mode") == "chat":
            model = name if name.startswith(f"{provider}/") else f"{provider}/{name}"
            if "input_cost_per_token" in row and Prices().of(model) is None:
                unknown.append(model)
    assert unknown == []
