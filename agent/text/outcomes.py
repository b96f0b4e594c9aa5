"""Outcomes of deals as CRMs write them: `Closed Won`, `5 - Closed Won`, `Closed Lost - Price`, `closedwon`."""

import re
from typing import Literal

_NUMBER = r"(?:\d{1,2}\s*[-.):]\s*)?"
_CLOSED = r"(?:closed[\s/_–—-]*|deal[\s_-]+)?"
_WHY = r"(?:\s*[-–—:/,(].*|\s+to\s.*)?"
_WON = re.compile(rf"{_NUMBER}{_CLOSED}(?:won|win|gewonnen|gagnée?|ganad[oa]){_WHY}|w|success")
_LOST = re.compile(rf"{_NUMBER}{_CLOSED}(?:lost|loss|lose|verloren|perdue?|perdid[oa]){_WHY}|l")

Outcome = Literal["won", "lost"]
Ending = Literal["", "no decision", "churned"]
"""How a deal ended where that is neither plainly won nor plainly lost. A setting says on which side it counts."""
_NO_DECISION = re.compile(r"\bno[ -]decisions?\b")
_CHURNED = re.compile(rf"{_NUMBER}{_CLOSED}churn(?:ed)?(?: customer)?{_WHY}")


def ending_of(written: str) -> Ending:
    """An ending other than won and lost that a cell names (no decision, churned), also as the reason of a lost deal;
    else empty."""
    folded = " ".join(written.lower().replace("_", " ").split())
    if _CHURNED.fullmatch(folded):
        return "churned"
    alone = _NO_DECISION.fullmatch(re.sub(rf"^{_NUMBER}{_CLOSED}", "", folded))
    return "no decision" if alone or (outcome_of(written) == "lost" and _NO_DECISION.search(folded)) else ""


def outcome_of(written: str) -> Outcome | None:
    """Won or lost, as a cell says, or None. A reason behind it ("Closed Lost - Price") changes nothing."""
    folded = " ".join(written.lower().replace("_", " ").split())
    return "won" if _WON.fullmatch(folded) else "lost" if _LOST.fullmatch(folded) else None
