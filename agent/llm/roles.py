"""A role (`analyst_a`, `analyst_b`, `drafter`, `rater`) with the model bound to it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from agent.core.language import ENGLISH, speaking
from agent.llm.model import Message, Model, Reply, ReplyMode, Request, Setting
from agent.llm.prompts import Prompt
from agent.llm.replies import Misfit, validated

T = TypeVar("T", bound=BaseModel)

ROLES = ("analyst_a", "analyst_b", "drafter", "rater")


class Disguise(Protocol):
    """Replaces names in texts that leave, and puts them back into the answers."""

    def disguise(self, text: str) -> str:
        """`text` with placeholders for names."""

    def restore(self, node: Any) -> Any:
        """A JSON value with the names put back."""


@dataclass(frozen=True)
class Role:
    """A model in a role. `context_tokens` is the longest input it reads, `reply_mode` how
    it is asked for a reply's shape.

    `settings` win over the prompt's own; those in `dropped` are not sent at all. `fresh`: all its requests are. With a
    `disguise` requests are made with placeholders for names, so their ids say what was sent; replies have the names.
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
    disguise: Disguise | None = None

    def request(
        self, prompt: Prompt, reply: type[T], inputs: Mapping[str, Any], *, draw: int = 0, subject: str = ""
    ) -> Request[T]:
        """The request to this role's model: `prompt` rendered with `inputs`. It is in English, whatever the user's
        language."""
        with speaking(ENGLISH):
            messages = self._disguised(prompt.render(inputs))
        return Request(
            messages=messages,
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
        if self.disguise is None:
            return await self.client.ask(request)
        # A follow-up holds what was answered, with the names in it.
        reply = await self.client.ask(replace(request, messages=self._disguised(request.messages)))
        named = json.dumps(self.disguise.restore(json.loads(reply.text)), ensure_ascii=False)
        try:
            value, text = validated(reply.asked, named)
        except Misfit as misfit:  # with the names in it a text is longer than it may be
            raise misfit.final() from misfit
        return replace(reply, value=value, text=text)

    def _disguised(self, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        if self.disguise is None:
            return messages
        return tuple(Message(role=m.role, content=self.disguise.disguise(m.content)) for m in messages)
