"""Corrections as they are shown outside."""

from __future__ import annotations

from pydantic import Field

from agent.app.view import View
from agent.corrections.store import Hanging
from agent.corrections.verbs import Corrected


class CorrectedView(View):
    """An interview or call after a correction. `lost` counts the quotes that are not in its words any more."""

    kind: str
    id: str
    speakers: dict[str, str] = Field(description="The part of each speaker; empty where it is open.")
    turns: int
    quotes: int = Field(description="How many quotes rest on it.")
    lost: int
    notes: list[str]

    @classmethod
    def of(cls, made: Corrected) -> CorrectedView:
        words = made.document.transcript
        return cls(
            kind=made.kind,
            id=made.id,
            speakers={name: words.roles.get(name, "") for name in words.speakers},
            turns=len(words.turns),
            quotes=made.quotes,
            lost=made.lost,
            notes=list(made.notes),
        )


class HangingView(View):
    """What rests on an interview or call. `along` goes with it where that is asked for; `holds` keeps it."""

    along: list[str]
    holds: list[str]

    @classmethod
    def of(cls, found: Hanging) -> HangingView:
        return cls(along=list(found.along), holds=list(found.holds))
