"""Interviews as they are shown outside, and words quoted from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from pydantic import Field

from agent.app.view import View
from agent.core.language import _
from agent.core.transcript import TOLD, Quote, SpeakerRole, Transcript
from agent.interviews.model import Interview, Written
from agent.interviews.verbs import Proposal
from agent.text.outcomes import Ending, Outcome
from agent.text.suspicion import HINT, suspicion
from agent.text.unmatched import Unmatched


class TurnView(View):
    """One speaker's uninterrupted words. `start` is in seconds, where the transcript has times."""

    index: int
    speaker: str
    start: float | None
    text: str
    suspicious: str = Field(
        "", description=f"What in it looks like words to a model ({HINT}); empty where nothing does."
    )

    @classmethod
    def all(cls, transcript: Transcript) -> list[TurnView]:
        return [cls(**turn.model_dump(), suspicious=suspicion(turn)) for turn in transcript.turns]


class QuotedView(View):
    """Words of an interview, and where they stand. Offsets count characters of the turn's text, half-open."""

    interview: str
    turn: int
    start: int
    end: int
    speaker: str
    text: str
    told: bool = Field(description="Told by the interviewer in notes: not the buyer's own words.")

    @classmethod
    def of(cls, interview: str, quote: Quote) -> QuotedView:
        return super().of(quote, interview=interview, told=quote.speaker == TOLD, **quote.span.model_dump())

    @property
    def in_words(self) -> str:
        """The words in quotation marks where they are the buyer's; as told where the interviewer tells them."""
        return _("{text} (not the buyer's words)", text=self.text) if self.told else f"“{self.text}”"


ALIAS = "The name of its file, where the id is not that name: commands and tables take it for the id."


class InterviewView(View):
    """What is known of an interview, without its words."""

    id: str
    outcome: Outcome
    ending: Ending = Field(
        description="How the deal ended, where neither plainly won nor lost; settings say how it counts."
    )
    date: date
    kind: Written = Field(description="Of notes only what is quoted is the buyer's; all else the interviewer tells.")
    buyer: str
    rep: str
    account: str
    stage: str
    turn_count: int = Field(description="How many turns its transcript has.")
    alias: str = Field("", description=ALIAS)

    @classmethod
    def of(cls, interview: Interview) -> InterviewView:
        return cls(**cls.facts(interview))

    @classmethod
    def facts(cls, interview: Interview) -> dict[str, object]:
        """The fields that have the same name in the domain."""
        shared = {name: getattr(interview, name) for name in InterviewView.model_fields if name != "turn_count"}
        return {**shared, "turn_count": len(interview.transcript.turns)}


class InterviewWords(InterviewView):
    """An interview with its transcript and details."""

    details: dict[str, str]
    roles: dict[str, str]
    turns: list[TurnView]

    @classmethod
    def of(cls, interview: Interview) -> InterviewWords:
        return cls.model_validate(
            {
                **cls.facts(interview),
                "details": interview.details,
                "roles": interview.transcript.roles,
                "turns": TurnView.all(interview.transcript),
            }
        )


class ProposalLine(View):
    """One of the two lines that a proposal rests on."""

    turn: int
    speaker: str
    text: str


class SideProposal(View):
    """Who a model takes a label for; `part` is null where it proposes nothing, and `reason` then says why.

    `option` confirms it at the command line.
    """

    label: str
    part: SpeakerRole | None
    reason: str
    lines: list[ProposalLine]
    option: str | None


class FileProposals(View):
    """What is proposed for the labels of one file."""

    id: str
    file: str
    speakers: list[SideProposal]

    @classmethod
    def of(cls, file: Unmatched, proposals: Sequence[Proposal], option: Callable[[Proposal], str]) -> FileProposals:
        return cls(
            id=file.id,
            file=file.file,
            speakers=[
                SideProposal(
                    label=p.label,
                    part=p.part,
                    reason=p.reason,
                    lines=[ProposalLine(turn=q.span.turn, speaker=q.speaker, text=q.text) for q in p.lines],
                    option=option(p) if p.part else None,
                )
                for p in proposals
            ],
        )
