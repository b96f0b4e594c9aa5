"""Patterns, codings, edits and interviews as the API sends and takes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, Field

from agent.core.statistic import Estimate, Undefined
from agent.core.transcript import Quote
from agent.interviews.model import Analyst, Contrast, Outcome, PatternVerdict, Prevalence, Subject
from agent.patterns.edits_model import Resettled

if TYPE_CHECKING:
    from agent.interviews.model import Coding, Interview, Observation, Pattern
    from agent.patterns.edits import EditedPatterns
    from agent.patterns.pattern_views import CodingRow, HistoryLine

PatternId = Annotated[str, Field(min_length=1, max_length=200, examples=["asked_what_the_problem_leads_to"])]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Wording = Annotated[str, Field(min_length=1, max_length=2000)]


class QuotedOut(BaseModel):
    """Words of an interview, and where they stand. Offsets count characters of the turn's text, half-open."""

    interview: str
    turn: int
    start: int
    end: int
    speaker: str
    text: str

    @classmethod
    def of(cls, interview: str, quote: Quote) -> QuotedOut:
        """As it is sent."""
        place = quote.span
        return cls(
            interview=interview,
            turn=place.turn,
            start=place.start,
            end=place.end,
            speaker=quote.speaker,
            text=quote.text,
        )


class Rejection(BaseModel):
    """Why a pattern is not used."""

    reason: str
    by: str
    at: datetime
    edit: int


class PatternOut(BaseModel):
    """A behavior with its prevalence by outcome, as people edited it."""

    id: str
    name: str
    behavior: str
    verdict: PatternVerdict
    in_words: str
    side: Literal["won", "lost", "none"]
    moments: list[str]
    won: Prevalence
    lost: Prevalence
    contrast: Contrast
    agreement: Estimate | Undefined = Field(description="Of the two analysts, over interviews.")
    kappa: Estimate | Undefined
    adjudicated: int
    interviews_to_confirm: int | None = Field(description="Of each outcome, to confirm it on its own.")
    comes_from: list[str] = Field(description="The extracted patterns it was made of; itself where nobody edited it.")
    undecided: int = Field(description="Interviews on which the analysts differ and nobody decided: in no count.")
    flaws: list[str]
    evidence: list[QuotedOut]
    rejected: Rejection | None

    @classmethod
    def of(cls, found: EditedPatterns, pattern: Pattern, open_cells: dict[str, int]) -> PatternOut:
        """As it is sent."""
        return cls(**cls.facts(found, pattern, open_cells))

    @staticmethod
    def facts(found: EditedPatterns, pattern: Pattern, open_cells: dict[str, int]) -> dict[str, Any]:
        """Its fields."""
        from agent.patterns.pattern_views import in_words

        rejected = next((r for r in found.rejected if r.pattern.id == pattern.id), None)
        own = ("id", "name", "behavior", "verdict", "side", "won", "lost", "contrast", "agreement", "kappa")
        return {name: getattr(pattern, name) for name in (*own, "adjudicated")} | {
            "in_words": in_words(pattern),
            "moments": list(pattern.moments),
            "interviews_to_confirm": found.extraction.patterns.confirm.get(pattern.id),
            "comes_from": list(found.sources[pattern.id]),
            "undecided": open_cells.get(pattern.id, 0),
            "flaws": list(pattern.flaws),
            "evidence": [QuotedOut.of(e.interview, e.quote) for e in pattern.evidence],
            "rejected": rejected
            and Rejection(reason=rejected.reason, by=rejected.edit.by, at=rejected.edit.at, edit=rejected.edit.number),
        }


class MomentOut(BaseModel):
    """How many distinguishing patterns have their first moment here."""

    moment: str
    patterns: int


class PatternSetOut(BaseModel):
    """All patterns of the newest extraction, the most telling first, with what the verdicts are worth."""

    codebook: str
    interviews: int
    worth: str
    moments: list[MomentOut]
    patterns: list[PatternOut]
    rejected: list[PatternOut] = Field(description="Not used any further; they still count in every correction.")
    last_edit: int

    @classmethod
    def of(cls, found: EditedPatterns) -> PatternSetOut:
        """As it is sent."""
        from agent.patterns.pattern_views import undecided
        from agent.patterns.verbs import patterns_worth

        patterns, open_cells = found.extraction.patterns, undecided(found)
        return cls(
            codebook=found.raw.codebook.id,
            interviews=len(patterns.interviews),
            worth=patterns_worth(patterns),
            moments=[MomentOut(moment=moment, patterns=count) for moment, count in patterns.moments],
            patterns=[PatternOut.of(found, p, open_cells) for p in patterns.patterns],
            rejected=[PatternOut.of(found, r.pattern, open_cells) for r in found.rejected],
            last_edit=found.last,
        )


class ObservationOut(BaseModel):
    """What an analyst noted before there was a pattern."""

    id: str
    analyst: Analyst
    behavior: str
    moment: str
    subject: Subject
    quote: QuotedOut

    @classmethod
    def of(cls, noted: Observation) -> ObservationOut:
        """As it is sent."""
        quote = QuotedOut.of(noted.interview, noted.quote)
        facts = {name: getattr(noted, name) for name in ("id", "analyst", "behavior", "moment", "subject")}
        return cls(**facts, quote=quote)


class ReadingOut(BaseModel):
    """What one reader said of one pattern in one interview."""

    present: bool
    reason: str
    problem: str
    quotes: list[QuotedOut]

    @classmethod
    def of(cls, coding: Coding) -> ReadingOut:
        """As it is sent."""
        quotes = [QuotedOut.of(coding.interview, q) for q in coding.quotes]
        return cls(present=coding.present, reason=coding.reason, problem=coding.problem, quotes=quotes)


class CodingOut(BaseModel):
    """One extracted pattern in one interview. `present` is what counts; null while nobody has decided."""

    pattern: str
    interview: str
    outcome: str
    present: bool | None
    decided_by: str
    differ: bool
    readings: dict[str, ReadingOut] = Field(description="By analyst_a, analyst_b, adjudicator, person.")

    @classmethod
    def of(cls, row: CodingRow) -> CodingOut:
        """As it is sent."""
        return cls(
            pattern=row.source,
            interview=row.interview,
            outcome=row.outcome,
            present=None if row.counting is None else row.counting.present,
            decided_by=decided_by(row),
            differ=row.differ,
            readings={reader: ReadingOut.of(coding) for reader, coding in row.readings.items()},
        )


def decided_by(row: CodingRow) -> str:
    """Whose word counts: `both analysts`, `adjudicator`, `person`, or nobody's."""
    if row.counting is None:
        return ""
    return "both analysts" if row.counting.reader == "analyst_a" else row.counting.reader


class PatternDetail(PatternOut):
    """A pattern with what it rests on."""

    observations: list[ObservationOut]
    codings: list[CodingOut]


class Decision(BaseModel):
    """Whether a pattern is present in an interview, as a person decides it."""

    interview: Annotated[str, Field(min_length=1, max_length=200)]
    present: bool
    reason: Wording

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "interview": "int-07",
                    "present": False,
                    "reason": "She names the price, not what it was compared with.",
                }
            ]
        }
    }


class Rename(BaseModel):
    """Give a pattern another name."""

    kind: Literal["rename"]
    pattern: PatternId
    name: Name


class Merge(BaseModel):
    """Make one of several: present in an interview where any of them is."""

    kind: Literal["merge"]
    patterns: Annotated[list[PatternId], Field(min_length=2, max_length=20)]
    name: Name
    behavior: Wording


class SplitOff(BaseModel):
    """Give some observations to a new pattern. `settled`: one answer for each interview in which it is present."""

    kind: Literal["split"]
    pattern: PatternId
    name: Name
    behavior: Wording
    observations: Annotated[list[Annotated[str, Field(max_length=40)]], Field(min_length=1, max_length=1000)]
    settled: Annotated[list[Resettled], Field(max_length=1000)]


class Reject(BaseModel):
    """Leave a pattern out of everything that follows."""

    kind: Literal["reject"]
    pattern: PatternId
    reason: Wording


NewEdit = Annotated[Rename | Merge | SplitOff | Reject, Field(discriminator="kind")]
EDIT_EXAMPLES: dict[str, Any] = {
    "rename": {"value": {"kind": "rename", "pattern": "asked_what_the_problem_leads_to", "name": "Asks what it costs"}},
    "merge": {
        "value": {
            "kind": "merge",
            "patterns": ["sent_generic_slides_or_brochure", "demoed_on_a_made_up_company"],
            "name": "Showed generic material",
            "behavior": "The rep shows material that has nothing of the buyer's own case in it.",
        }
    },
    "reject": {
        "value": {"kind": "reject", "pattern": "opened_with_personal_small_talk", "reason": "Nobody can coach it."}
    },
}


class EditOut(BaseModel):
    """One edit. `pattern` is the one it made or changed."""

    number: int
    kind: str
    pattern: str
    text: str
    by: str
    at: datetime
    undone: bool

    @classmethod
    def of(cls, line: HistoryLine) -> EditOut:
        """As it is sent."""
        edit = line.edit
        pattern = str(getattr(edit.change, "into", "") or getattr(edit.change, "pattern", ""))
        return cls(
            number=edit.number,
            kind=edit.change.kind,
            pattern=pattern,
            text=line.text,
            by=edit.by,
            at=edit.at,
            undone=line.undone,
        )


class InterviewOut(BaseModel):
    """What is known of an interview, without its words."""

    id: str
    outcome: Outcome
    date: date
    buyer: str
    rep: str
    account: str
    stage: str

    @classmethod
    def facts(cls, interview: Interview) -> dict[str, Any]:
        """Its fields."""
        names = ("id", "outcome", "date", "buyer", "rep", "account", "stage")
        return {name: getattr(interview, name) for name in names}


class TurnOut(BaseModel):
    """One speaker's uninterrupted words."""

    index: int
    speaker: str
    start: float | None
    text: str


class InterviewWords(InterviewOut):
    """An interview with its transcript and details."""

    details: dict[str, str]
    roles: dict[str, str]
    turns: list[TurnOut]
