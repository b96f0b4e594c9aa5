"""What the calibration commands share: finding rounds, who asks, and putting together what a round holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.context import As
from agent.errors import UsageError

if TYPE_CHECKING:
    pass

RoundArgument = Annotated[
    str, typer.Argument(metavar="[ROUND]", help="Number or id of the round; default: the newest.")
]
Rater = As


def named(rater: str) -> str:
    """The name given with --as. UsageError where there is none, or where it is a model's."""
    from agent.domain.calibration import is_model

    if not rater.strip():
        raise UsageError("say who you are: --as NAME (or set CLOSEREAD_RATER)")
    if is_model(rater.strip()):
        raise UsageError("a person does not rate in the model's name; say who you are: --as NAME")
    return rater.strip()
