"""A win-loss interview with a buyer."""

from typing import Literal

from pydantic import Field

from agent.core.transcript import Conversation
from agent.text.outcomes import Ending, Outcome

Written = Literal["conversation", "notes"]
"""How an interview is written down: as a dialogue, or as notes or an e-mail of one voice."""


class Interview(Conversation):
    """One win-loss interview with a buyer. Where the deal has an `ending` of its own, settings say how it counts.

    Of `notes` only what is quoted is the buyer's; all else is told by the interviewer (agent/text/notes.py).
    """

    outcome: Outcome
    ending: Ending = ""
    kind: Written = "conversation"
    buyer: str = Field(min_length=1)
    account: str = ""
    stage: str = ""
    details: dict[str, str] = Field(default_factory=dict)  # every other manifest column, as it came
