"""What the calibration commands share: finding rounds, who asks, and putting together what a round holds."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.app.cli.context import As
from agent.core.errors import UsageError

RoundArgument = Annotated[
    str, typer.Argument(metavar="[ROUND]", help="Number or id of the round; default: the newest.")
]
Rater = As


def named(rater: str) -> str:
    """The name given with --as. UsageError where there is none, or where it is a model's."""
    from agent.core.people import is_model

    if not rater.strip():
        raise UsageError("say who you are: --as NAME (or set CLOSEREAD_RATER)")
    if is_model(rater.strip()):
        raise UsageError("a person does not rate in the model's name; say who you are: --as NAME")
    return rater.strip()
