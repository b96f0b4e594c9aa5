"""What models reply. Field names and descriptions are sent with every request: they are prompt text.

Kept narrow on purpose: no ids of our own making, no offsets, no totals, no dates. Code adds those. Each slice has the
replies to its own prompts in its module `replies`.
"""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from agent.app.slices import modules


def _no_truth(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a number is wanted, not true or false")
    return value


Whole = Annotated[int, BeforeValidator(_no_truth)]
"""A number in a reply. `true` would else be read as 1."""


class ReplyModel(BaseModel):
    """The base of all replies: a field that was not asked for makes a reply invalid."""

    model_config = ConfigDict(extra="forbid")


class Passage(ReplyModel):
    """A passage copied letter by letter from one turn."""

    turn: Whole = Field(description="number of the turn")
    quote: str = Field(description="copied letter by letter from that turn")


def reply_models() -> dict[str, type[ReplyModel]]:
    """Every reply that a prompt may ask for, by name."""
    values = [value for module in modules("replies") for value in vars(module).values()]
    models = [value for value in values if isinstance(value, type) and issubclass(value, ReplyModel)]
    return {model.__name__: model for model in models if model.__name__.endswith("Reply")}
