"""What two analysts read in interviews, the resulting patterns, and people's changes to them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from agent.core.base import Frozen, content_id
from agent.core.statistic import Estimate, Statistic
from agent.core.transcript import TOLD, Quote
from agent.interviews.model import Interview
from agent.stats.contrast import Contrast, PatternVerdict, Prevalence

Analyst = Literal["analyst_a", "analyst_b"]
Subject = Literal["ours", "competitor"]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Wording = Annotated[str, Field(min_length=1, max_length=2000)]
Ident = Annotated[str, Field(min_length=1, max_length=200)]


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
        """Made from who noted what at which place, so that the same note has the same id whenever it is read again."""
        span = self.quote.span
        return content_id("ob", [self.interview, self.analyst, self.behavior, span.turn, span.start, span.end])


class CodebookEntry(Frozen):
    """A specific behavior to look for in every interview. `flaws` are the tests that it still fails."""

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
        """Made from what it asks to look for: a codebook with other words has another id."""
        return content_id("cb", [[e.id, e.name, e.behavior, list(e.moments)] for e in self.entries])


class Coding(Frozen):
    """One codebook entry applied to one interview by one reader.

    `problem` says why a claimed presence does not count (its quotes were not found); it is not present then. The reader
    `edit` stands for nobody: the coding follows from a merge or a split of patterns (agent/patterns/edits.py).
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
    """A buyer's words that show a pattern, or what an interviewer retells of them in notes."""

    interview: str
    quote: Quote

    @property
    def told(self) -> bool:
        """Whether these are the interviewer's words and not the buyer's own."""
        return self.quote.speaker == TOLD


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
    def only_told(self) -> int:
        """In how many interviews the pattern rests only on what an interviewer retells in notes."""
        return len({e.interview for e in self.evidence} - {e.interview for e in self.evidence if not e.told})

    @property
    def distinguishing(self) -> bool:
        """Whether it separates won deals from lost ones."""
        return self.verdict.startswith("distinguishing")

    @property
    def leaning(self) -> bool:
        """Whether it may separate won deals from lost ones, and more interviews would tell."""
        return self.verdict.startswith("leaning")

    @property
    def side(self) -> Literal["won", "lost", "none"]:
        """The outcome that the behavior goes with, according to the verdict."""
        match self.verdict:
            case "distinguishing won" | "leaning won":
                return "won"
            case "distinguishing lost" | "leaning lost":
                return "lost"
            case _:
                return "none"


class PatternSet(Frozen):
    """The patterns of one extraction, and figures that tell how much their verdicts can be trusted."""

    codebook: str
    interviews: tuple[str, ...]
    patterns: tuple[Pattern, ...]
    expected_false: Estimate
    moments: tuple[tuple[str, int], ...]
    unlocated: int = Field(ge=0)  # quotes that analysts gave and our code did not find
    confirm: dict[str, int] = Field(default_factory=dict)  # pattern -> interviews per outcome that would confirm it

    @property
    def id(self) -> str:
        """Made from its codebook, its interviews and the counts."""
        counts = [[p.id, p.won.count, p.won.of, p.lost.count, p.lost.of] for p in self.patterns]
        return content_id("ps", [self.codebook, list(self.interviews), counts])


class ReadInterview(Frozen):
    """The state of an interview when it was read: the id of its words, its buyers, and the outcome that was counted."""

    words: str
    outcome: str
    buyers: tuple[str, ...]

    @classmethod
    def of(cls, interview: Interview) -> "ReadInterview":
        """The interview's present state."""
        words = interview.transcript
        return cls(words=words.id, outcome=interview.outcome, buyers=tuple(sorted(words.speakers_as("buyer"))))


class Extraction(Frozen):
    """Everything one extraction read and concluded. `read` holds the state of each interview then; empty in old
    extractions."""

    observations: tuple[Observation, ...]
    codebook: Codebook
    codings: tuple[Coding, ...]
    patterns: PatternSet
    unlocated: tuple[str, ...] = ()
    read: dict[str, ReadInterview] = Field(default_factory=dict)


class Renamed(Frozen):
    """A pattern got another name. Its behavior stays the same, because the codings are about that wording."""

    kind: Literal["renamed"] = "renamed"
    pattern: Ident
    name: Name


class Merged(Frozen):
    """Patterns were merged into the pattern `into`, which is present in an interview if any of them is."""

    kind: Literal["merged"] = "merged"
    patterns: tuple[Ident, ...] = Field(min_length=2, max_length=20)
    into: Ident
    name: Name
    behavior: Wording


class Resettled(Frozen):
    """A person's decision on one interview when a pattern was split: is the old one present, is the new one?"""

    interview: Ident
    stays: bool
    goes: bool


class Split(Frozen):
    """Some observations of a pattern were given to the new pattern `into`; a person settled the interviews anew."""

    kind: Literal["split"] = "split"
    pattern: Ident
    into: Ident
    name: Name
    behavior: Wording
    observations: tuple[Ident, ...] = Field(min_length=1, max_length=1000)
    settled: tuple[Resettled, ...] = Field(max_length=1000)


class Rejected(Frozen):
    """A pattern that must not be used. It is kept, shown as rejected, and still counted when corrections for many
    patterns are made."""

    kind: Literal["rejected"] = "rejected"
    pattern: Ident
    reason: Wording


class Undone(Frozen):
    """An earlier edit was taken back."""

    kind: Literal["undone"] = "undone"
    edit: int = Field(ge=1)


PatternChange = Annotated[Renamed | Merged | Split | Rejected | Undone, Field(discriminator="kind")]


class PatternEdit(Frozen):
    """One edit: what was changed, by whom, and which patterns they saw. `number` orders all edits."""

    number: int = Field(ge=1)
    pattern_set: str
    by: str
    at: datetime
    change: PatternChange

    @property
    def pattern(self) -> str:
        """The pattern that it made or changed; empty for an edit that takes another one back."""
        match self.change:
            case Merged() | Split():
                return self.change.into
            case Renamed() | Rejected():
                return self.change.pattern
            case _:
                return ""
