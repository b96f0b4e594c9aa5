"""Documents of every kind, built from the sample's calls and rubric with ratings made up here by rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from agent.app.documents.blocks import Document
from agent.calls.intake import load_calls
from agent.calls.model import Call
from agent.calls.store import Calls
from agent.coaching.brief import brief_of, coaching_brief
from agent.coaching.model import CoachingPlan, PlannedCriterion
from agent.core.statistic import Undefined
from agent.core.transcript import Quote, Span, Turn
from agent.db.store import Store
from agent.documents.calibration_record import CriterionResult, Difference, Record, Wording, calibration_record
from agent.documents.executive_summary import executive_summary
from agent.documents.interview_guide import interview_guide
from agent.documents.rated import RatedCalls
from agent.documents.scorecard import scorecard
from agent.documents.scoring_guide import scoring_guide
from agent.documents.team_report import team_report
from agent.documents.verbs import rated_calls
from agent.guides.file import from_template, read_guides
from agent.guides.model import Guide
from agent.patterns.model import Codebook, Extraction, PatternSet
from agent.patterns.store import Extractions
from agent.profiles.heat_map import rep_profile, team_heat_map
from agent.profiles.model import CoachingPeriod, CoachMoment, Passage
from agent.profiles.population import USUAL
from agent.profiles.season import Season, season
from agent.ratings.model import Failed, NearestMiss, NotApplicable, Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.rubrics.file import read_rubric
from agent.rubrics.model import Rubric
from agent.rubrics.store import Rubrics
from agent.settings import Settings
from agent.stats.contrast import Counts, contrasts, expected_false, prevalence, verdict
from agent.stats.intervals import clopper_pearson, wilson
from agent.stats.rules import ProfileRules
from agent.workspace import Workspace
from tests.builders import ROOT, SAMPLE, interview

MADE_ON = date(2026, 11, 24)
AT = datetime(2026, 11, 1, tzinfo=UTC)
REP = "Priya Raman"
STAGES = {
    "discovery": ("Discovery", "The customer has named a problem."),
    "demo": ("Demo", "The customer has seen their own case."),
    "evaluation": ("Evaluation", "Everybody who decides has been heard."),
    "proposal": ("Proposal", "Price is compared with doing nothing."),
    "negotiation": ("Negotiation", "Terms are agreed."),
}


@cache
def sample_calls() -> tuple[Call, ...]:
    return load_calls(SAMPLE / "calls", SAMPLE / "calls" / "calls.csv").loaded


@cache
def sample_rubric() -> Rubric:
    return read_rubric(SAMPLE / "rubric.yaml", "ledgerline-team")


def sample_ratings() -> list[Rating]:
    """Every call on every criterion: present on call numbers that a fixed remainder picks, with a real quote."""
    rubric = sample_rubric()
    return [
        rating
        for place, call in enumerate(sample_calls())
        for number, criterion in enumerate(rubric.criteria)
        for rating in (_rating(call, criterion, (place + number) % (number + 2) == 0, place, rubric),)
    ]


def _rating(call: Call, criterion, shown: bool, place: int, rubric: Rubric) -> Rating:
    said = next(turn for turn in call.transcript.turns if turn.speaker == call.rep and len(turn.text) > 20)
    quote = Quote(span=Span(turn=said.index, start=0, end=len(said.text)), speaker=said.speaker, text=said.text)
    near = NearestMiss(turn=said.index, speaker=said.speaker, text=said.text, why="It asks for no consequence.")
    level = criterion.levels[-1] if shown else criterion.levels[0]
    judgement = Rated(value=level, quotes=(quote,) if shown else (), nearest=None if shown else near)
    if place % 13 == 5:
        judgement = NotApplicable()
    elif place % 17 == 7:
        judgement = Failed(kind="evidence", detail="the quote was not found")
    made = Provenance(rubric=rubric.id, prompt="rate_call@1#cae55adb", model="test/model", request="rq-1")
    return Rating(
        call=call.id,
        criterion=criterion.id,
        rater="model:test/model",
        judgement=judgement,
        reason="The rep asks what the delay costs.",
        provenance=made,
        at=AT + timedelta(minutes=place),
    )


@cache
def sample_season() -> Season:
    """The sample's calls with those ratings, in a workspace of their own."""
    space = Workspace(Settings.read(Path(mkdtemp(prefix="closeread-documents-")) / "space", {}))
    space.store[Rubrics].add(sample_rubric())
    for call in sample_calls():
        space.store[Calls].add(call)
    space.store[Ratings].add(sample_ratings())
    return season(space)


def rated(rep: str = "") -> RatedCalls:
    return rated_calls(sample_season(), USUAL, rep)


def guides() -> list[Guide]:
    names = {ident: name for ident, (name, _) in STAGES.items()}
    return [from_template(guide, names) for guide in read_guides(ROOT / "config" / "guide.yaml")]


def extraction() -> Extraction:
    """Six behaviors with counts that run from clearly won to clearly lost."""
    from agent.patterns.model import Evidence, Pattern

    counts = [Counts(won, 10, lost, 8) for won, lost in ((9, 1), (8, 2), (7, 5), (2, 6), (1, 7), (5, 4))]
    said = "She asked what a late close costs us."
    quote = Quote(span=Span(turn=1, start=0, end=len(said)), speaker="Bo", text=said)
    patterns = tuple(
        Pattern(
            id=f"pattern_{number}",
            name=f"Behavior number {number}",
            behavior="The rep asks what the late close costs each month.",
            verdict=verdict(count, found.probability_won),
            moments=("pricing",),
            won=prevalence(count.won, count.won_of),
            lost=prevalence(count.lost, count.lost_of),
            contrast=found,
            agreement=wilson(16, 18),
            kappa=Undefined(undefined="both analysts always say present"),
            adjudicated=1,
            evidence=(Evidence(interview="int-1", quote=quote),),
        )
        for number, (count, found) in enumerate(zip(counts, contrasts(counts), strict=True), 1)
    )
    found = PatternSet(
        codebook="cb-1",
        interviews=("int-1",),
        patterns=patterns,
        expected_false=expected_false(counts),
        moments=(("pricing", 3),),
        unlocated=0,
    )
    codebook = Codebook(entries=())
    return Extraction(observations=(), codebook=codebook, codings=(), patterns=found)


def keep_extraction(folder: Path) -> None:
    """Store the extraction in the workspace at `folder`, as if made from two of the sample's interviews."""
    store = Store.open(f"sqlite:///{(folder / 'closeread.db').absolute()}")
    made = extraction()
    patterns = made.patterns.model_copy(update={"interviews": ("dev-int-01", "dev-int-11")})
    store[Extractions].add(made.model_copy(update={"patterns": patterns}))
    store.close()


def record() -> Record:
    return Record(
        number=2,
        rubric="v2",
        raters=("Maria", "Jonas"),
        calls=("dev-call-01", "dev-call-02"),
        opened_on=date(2026, 11, 3),
        state="closed",
        results=(
            CriterionResult(
                "asks_cost",
                "Asks for the cost",
                "provisional",
                clopper_pearson(9, 10),
                wilson(7, 10),
                ("Ten calls are too few.",),
            ),
            CriterionResult(
                "recaps",
                "Recaps the goal",
                "no information",
                Undefined(undefined="no call was rated by two"),
                Undefined(undefined="no call was rated by two"),
            ),
        ),
        differences=(
            Difference(
                "asks_cost",
                "dev-call-02",
                (("Maria", "1", "turn 12 asks it"), ("Jonas", "0", "")),
                "1",
                "The question names the fee.",
            ),
        ),
        changes=(
            Wording(
                "asks_cost",
                "Asks about cost.",
                "Asks what the problem costs in money or days.",
                "Both read “cost” as price.",
            ),
        ),
    )


def plan() -> CoachingPlan:
    turn = Turn(index=9, speaker=REP, text="I will send you something.")
    missed = CoachMoment(
        kind="missed",
        rep=REP,
        call="dev-call-02",
        date=date(2026, 10, 12),
        passage=Passage(call="dev-call-02", turn=9, turns=(turn,)),
        why="The cost was on the table.",
        said="What does that cost you each month?",
        practice="Ask one question on the consequence before the first slide.",
    )
    done = missed.model_copy(update={"kind": "done", "call": "hist-0007", "passage": None, "said": "", "practice": ""})
    chosen = PlannedCriterion(
        criterion="asks_cost",
        name="Asks for the cost",
        description="The rep asks what the problem costs.",
        reason="Three reps share it, and lost deals lack it.",
        moments=(missed, done),
    )
    return CoachingPlan(
        who=REP, rubric=sample_rubric().id, criteria=(chosen,), notes=("The baseline is provisional.",), at=AT
    )


def period() -> CoachingPeriod:
    return CoachingPeriod(
        rep=REP, cycle="cycle 1", start=date(2026, 11, 2), end=date(2026, 11, 29), criteria=("asks_cost",)
    )


NAMES = ("brief", "calibration", "guide", "report", "scorecard", "scoring-guide", "summary")


@cache
def documents() -> dict[str, Document]:
    """One of each kind, by NAMES: made when the first is asked for, since every process reads the lists of all tests."""
    found, rules, team = rated(), ProfileRules(), team_heat_map(sample_season())
    interviews = [interview(f"int-{n}", "won" if n < 10 else "lost") for n in range(18)]
    near = {
        found.ratings[0].criterion: [
            (r.call, r.judgement.nearest)
            for r in found.ratings[:40]
            if isinstance(r.judgement, Rated) and r.judgement.nearest
        ][:2]
    }
    return {
        "guide": interview_guide(guides(), STAGES, made_on=MADE_ON),
        "scoring-guide": scoring_guide(
            sample_rubric(), ("Draft: not calibrated yet",), made_on=MADE_ON, near_misses=near
        ),
        "scorecard": scorecard(REP, found, rep_profile(sample_season(), REP), rules, made_on=MADE_ON),
        "report": team_report(found, team, made_on=MADE_ON),
        "summary": executive_summary(
            extraction(), interviews, found, team, ("Worth this.", "Moments: pricing."), made_on=MADE_ON
        ),
        "calibration": calibration_record(record(), "Round ro-1 · Closeread 0.1.0", made_on=MADE_ON),
        "brief": coaching_brief(brief_of(plan(), period(), "Maria"), "Plan pl-1 · Closeread 0.1.0", made_on=MADE_ON),
    }
