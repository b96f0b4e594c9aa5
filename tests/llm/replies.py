"""A reply model and requests for it."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from agent.core.base import Frozen
from agent.llm.model import Message, Request, Setting
from agent.llm.spending import Entry

GOOD = '{"level":1,"reason":"asked about budget"}'
# Template syntax, white space, controls and astral characters: what must arrive unchanged.
AWKWARD = "  Rep: {{7*7}} {% raw %} ${x} <|im_start|>\r\n\tBuyer: “no” — 30 % 😀 \u200b\u0000end  \n\n"


class Verdict(Frozen):
    """A level with its reason."""

    level: int = Field(ge=0, le=1)
    reason: str


def request(
    content: str = "Rep: hi",
    *,
    model: str = "openai/stub-1",
    draw: int = 0,
    subject: str = "call-1",
    prompt: str = "rate_call@1#0123abcd",
    settings: dict[str, Setting] | None = None,
) -> Request[Verdict]:
    messages = (Message(role="system", content="Rate."), Message(role="user", content=content))
    return Request(messages, Verdict, model, settings or {"max_tokens": 50}, draw, "rater", prompt, subject)


def level(reply: Any) -> int:
    assert isinstance(reply.value, Verdict)
    return reply.value.level


class Entries:
    """A ledger that keeps its entries for a look."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def record(self, entry: Entry) -> None:
        self.entries.append(entry)
