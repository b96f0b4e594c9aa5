"""What tokens cost: litellm's price table, read from its file without importing litellm.

The table is the one shipped in the installed package, so prices change with the lock file and never by themselves.
Prices of one's own (a negotiated rate, a machine of one's own at 0) win over it. Surcharges for inputs above 128,000
or 200,000 tokens, and for writing to a prefix cache, are not in these figures.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from agent.core.errors import ConfigError
from agent.llm.model import Usage

_TABLE = "model_prices_and_context_window_backup.json"


@dataclass(frozen=True)
class Price:
    """US dollars for a token. `cached` is for input tokens that the provider read from its prefix cache, `second`
    for a second of sound."""

    input: float
    output: float
    cached: float
    second: float = 0.0

    def of(self, usage: Usage) -> float:
        """US dollars for `usage`: cached input tokens at their own price."""
        fresh = max(0, usage.input_tokens - usage.cached_tokens)
        tokens = fresh * self.input + usage.cached_tokens * self.cached + usage.output_tokens * self.output
        return tokens + usage.sound_seconds * self.second


@dataclass(frozen=True)
class Prices:
    """Prices by litellm-style model name; `own` wins over the table."""

    own: Mapping[str, Price] = field(default_factory=dict)

    def of(self, model: str) -> Price | None:
        """The price of `model`, None where it is not known."""
        return self.own.get(model) or _from_table(model)

    def cost(self, model: str, usage: Usage) -> float | None:
        """US dollars for `usage` of `model`, None where its price is not known."""
        price = self.of(model)
        return None if price is None else price.of(usage)


@cache
def _from_table(model: str) -> Price | None:
    provider, _, bare = model.partition("/")
    row = _table().get(model)
    if row is None and bare:
        # The table lists the large providers' models without their prefix, under the provider's name or one of its
        # parts (`bedrock_converse`, `vertex_ai-language-models`); only that provider's row is meant.
        row = _table().get(bare) or _table().get(bare.removeprefix("converse/"))
        lists = "" if row is None else str(row.get("litellm_provider"))
        row = row if lists in (provider, f"{provider}_converse") or lists.startswith(f"{provider}-") else None
    if row is not None and row.get("mode") == "audio_transcription":
        seconds = [float(row[name]) for name in ("input_cost_per_second", "output_cost_per_second") if row.get(name)]
        return Price(0.0, 0.0, 0.0, max(seconds)) if seconds else None
    if row is None or "input_cost_per_token" not in row:
        return None
    fresh = float(row["input_cost_per_token"])
    return Price(
        input=fresh,
        output=float(row.get("output_cost_per_token", 0.0)),
        cached=float(row.get("cache_read_input_token_cost", fresh)),
    )


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    spec = find_spec("litellm")
    if spec is None or spec.origin is None:
        raise ConfigError(
            "litellm is not installed, so no prices are known; install the program again with what it depends on"
        )
    table: dict[str, dict[str, Any]] = json.loads(Path(spec.origin).with_name(_TABLE).read_text(encoding="utf-8"))
    return table
