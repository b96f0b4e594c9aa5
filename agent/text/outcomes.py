"""Outcomes of deals as CRMs write them: `Closed Won`, `5 - Closed Won`, `Closed Lost - Price`, `closedwon`."""

from __future__ import annotations

import re
from typing import Literal

_NUMBER = r"(?:\d{1,2}\s*[-.):]\s*)?"
_CLOSED = r"(?:closed[\s/_–—-]*|deal[\s_-]+)?"
_WHY = r"(?:\s*[-–—:/,(].*|\s+to\s.*)?"
_WON = re.compile(rf"{_NUMBER}{_CLOSED}(?:won|win){_WHY}|w|success")
_LOST = re.compile(rf"{_NUMBER}{_CLOSED}(?:lost|loss|lose){_WHY}|l")


def outcome_of(written: str) -> Literal["won", "lost"] | None:
    """The outcome that a cell says, or None. A reason behind it ("Closed Lost - Price") changes nothing."""
    folded = " ".join(written.lower().replace("_", " ").split())
    return "won" if _WON.fullmatch(folded) else "lost" if _LOST.fullmatch(folded) else None
