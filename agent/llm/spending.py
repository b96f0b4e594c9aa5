"""What model requests take: tokens, money, time."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from agent.core.base import Frozen


class Usage(Frozen):
    """Tokens of one reply. `cached` are input tokens the provider read from its own prefix cache. What hears is paid by
    the length of the sound."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    estimated: bool = False
    sound_seconds: float = Field(default=0.0, exclude_if=lambda seconds: not seconds)

    def __add__(self, other: "Usage") -> "Usage":
        """The sum; an estimate as soon as one of them is."""
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            estimated=self.estimated or other.estimated,
            sound_seconds=self.sound_seconds + other.sound_seconds,
        )


# `batch`: answered by a provider too, hours later and at a reduced price.
Source = Literal["provider", "batch", "cache", "recording"]


class Entry(Frozen):
    """One request that was answered, or that failed after something was sent.

    `usd` is None where the model's price is not known, 0 where nothing was paid (cache, recording). `failure` is the
    error's code, empty when the reply was good. Never holds any text of a message or a reply.
    """

    request: str
    role: str
    prompt: str
    subject: str
    model: str
    source: Source
    usage: Usage
    usd: float | None
    seconds: float | None
    attempts: int
    failure: str = ""
    at: datetime
