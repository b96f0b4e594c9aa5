"""What stands in `suite.yaml` and in case files. The published schemas in docs/schema/ are made from these types."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SuiteKind = Literal["calls", "hostile", "criteria", "quotes", "interviews", "notes", "drafts"]
Split = Literal["dev", "test"]
Level = int | Literal["n/a"]


class FilePart(BaseModel):
    """Part of a file that people write, or that is kept for them: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Gates(FilePart):
    """How much worse a run may be than the accepted baseline. Shares are between 0 and 1."""

    max_drop: float = Field(default=0.05, ge=0, le=1, description="largest drop in mean closeness of any criterion")
    max_drop_by: dict[str, float] = Field(default_factory=dict, description="the same for single criteria, by id")
    changed_by_itself: float = Field(
        default=0.10,
        ge=0,
        lt=0.5,
        description="share of ratings that change between two equally good readings; 0: none",
    )
    max_cost_growth: float = Field(default=0.25, ge=0, description="0.25 = a quarter dearer (tokens if no price)")
    max_latency_growth: float = Field(default=0.5, ge=0, description="of the mean seconds a request")
    max_evidence_failure_growth: float = Field(default=0.0, ge=0, le=1, description="of the share of ratings")
    max_failure_growth: float = Field(default=0.0, ge=0, le=1, description="of the share of ratings without a result")


class CallFiles(FilePart):
    """Transcripts that lie elsewhere, with the manifest that lists them. Paths are relative to the suite."""

    directory: str
    manifest: str


class ScoresFile(FilePart):
    """A CSV with one manual score a row. The values are names of its columns."""

    file: str
    call: str = "call_id"
    criterion: str = "criterion"
    value: str = "value"
    quotes: str = Field(default="", description="column with a JSON list of quotes that show it; empty: none kept")
    split: str = Field(default="", description="column with dev or test; empty: all are of default_split")
    default_split: Split = "dev"


class HumansFile(FilePart):
    """A CSV with every person's own rating, one a row: where the human ceiling comes from."""

    file: str
    call: str = "call_id"
    criterion: str = "criterion"
    rater: str = "rater"
    value: str = "value"
    where: dict[str, str] = Field(default_factory=dict, description="only rows with this value in that column")


class SuiteFile(FilePart):
    """`suite.yaml`: what is asked, against what it is held, and what may not get worse."""

    kind: SuiteKind
    about: str = Field(min_length=1, description="what the suite is for and where its reference came from")
    rubric: str = Field(default="", description="file with the criteria, relative to the suite")
    prompt: str = Field(default="", description="prompt that is asked, as name or name@version")
    cases: str = Field(default="", description="folder with case files, relative to the suite")
    variants: str = Field(
        default="", description="file with calls told in another way; only the calls it names and these are asked"
    )
    calls: CallFiles | None = None
    scores: ScoresFile | None = None
    humans: HumansFile | None = None
    behaviors: str = Field(
        default="", description="interviews, notes: JSON file with the behaviors known to be in each"
    )
    only: list[str] = Field(default_factory=list, description="notes: ids of the interviews that are asked; empty: all")
    moments: dict[str, str] = Field(default_factory=dict, description="notes: behavior: id of the moment it belongs to")
    patterns: str = Field(default="", description="drafts: JSON file with the patterns to make criteria of")
    interviews: CallFiles | None = Field(default=None, description="drafts: what examples may be quoted from, too")
    no_ceiling: str = Field(default="", description="why people's ratings here are no human ceiling; empty: they are")
    tags: dict[str, list[str]] = Field(default_factory=dict, description="tag: ids of cases")
    metrics: list[str] = Field(default_factory=list, description="figures shown in tables; empty: all")
    must_pass: list[str] = Field(default_factory=list, description="ids or tags of cases that have to be right")
    gates: Gates = Field(default_factory=Gates)


class Expected(FilePart):
    """What is right for one criterion, and the people's ratings behind it."""

    value: Level
    quotes: list[str] | None = Field(default=None, description="words that show it; leave out where not known")
    turns: list[int] | None = Field(default=None, description="or the numbers of their turns")
    humans: dict[str, Level] = Field(default_factory=dict, description="rater: rating")
    human_turns: dict[str, list[int]] = Field(default_factory=dict, description="rater: turns this rater marked")


class _Case(FilePart):
    id: str = Field(min_length=1)
    split: Split = "dev"
    tags: list[str] = Field(default_factory=list)
    note: str = Field(default="", description="why this is the right answer")


class CallCase(_Case):
    """A call to be rated (suites of kind calls and hostile)."""

    transcript: str | None = Field(default=None, description="the transcript itself, 'Name: words' a line")
    file: str = Field(default="", description="or the file it stands in, relative to the case file")
    generate: Literal["", "long_call"] = Field(default="", description="or the code that makes it")
    rep: str = Field(description="name of the rep in it")
    others: list[str] = Field(default_factory=list, description="speakers on neither side; the rest are customers")
    expect: dict[str, Expected] = Field(default_factory=dict, description="criterion id: what is right")
    import_problem: str = Field(default="", description="words of the error with which import must refuse it")


class Variant(FilePart):
    """A scored call in which only what must not matter is different: what is right for it stays the same."""

    id: str = Field(min_length=1)
    like: str = Field(min_length=1, description="id of the scored call")
    kind: str = Field(min_length=1, description="what is different, in a word: names, accent, variety")
    about: str = Field(min_length=1, description="the same in a sentence, for whoever reads the report")
    instead: dict[str, str] = Field(min_length=1, description="words of the call: what stands in their place")


class VariantFile(FilePart):
    """The file that `variants:` names."""

    variants: list[Variant] = Field(min_length=1)


class CriterionCase(_Case):
    """A description to be put to the specificity checker (suites of kind criteria)."""

    name: str = Field(min_length=1)
    description: str = Field(min_length=1)
    passes: bool
    fails: list[Literal["specific", "observable", "unambiguous"]] = Field(
        default_factory=list, description="tests that it certainly fails"
    )


class QuoteCase(_Case):
    """A claimed quote to be located or refused (suites of kind quotes). No model is asked."""

    transcript: str
    quote: str
    speaker: str = ""
    expect: Literal["keep", "drop"]
    turn: int | None = None


CaseEntry = CallCase | CriterionCase | QuoteCase


class CaseFile(FilePart):
    """A file with several cases; a file may also hold a single case without `cases:`."""

    cases: list[CaseEntry]


CASE_OF: dict[SuiteKind, type[CallCase] | type[CriterionCase] | type[QuoteCase]] = {
    "calls": CallCase,
    "hostile": CallCase,
    "criteria": CriterionCase,
    "quotes": QuoteCase,
}


class _AnyCase(BaseModel):
    case: Annotated[CaseEntry | CaseFile, Field()]


def case_schema() -> dict[str, Any]:
    """The JSON schema of a case file: one case of any kind, or a list of them under `cases`."""
    schema = _AnyCase.model_json_schema()
    return {"title": "Case file", "anyOf": schema["properties"]["case"]["anyOf"], "$defs": schema["$defs"]}


def suite_schema() -> dict[str, Any]:
    """The JSON schema of `suite.yaml`."""
    return SuiteFile.model_json_schema()
