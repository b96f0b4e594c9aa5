"""A role (`analyst_a`, `analyst_b`, `drafter`, `rater`) with the model bound to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from agent.llm.model import Model, Reply, ReplyMode, Request, Setting
from agent.llm.prompts import Prompt

T = TypeVar("T", bound=BaseModel)

ROLES = ("analyst_a", "analyst_b", "drafter", "rater")


@dataclass(frozen=True)
class Role:
    """A model in a role. `context_tokens` is the longest input it reads, `reply_mode` how it is asked for a reply's shape.

    `settings` win over the prompt's own; those in `dropped` are not sent at all. `fresh`: all its requests are.
    """

    name: str
    model: str
    client: Model
    settings: Mapping[str, Setting] = field(default_factory=dict)
    context_tokens: int = 100_000
    dropped: frozenset[str] = frozenset()
    reply_mode: ReplyMode = "json_schema"
    endpoint: str = ""
    fresh: bool = False

    def request(
        self, prompt: Prompt, reply: type[T], inputs: Mapping[str, Any], *, draw: int = 0, subject: str = ""
    ) -> Request[T]:
        """`prompt` rendered with `inputs`, for this role's model."""
        return Request(
            messages=prompt.render(inputs),
            reply=reply,
            model=self.model,
            settings={k: v for k, v in {**prompt.settings, **self.settings}.items() if k not in self.dropped},
            draw=draw,
            role=self.name,
            prompt=prompt.id,
            subject=subject,
            defaults=prompt.settings,
            reply_mode=self.reply_mode,
            endpoint=self.endpoint,
            fresh=self.fresh,
        )

    async def ask(self, request: Request[T]) -> Reply[T]:
        """The reply of this role's model."""
        return await self.client.ask(request)
