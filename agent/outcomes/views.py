"""The link with the win rate, funnels, weights and learned scores, as they are shown
outside and as the API takes them."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field

from agent.app.view import View, example
from agent.core.language import N_
from agent.core.statistic import Estimate, Undefined
from agent.outcomes.funnels import Funnels, RepFunnel
from agent.outcomes.learned import LearnedReport
from agent.outcomes.links import LinkReport
from agent.outcomes.verbs import Reweighted
from agent.outcomes.weights import TIED, Proposal
from agent.profiles.figures import FigureView
from agent.profiles.views import CriterionId
from agent.rubrics.model import Rubric
from agent.stats.funnel import FirstStep, Funnel, StageLink
from agent.stats.outcomes import OutcomeLink
from agent.stats.telling import WHAT_TO_DO, Telling
from agent.stats.weights import ProposedWeight

HONEST = N_(
    "An association over reps. Reps who were coached differ from others in more than the coaching, "
    "and what made the win rate change is not known from this."
)


class LinksView(View):
    """Movement on each criterion against the change of the win rate. `sentence` is to be shown wherever this is."""

    links: list[OutcomeLink]
    win_rate: Estimate | Undefined
    deals_before: int
    deals_after: int
    deals_across: int
    population: str = Field(description="Which calls and deals this is about.")
    to_avoid: list[str] = Field(description="Criteria to avoid: all figures of theirs are about fewer, not more.")
    sentence: str = HONEST

    @classmethod
    def of(cls, links: LinkReport) -> Self:
        return super().of(links.report, population=links.population, to_avoid=links.to_avoid)


class OutcomesView(FigureView):
    """The link with the win rate, and how the figure stands."""

    value: LinksView | None


class FunnelsView(View):
    """The team's funnel, where to coach first, criteria against their own stage, and the reps' funnels."""

    team: Funnel
    coach_first: FirstStep
    reps: list[RepFunnel]
    stage_links: list[StageLink]
    population: str = Field(description="Which deals they count.")
    calls: str = Field(description="On which calls the scores of `stage_links` rest; empty without any.")

    @classmethod
    def of(cls, funnels: Funnels, rep: str = "") -> Self:
        reps = [one for one in funnels.reps if rep in ("", one.funnel.who)]
        return super().of(funnels, coach_first=funnels.first, reps=reps, stage_links=funnels.links)


class FunnelView(FigureView):
    """Funnels, and how the figure stands."""

    value: FunnelsView | None


class WeightView(ProposedWeight, View):
    """One criterion: its weight now, the one proposed, and why."""

    now: float | None


class ProposalOfWeights(View):
    """A proposal, never a change by itself. Where `proposed` is false, `reason` says why none are. `link` tells how
    calls were tied to deals, `tied` the same as a sentence."""

    rubric: str
    proposed: bool
    reason: str
    link: str
    tied: str
    deals: int
    won: int
    gain: Estimate | Undefined = Field(
        description="How much better unseen deals are foretold than by the win rate alone."
    )
    weights: list[WeightView]
    population: str = Field(description="Which deals this is about.")

    @classmethod
    def of(cls, rubric: Rubric, proposal: Proposal) -> Self:
        made, now = proposal.proposal, {criterion.id: criterion.weight for criterion in rubric.criteria}
        return super().of(
            made,
            rubric=rubric.id,
            link=proposal.link,
            tied=TIED[proposal.link],
            weights=[WeightView.of(one, now=now.get(one.criterion)) for one in made.weights],
            population=proposal.population,
        )


class WeightsView(FigureView):
    """Proposed weights, and how the figure stands."""

    value: ProposalOfWeights | None


class TellingRow(Telling, View):
    """One criterion. `before` and `after` are odds ratios of winning for a tenth of the scale more (better being
    higher), in deals opened before coaching began and since, `change` the later as a part of the earlier; `rise` is how
    much scores rose; `copies` the share of showings since then that repeat an example of the rubric, or each other."""

    what_to_do: str


class LearnedView(View):
    """Whether each criterion still tells won deals from lost ones since it is coached."""

    rows: list[TellingRow]
    population: str = Field(description="Which deals this is about.")
    showings: str = Field(description="Which showings were compared for copies.")
    sentence: str = HONEST

    @classmethod
    def of(cls, report: LearnedReport) -> Self:
        return super().of(report, rows=[TellingRow.of(row, what_to_do=WHAT_TO_DO[row.verdict]) for row in report.rows])


class TellingView(FigureView):
    """Learned scores, and how the figure stands."""

    value: LearnedView | None


class NewWeights(BaseModel):
    """A weight for every criterion of `rubric`; a new version results. A negative one is for a behavior to avoid."""

    rubric: str = Field(min_length=1, max_length=200, description="Id of the rubric whose proposal you looked at.")
    weights: dict[CriterionId, Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]] = Field(
        min_length=1, max_length=200
    )
    label: str = Field(default="", max_length=100, description="Of the new version; default: the old one's, -weighted.")

    model_config = example(
        {"rubric": "ru-2b4c6d8e0f1a", "weights": {"consequence_question": 1.6, "objection_handling": 0.4}}
    )


class NewVersion(View):
    """The rubric that resulted, its weights, and the id of the one before."""

    id: str
    label: str
    before: str
    weights: dict[str, float]

    @classmethod
    def of(cls, made: Reweighted) -> Self:
        new = made.rubric
        weights: Mapping[str, Any] = {criterion.id: criterion.weight for criterion in new.criteria}
        return cls(id=new.id, label=new.label, before=made.before.id, weights=dict(weights))
