"""Makes criteria fit calls: each is asked only where it has its occasion; one that never has an occasion is reworded or
left out.

Where a criterion applied to a third of the calls of some stages, it is asked in those only: code decides that, from the
first readings there are. What applied to less than that in every stage goes to a model with calls on which it did not
apply: it finds the part that one call can show, or says that there is none.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agent.calls.model import Call
from agent.calls.store import Calls
from agent.core.errors import Advice, InputError
from agent.llm.asking import all_or_first_error, ask_checked
from agent.llm.model import Request
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.ratings.model import Failed, Rated
from agent.ratings.store import MadeWith, Ratings
from agent.rubrics.model import Criterion, Rubric
from agent.scoring.rating import speakers_line
from agent.scoring.replies import FitCriterionReply
from agent.scoring.trial import LEAST_APPLYING
from agent.text.rendering import numbered
from agent.workspace import Workspace

_CALLS_SHOWN = 3
_MOST_CALLS = 500

Change = Literal["kept", "asked by stage", "reworded", "left out"]


@dataclass(frozen=True)
class Occasion:
    """On how many calls of a stage a criterion applied, of those with a first reading; `without` are the ids of the
    other calls."""

    stage: str
    applies: int
    calls: int
    without: tuple[str, ...] = ()

    @property
    def enough(self) -> bool:
        """Whether it applied to a third of the calls or more."""
        return self.applies >= LEAST_APPLYING * self.calls


@dataclass(frozen=True)
class Fitted:
    """What was done with one criterion, and why."""

    before: Criterion
    occasions: tuple[Occasion, ...]
    change: Change
    after: Criterion | None
    why: str = ""


def occasions_of(space: Workspace, rubric: Rubric) -> dict[str, tuple[Occasion, ...]]:
    """For each criterion and stage, on how many calls it applied according to first readings by models (of a part of
    the calls, if there are many). Failed readings say nothing. Calls of blind rounds are left out."""
    store = space.store[Ratings]
    firsts = [
        MadeWith(rubric.id, prompt, model, 0, endpoint)
        for prompt, model, endpoint in store.made_with(rubric.id)
        if model
    ]
    calls = sorted(set[str]().union(*(store.rated_calls(one) for one in firsts)))
    if len(calls) > _MOST_CALLS:
        calls = sorted(random.Random(0).sample(calls, _MOST_CALLS))  # the same each time
    ratings = store.current(calls, rubric.id) if calls else []
    read = [r for r in ratings if r.provenance.model and not r.provenance.draw and not isinstance(r.judgement, Failed)]
    places = space.store[Calls].facts({r.call for r in read})
    by_stage: dict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
    for rating in read:
        stage = space.stages.stage_of(places[rating.call].stage)
        by_stage[rating.criterion, stage][rating.call] = isinstance(rating.judgement, Rated)
    order = [*(stage.id for stage in space.stages.stages), ""]
    return {
        c.id: tuple(
            Occasion(
                stage, sum(applied.values()), len(applied), tuple(sorted(i for i, yes in applied.items() if not yes))
            )
            for stage in order
            if (applied := by_stage.get((c.id, stage)))
        )
        for c in rubric.criteria
    }


def by_stage(criterion: Criterion, occasions: Sequence[Occasion]) -> Fitted | None:
    """The result that the counts alone decide; None if a model has to reword the criterion."""
    if not occasions:
        return Fitted(criterion, (), "kept", criterion, "no call was read, so nothing is known")
    staged = [one for one in occasions if one.stage]
    fitting = tuple(one.stage for one in staged if one.enough)
    if all(one.enough for one in occasions):
        return Fitted(criterion, tuple(occasions), "kept", criterion)
    if not fitting:
        return None
    told = ", ".join(f"{one.stage} {one.applies} of {one.calls}" for one in staged)
    asked = criterion.model_copy(update={"only_in": fitting})
    return Fitted(criterion, tuple(occasions), "asked by stage", asked, f"applied to: {told} calls")


def fit_request(
    space: Workspace, criterion: Criterion, occasions: Sequence[Occasion], role: Role, prompt: Prompt
) -> Request[FitCriterionReply]:
    """The request for a wording that fits calls, with some on which it did not apply."""
    shown = [(one.stage, call) for call in _spread(occasions) for one in occasions if call in one.without]
    calls = {call.id: call for call in space.store[Calls].all([ident for _, ident in shown])}
    inputs = {
        "calls": [_shown(calls[ident], stage) for stage, ident in shown],
        "criterion": {
            "name": criterion.name,
            "scale": criterion.scale.range_in_words,
            "speaker": criterion.speaker,
            "description": criterion.description,
            "not_applicable_when": criterion.not_applicable_when,
            "anchors": sorted(criterion.anchors.items()),
        },
        "counts": [{"stage": o.stage or "unknown", "applies": o.applies, "calls": o.calls} for o in occasions],
        "stages": [{"id": stage.id, "won": stage.won} for stage in space.stages.stages],
    }
    return role.request(prompt, FitCriterionReply, inputs, subject=criterion.id)


def _spread(occasions: Sequence[Occasion]) -> list[str]:
    """Calls on which the criterion did not apply: one of each stage in turn, beginning with the stage in which it
    applied most often."""
    ordered = sorted(occasions, key=lambda one: one.applies / one.calls, reverse=True)
    longest = max((len(one.without) for one in ordered), default=0)
    turns = [one.without[n] for n in range(longest) for one in ordered if n < len(one.without)]
    return turns[:_CALLS_SHOWN]


def _shown(call: Call, stage: str) -> dict[str, Any]:
    return {
        "id": call.id,
        "stage": stage or "unknown",
        "transcript": numbered(call.transcript.turns),
        "speakers": speakers_line(call.transcript),
    }


async def _reworded(
    space: Workspace, criterion: Criterion, occasions: tuple[Occasion, ...], role: Role, prompt: Prompt
) -> Fitted:
    known = {stage.id for stage in space.stages.stages}

    def faults(reply: FitCriterionReply) -> list[str]:
        if not reply.observable:
            return []
        problems = [f"there is no stage {stage!r}" for stage in reply.stages if stage not in known]
        problems += [] if reply.description.strip() else ["the description is empty"]
        missing = set(criterion.levels) - {a.level for a in reply.anchors}
        return problems + [f"there is no anchor for level {level}" for level in sorted(missing)]

    first, second = await ask_checked(role, fit_request(space, criterion, occasions, role, prompt), faults, _AGAIN)
    reply = (second or first).value
    if not reply.observable:
        return Fitted(criterion, occasions, "left out", None, reply.why)
    if wrong := faults(reply):
        return Fitted(criterion, occasions, "kept", criterion, f"no usable wording came: {'; '.join(wrong)}")
    after = criterion.model_copy(
        update={
            "description": " ".join(reply.description.split()),
            "not_applicable_when": " ".join(reply.not_applicable_when.split()),
            "anchors": {a.level: a.text for a in reply.anchors if a.level in criterion.levels},
            "only_in": tuple(dict.fromkeys(reply.stages)),
            "examples": (),  # they were of the wording before
            "flaws": (f"reworded to fit calls: {reply.why}", "no present example", "no absent example"),
        }
    )
    return Fitted(criterion, occasions, "reworded", after, reply.why)


_AGAIN = "Give the complete reply once more with these points put right."


def to_reword(rubric: Rubric, occasions: dict[str, tuple[Occasion, ...]]) -> list[Criterion]:
    """The criteria that a model has to reword."""
    return [c for c in rubric.criteria if by_stage(c, occasions[c.id]) is None]


def fit_requests(space: Workspace, rubric: Rubric) -> list[Request[Any]]:
    """The requests that fitting would make."""
    occasions = occasions_of(space, rubric)
    wanted = to_reword(rubric, occasions)
    if not wanted:
        return []
    role, prompt = space.planned_role("drafter"), space.prompt("fit_criterion")
    return [fit_request(space, c, occasions[c.id], role, prompt) for c in wanted]


async def fitted(space: Workspace, rubric: Rubric, concurrency: int, budget: float | None) -> list[Fitted]:
    """What becomes of each criterion, in the rubric's order. Nothing is stored. InputError if no call was read."""
    occasions = occasions_of(space, rubric)
    if not any(occasions.values()):
        raise InputError(
            f"no model has read a call against {rubric.label} yet, so where its criteria apply is not known",
            advice=Advice("rubric trial", f"/rubric/{rubric.id}#trial", "try it on a few calls first"),
        )
    done = {c.id: by_stage(c, occasions[c.id]) for c in rubric.criteria}
    wanted = to_reword(rubric, occasions)
    if wanted:
        prompt = space.prompt("fit_criterion")
        async with space.roles("drafter", budget_usd=budget) as roles:

            async def reword(criterion: Criterion) -> Fitted:
                return await _reworded(space, criterion, occasions[criterion.id], roles["drafter"], prompt)

            made = await all_or_first_error(wanted, reword, concurrency, lambda: None)
        done |= {one.before.id: one for one in made}
    return [one for c in rubric.criteria if (one := done[c.id]) is not None]
