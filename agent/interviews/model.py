"""Interviews, what two analysts read in them, and the patterns that come out."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from agent.core.base import Frozen, content_id
from agent.core.statistic import Estimate, Statistic
from agent.core.transcript import Quote, Transcript

Outcome = Literal["won", "lost"]
Analyst = Literal["analyst_a", "analyst_b"]
Subject = Literal["ours", "competitor"]
PatternVerdict = Literal[
    "distinguishing won", "distinguishing lost", "leaning won", "leaning lost", "common", "too few"
]


class Interview(Frozen):
    """One win-loss interview with a buyer."""

    id: str = Field(min_length=1)
    transcript: Transcript
    outcome: Outcome
    date: date
    buyer: str = Field(min_length=1)
    rep: str = Field(min_length=1)
    account: str = ""
    stage: str = ""
    details: dict[str, str] = Field(default_factory=dict)  # every other manifest column, as it came


class Observation(Frozen):
    """One behavior of a seller that the buyer recounts in one interview, as one analyst noted it."""

    interview: str
    analyst: Analyst
    behavior: str
    moment: str
    subject: Subject
    quote: Quote
    request: str

    @property
    def id(self) -> str:
        """Named by what was noted, where and by whom."""
        span = self.quote.span
        return content_id("ob", [self.interview, self.analyst, self.behavior, span.turn, span.start, span.end])


class CodebookEntry(Frozen):
    """A specific behavior to look for in every interview. `flaws` says what the checker still holds against it."""

    id: str
    name: str
    behavior: str
    moments: tuple[str, ...] = Field(min_length=1)
    observations: tuple[str, ...] = ()
    flaws: tuple[str, ...] = ()


class Codebook(Frozen):
    """The versioned set of behaviors that both analysts apply to every interview."""

    entries: tuple[CodebookEntry, ...]

    @property
    def id(self) -> str:
        """Named by what it asks to look for."""
        return content_id("cb", [[e.id, e.name, e.behavior, list(e.moments)] for e in self.entries])


class Coding(Frozen):
    """One codebook entry applied to one interview by one reader.

    `problem` says why a claimed presence does not count (its quotes were not found): it is then not present. The reader
    `edit` is nobody: the coding follows from a merge or a split of patterns (agent/patterns/edits.py).
    """

    codebook: str
    entry: str
    interview: str
    reader: Literal["analyst_a", "analyst_b", "adjudicator", "person", "edit"]
    present: bool
    quotes: tuple[Quote, ...] = ()
    reason: str = ""
    problem: str = ""
    request: str = ""


class Evidence(Frozen):
    """A buyer's words that show a pattern."""

    interview: str
    quote: Quote


class Prevalence(Frozen):
    """In how many interviews of one outcome the behavior is present."""

    count: int = Field(ge=0)
    of: int = Field(ge=0)
    rate: Statistic


class Contrast(Frozen):
    """Won against lost. `probability_won` is P(rate won > rate lost) under two binomials with Jeffreys priors."""

    difference: Statistic
    probability_won: float
    p: float
    p_holm: float


class Pattern(Frozen):
    """A behavior with its prevalence by outcome and what may be concluded from it."""

    id: str
    name: str
    behavior: str
    verdict: PatternVerdict
    moments: tuple[str, ...]
    won: Prevalence
    lost: Prevalence
    contrast: Contrast
    agreement: Statistic
    kappa: Statistic
    adjudicated: int
    evidence: tuple[Evidence, ...]
    flaws: tuple[str, ...] = ()

    @property
    def side(self) -> Literal["won", "lost", "none"]:
        """The outcome the behavior goes with, so far as a verdict says so."""
        match self.verdict:
            case "distinguishing won" | "leaning won":
                return "won"
            case "distinguishing lost" | "leaning lost":
                return "lost"
            case _:
                return "none"


class PatternSet(Frozen):
    """Everything one extraction concluded, with what its verdicts are worth."""

    codebook: str
    interviews: tuple[str, ...]
    patterns: tuple[Pattern, ...]
    expected_false: Estimate
    moments: tuple[tuple[str, int], ...]
    unlocated: int = Field(ge=0)  # quotes that analysts gave and our code did not find
    confirm: dict[str, int] = Field(default_factory=dict)  # pattern -> interviews per outcome that would confirm it

    @property
    def id(self) -> str:
        """Named by its codebook, its interviews and what was found."""
        counts = [[p.id, p.won.count, p.won.of, p.lost.count, p.lost.of] for p in self.patterns]
        return content_id("ps", [self.codebook, list(self.interviews), counts])


class Extraction(Frozen):
    """Everything one extraction read and concluded."""

    observations: tuple[Observation, ...]
    codebook: Codebook
    codings: tuple[Coding, ...]
    patterns: PatternSet
    unlocated: tuple[str, ...] = ()
