"""Profiles, baselines and gaps as the API sends and takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from agent.app.view import View, example
from agent.core.direction import Direction
from agent.core.scale import Scale
from agent.core.statistic import Estimate, Undefined
from agent.profiles.baselines import changed_since
from agent.profiles.coached import Coached
from agent.profiles.gaps import Typical, coach_first
from agent.profiles.heat_map import HeatMap, RepProfile
from agent.profiles.model import Baseline, CoachMoment
from agent.rubrics.model import Criterion, Rubric
from agent.rubrics.views import RubricName
from agent.stats.gaps import GapReport, RepGap, TeamGap
from agent.stats.profiles import State
from agent.stats.trends import Movement
from agent.workspace import Workspace

Name = Annotated[str, Field(min_length=1, max_length=200)]
CriterionId = Annotated[str, Field(min_length=1, max_length=100)]


class CriterionScale(View):
    """A criterion as far as figures go by it. Scores are rates (binary) or mean levels; a negative weight is for a
    behavior to avoid."""

    id: str
    name: str
    scale: Scale
    lowest: int
    highest: int
    weight: float
    only_in: tuple[str, ...] = Field(description="Stages on whose calls its figures stand; empty for all.")
    mark: str = Field(description="Empty where it is calibrated, or the rubric is not deployed.")

    @classmethod
    def of(cls, criterion: Criterion, mark: str = "") -> CriterionScale:
        return super().of(criterion, lowest=criterion.scale.lowest, highest=criterion.scale.highest, mark=mark)


class ProfileView(View):
    """One rep on one criterion. `corrected` allows for the errors of the model that rated."""

    criterion: str
    score: Estimate | Undefined
    shown: Estimate | Undefined = Field(description="Share of calls that show the behavior.")
    corrected: Estimate | Undefined
    state: State
    not_applicable: int
    failed: int


class ProfileRow(View):
    """One rep. `provisional`: fewer baseline calls than are wanted."""

    rep: str
    baseline: bool = Field(description="Whether a baseline is recorded.")
    provisional: bool
    total: Estimate | Undefined = Field(description="Weighted total from 0 to 1.")
    cells: list[ProfileView]

    @classmethod
    def of(cls, heat_map: HeatMap, rep: str) -> ProfileRow:
        return cls(
            rep=rep,
            baseline=rep not in heat_map.without_baseline,
            provisional=rep in heat_map.provisional,
            total=heat_map.totals.of(rep),
            cells=[ProfileView.model_validate(row) for row in heat_map.of(rep)],
        )


class FiguresAbout(View):
    """What all figures of an answer are about. `as_of` is when the newest rating was given, null without any."""

    rubric: RubricName
    criteria: list[CriterionScale]
    population: str = Field(description="Which calls all figures are about, with their days.")
    period: str = Field(description="The same as `period` takes it.")
    weights: str = Field(description="Where the weights of the totals are from.")
    left_out: list[str] = Field(description="What was rated and does not count, and why: in sentences.")
    notes: list[str]
    as_of: datetime | None

    @staticmethod
    def facts(figures: HeatMap | RepProfile) -> dict[str, Any]:
        """These fields of a map or a rep's profile."""
        return {
            "rubric": RubricName.of(figures.rubric),
            "criteria": [CriterionScale.of(one, figures.marks.get(one.id, "")) for one in figures.criteria],
            "population": figures.title,
            "period": figures.population.name,
            "weights": figures.totals.source,
            "left_out": list(figures.uncounted),
            "notes": list(figures.notes),
            "as_of": datetime.fromisoformat(figures.as_of) if figures.as_of else None,
        }


class SharedGap(TeamGap):
    """A gap of the team, and what has been done about it."""

    coached_since: date | None = Field(description="The first day of the first cycle on it; null where there is none.")
    moved: bool = Field(description="Whether the reps coached on it have moved on it together.")
    reps_moved: int = Field(0, description="How many of `reps_coached` reps have moved on it.")
    reps_coached: int = 0

    @classmethod
    def all_of(cls, gaps: Sequence[TeamGap], coached: Mapping[str, Coached]) -> list[SharedGap]:
        """In their order."""
        known = [(gap, coached.get(gap.criterion)) for gap in gaps]
        return [
            cls(
                **dict(gap),
                coached_since=one.since if one else None,
                moved=one is not None and one.moved,
                reps_moved=one.reps_moved if one else 0,
                reps_coached=one.reps if one else 0,
            )
            for gap, one in known
        ]


class TeamView(FiguresAbout):
    """What holds for the whole map."""

    reps: int
    without_baseline: list[str]
    provisional: list[str]
    team_gaps: list[SharedGap]
    focus: list[str] = Field(description="Criteria to coach the team on now, at most two.")
    any_by_luck: float = Field(description="How likely a team without any gap shows one.")
    gap_note: str
    team_total: Estimate | Undefined

    @classmethod
    def of(cls, heat_map: HeatMap) -> TeamView:
        return cls(
            **cls.facts(heat_map),
            reps=len(heat_map.reps),
            without_baseline=list(heat_map.without_baseline),
            provisional=list(heat_map.provisional),
            team_gaps=SharedGap.all_of(heat_map.gaps.team, heat_map.coached),
            focus=list(heat_map.focus),
            any_by_luck=heat_map.gaps.any_by_luck,
            gap_note=heat_map.gaps.note,
            team_total=heat_map.totals.team,
        )


class ProfilesView(View):
    """The heat map: what holds for the team, and one page of reps. `next` is the cursor of the following page."""

    team: TeamView
    items: list[ProfileRow]
    next: str | None = None

    @classmethod
    def of(cls, heat_map: HeatMap, only: str = "") -> ProfilesView:
        """All rows in one page, or the rep `only`."""
        rows = [ProfileRow.of(heat_map, rep) for rep in heat_map.reps if only in ("", rep)]
        return cls(team=TeamView.of(heat_map), items=rows)


class BaselineView(View):
    """The calls a baseline rests on and how they came about. The window is half-open; a picked list has no seed."""

    rep: str
    rubric: str
    calls: list[str]
    start: date
    end: date
    available: int
    wanted: int
    missing: int
    provisional: bool
    seed: int | None
    manual: bool
    by: str
    at: datetime
    since: str = Field(default="", description="What has changed about its calls since; empty where nothing has.")

    @classmethod
    def of(cls, space: Workspace, baseline: Baseline) -> BaselineView:
        return super().of(baseline, since=changed_since(space, baseline))


class RepView(FiguresAbout):
    """One rep: baseline, own gaps, each coaching cycle against the baseline."""

    rep: str
    calls: int = Field(description="Rated calls.")
    total: Estimate | Undefined
    baseline: BaselineView | None
    profile: list[ProfileView]
    gaps: list[RepGap]
    focus: list[str] = Field(description="Criteria to coach this rep on now, at most two.")
    own_by_luck: float = Field(description="How many gaps luck alone would show, were the rep exactly at target.")
    movement: list[Movement]

    @classmethod
    def of(cls, space: Workspace, profile: RepProfile) -> RepView:
        return cls(
            **cls.facts(profile),
            rep=profile.rep,
            calls=profile.calls,
            total=profile.totals.of(profile.rep),
            baseline=None if profile.baseline is None else BaselineView.of(space, profile.baseline),
            profile=[ProfileView.model_validate(row) for row in profile.profile],
            gaps=list(profile.gaps),
            focus=list(profile.focus),
            own_by_luck=profile.own_by_luck,
            movement=list(profile.movement),
        )


class NearTurn(View):
    """A typical call of a gap: the turn that came nearest to the behavior, where one is
    known, and why it does not count."""

    call: str
    date: date
    turn: int | None
    speaker: str | None
    text: str | None
    why: str

    @classmethod
    def of(cls, moment: CoachMoment) -> NearTurn:
        passage = moment.passage
        near = None if passage is None else next(turn for turn in passage.turns if turn.index == passage.turn)
        return cls(
            call=moment.call,
            date=moment.date,
            turn=near.index if near else None,
            speaker=near.speaker if near else None,
            text=near.text if near else None,
            why=moment.why,
        )


class OwnGap(RepGap):
    """A gap of one rep, with typical calls where they were asked for. `first`: one to coach this rep on now."""

    in_words: str = Field(description="How bad it is, in the words of the criterion's direction.")
    first: bool
    typical: list[NearTurn]


class GapsView(View):
    """The team's gaps first, then those of single reps; each list is ranked by shortfall times link with losses.

    Of one rep the team's list is empty, and what luck would make is about this rep alone.
    """

    rubric: RubricName
    team: list[SharedGap]
    focus: list[str] = Field(description="Criteria to coach on now, at most two: the team, or the rep asked for.")
    own: list[OwnGap]
    any_by_luck: float | None = Field(description="How likely a team without any gap shows one; null for one rep.")
    own_by_luck: float = Field(description="How many own gaps luck alone would show, were everybody at target.")
    own_tests: int = Field(description="Reps times criteria that were looked at.")
    note: str
    population: str = Field(description="Which calls they are about, with their days.")
    marks: dict[str, str] = Field(
        description="By criterion in use that is not calibrated: what its scores are marked with."
    )

    @classmethod
    def of(
        cls,
        report: GapReport,
        rubric: Rubric,
        population: str,
        rep: str,
        typical: Typical,
        coached: Mapping[str, Coached],
        marks: Mapping[str, str],
    ) -> GapsView:
        words = {one.id: Direction.of(one) for one in rubric.criteria}
        own = [gap for gap in report.own if rep in ("", gap.rep)]
        first = {one for name in {gap.rep for gap in own} for one in report.focus_of(name)}
        return cls(
            rubric=RubricName.of(rubric),
            marks=dict(marks),
            team=[] if rep else SharedGap.all_of(report.team, coached),
            focus=list(coach_first(report, rep)),
            own=[
                OwnGap(
                    **dict(gap),
                    in_words=words[gap.criterion].severity(gap.severity),
                    first=gap in first,
                    typical=[NearTurn.of(one) for one in typical.get((gap.rep, gap.criterion), [])],
                )
                for gap in own
            ],
            any_by_luck=None if rep else report.any_by_luck,
            own_by_luck=report.own_by_luck,
            own_tests=report.own_tests,
            note=report.note,
            population=population,
        )


class NewBaselines(BaseModel):
    """Which baselines to draw: of one rep, or of all. A list of calls is taken only where `manual` says it is meant."""

    rep: str = Field(default="", max_length=200, description="Empty: every rep.")
    rubric: str = Field(default="", max_length=200, description="Id or label; empty: the one in use.")
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    until: date | None = Field(default=None, description="The first day that does not belong to the baseline.")
    only_missing: bool = Field(default=False, description="Leave alone those who have one.")
    calls: list[Name] = Field(default_factory=list, max_length=200)
    manual: bool = False

    model_config = example({"rep": "", "seed": 0, "only_missing": True})
