"""A trial: each criterion of a rubric is read twice on a few calls, before people spend hours on it.

A criterion that comes from interviews need not be visible in a call. The trial says how often it applies, how often it
is shown, how often two readings of the same call differ, and where the evidence was not found; and names those that are
not fit for calibration. Its first readings are the ones that scoring would ask for, so they are not paid twice.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.calls.store import Calls
from agent.core.errors import InputError
from agent.core.language import N_, _
from agent.ratings.model import Failed, Rated, Rating
from agent.ratings.store import MadeWith, Ratings
from agent.rubrics.model import Criterion, Rubric
from agent.scoring.running import calls_without_stage
from agent.workspace import Workspace

CALLS = 10
# Kept are criteria that apply to a third of the calls of their stage: of ten calls a rep's
# baseline has, three to go by.
LEAST_APPLYING = 1 / 3
# Above these shares of calls a criterion is named. At ten calls: three differing readings,
# three failed ratings in twenty.
MOST_DIFFERING, MOST_FAILED = 0.2, 0.125
# On fewer calls "always the same" says nothing yet: at a true rate of 80 % four calls are the same in 41 % of cases.
LEAST_TO_VARY = 6
_POOL = 2000


@dataclass(frozen=True)
class CriterionTrial:
    """One criterion on the trial's calls of its stages (`calls`); `other_stages` counts calls that were read and do not
    count.

    `applies` and `shown` count first readings. `twice` calls have two readings, of which `differ` differ. `failed` of
    `readings` gave no rating.
    """

    criterion: Criterion
    calls: int
    other_stages: int
    applies: int
    shown: int
    twice: int
    differ: int
    readings: int
    failed: int

    @property
    def problem(self) -> str:
        """A sentence that says what is wrong with the criterion and what to do; empty if nothing is."""
        if not self.calls:
            return _("not tried: no call of its stage was read")
        if self.failed > MOST_FAILED * self.readings:
            return _(
                "no rating came out of {failed} of {readings} readings: look at why before anything else; "
                "where quotes were not found, say whose words count",
                failed=self.failed,
                readings=self.readings,
            )
        if not self.applies:
            return _(
                "applies to none of {calls} calls: say what can be seen in one call, or leave it out as not observable",
                calls=self.calls,
            )
        if self.applies < LEAST_APPLYING * self.calls:
            return _(
                "applies to {applies} of {calls} calls: narrow “does not apply”, give it a stage, or leave it out",
                applies=self.applies,
                calls=self.calls,
            )
        if self.differ >= 2 and self.differ > MOST_DIFFERING * self.twice:
            return _(
                "two readings of the same call differ on {differ} of {twice}: the wording leaves "
                "open what counts; sharpen it",
                differ=self.differ,
                twice=self.twice,
            )
        if self.applies >= LEAST_TO_VARY and self.shown in (0, self.applies):
            if not self.shown and self.criterion.weight < 0:
                return _(
                    "shown on none of {applies} calls: there is nothing to avoid there yet, so it tells nobody apart; "
                    "leave it out until calls show it",
                    applies=self.applies,
                )
            said = (
                N_(
                    "shown on all of {applies} calls: it tells nobody apart; raise or lower what "
                    "is asked, or leave it out"
                )
                if self.shown
                else N_(
                    "shown on none of {applies} calls: it tells nobody apart; raise or lower what "
                    "is asked, or leave it out"
                )
            )
            return _(said, applies=self.applies)
        return ""


def choose_calls(space: Workspace, rubric: Rubric, count: int = CALLS) -> list[str]:
    """`count` calls spread over stages and reps, the same ones each time. Calls of blind rounds are left out, and calls
    without a stage if the rubric asks by stage.

    InputError if no call has a transcript.
    """
    store = space.store
    blind = store[Ratings].blind_calls(viewer="")
    left_out = blind.union(calls_without_stage(space) if rubric.staged else ())
    pool = [ident for ident in store[Calls].placed() if ident not in left_out]
    if not pool:
        raise InputError("there are no calls with a transcript to try criteria on; import some first")
    chance = random.Random(0)  # the same calls each time
    left = store[Calls].places(chance.sample(pool, min(len(pool), _POOL)))
    chance.shuffle(left)
    taken: Counter[tuple[str, str]] = Counter()
    chosen = []
    for _unused in range(min(count, len(left))):
        best = min(left, key=lambda call: (taken["stage", call.stage], taken["rep", call.rep]))
        left.remove(best)
        taken.update([("stage", best.stage), ("rep", best.rep)])
        chosen.append(best.id)
    return sorted(chosen)


def trial_of(space: Workspace, rubric: Rubric, *, viewer: str = "") -> list[CriterionTrial]:
    """What calls that a model read twice against `rubric` say about each criterion, in the rubric's order.

    Empty if no call was read twice. `viewer` sees no call of a round that is still blind.
    """
    store = space.store[Ratings]
    seconds = [
        MadeWith(rubric.id, prompt, model, 1, endpoint)
        for prompt, model, endpoint in store.made_with(rubric.id)
        if model
    ]
    twice = sorted(set[str]().union(*(store.rated_calls(one) for one in seconds)))
    if not twice:
        return []
    ratings = store.current(twice, rubric.id, viewer=viewer)
    stages = {call.id: call.stage for call in space.store[Calls].places(sorted({r.call for r in ratings}))}
    return tried(rubric.criteria, ratings, {call: space.stages.stage_of(words) for call, words in stages.items()})


def tried(criteria: Sequence[Criterion], ratings: Iterable[Rating], stages: dict[str, str]) -> list[CriterionTrial]:
    """The counts for each criterion. `stages` maps a call's id to its stage's id."""
    first: dict[str, dict[str, Rating]] = defaultdict(dict)
    second: dict[str, dict[str, Rating]] = defaultdict(dict)
    for rating in ratings:
        if rating.provenance.model:
            (second if rating.provenance.draw else first)[rating.criterion].setdefault(rating.call, rating)
    made = []
    for criterion in criteria:
        mine = first[criterion.id]
        its_own = criterion.only_in or ((criterion.stage,) if criterion.stage else ())
        at_stage = {call for call in mine if stages[call] in its_own} if its_own else set(mine)
        # A workspace whose calls say no stage, or other ones, is judged on all of them.
        at_stage = at_stage or set(mine)
        readings = [r for by_call in (mine, second[criterion.id]) for call, r in by_call.items() if call in at_stage]
        pairs = [(mine[call], second[criterion.id][call]) for call in at_stage if call in second[criterion.id]]
        whole = [
            (a, b) for a, b in pairs if not isinstance(a.judgement, Failed) and not isinstance(b.judgement, Failed)
        ]
        levels = [j.value for call in at_stage if isinstance(j := mine[call].judgement, Rated)]
        made.append(
            CriterionTrial(
                criterion=criterion,
                calls=len(at_stage),
                other_stages=len(mine) - len(at_stage),
                applies=len(levels),
                shown=sum(criterion.shown(level) for level in levels),
                twice=len(whole),
                differ=sum(_level(a) != _level(b) for a, b in whole),
                readings=len(readings),
                failed=sum(isinstance(r.judgement, Failed) for r in readings),
            )
        )
    return made


def _level(rating: Rating) -> int | None:
    return rating.judgement.value
