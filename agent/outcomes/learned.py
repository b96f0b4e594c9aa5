"""Scores that are learned and not lived: does each criterion still tell won deals from
lost ones since it is coached?"""

import numpy as np

from agent.core.base import Frozen
from agent.core.errors import Advice, InputError
from agent.core.language import N_, _
from agent.core.statistic import Statistic, Undefined
from agent.outcomes.deal_scores import deal_scores
from agent.outcomes.funnels import opened_words, the_deals
from agent.profiles.season import Season
from agent.profiles.season_frames import cycles_of
from agent.ratings.model import Rated
from agent.ratings.store import Ratings
from agent.stats.frame import IntArray
from agent.stats.telling import Telling, TellingRules, near_copies, telling

# Passages are compared pairwise, so at most this many of each criterion are taken, from the newest calls.
_SHOWINGS, _CALLS, _AT_ONCE = 400, 2000, 400


class LearnedReport(Frozen):
    """Each criterion, and which deals these are."""

    rows: tuple[Telling, ...]
    population: str
    showings: str


def learned_report(season: Season) -> LearnedReport:
    """The link of scores with wins before coaching and since, the rise, and copied showings. InputError where no call
    names its deal, or without coaching: deals that share the calls of their rep would look like more than they are."""
    deals = the_deals(season.space)
    begun = cycles_of(season, season.periods).coaching[:, 0]
    if not any(call in season.deals for call in season.frame.calls):
        raise InputError(
            "no rated call names its deal, so no score can be set beside a win",
            advice=Advice(
                text="take the import of the ratings back and import them again with a column deal, which names each "
                "call's deal; the imports there were",
                command="uploads list",
                page="/uploads",
            ),
        )
    scores, used = deal_scores(season.frame, deals, season.deals, "calls")
    start = _starts(season, begun)
    opened = np.array([deal.opened.toordinal() for deal in used], dtype=np.int64)
    places = np.array([season.reps.index(deal.rep) if deal.rep in season.reps else -1 for deal in used], dtype=np.int64)
    after = opened[:, None] >= start[places]
    copies = _copies(season, begun)
    return LearnedReport(
        rows=tuple(telling(scores, after, TellingRules(), copies)),
        population=_("{used} decided deals with rated calls, {used_2}", used=len(used), used_2=opened_words(used))
        if used
        else _("no deals"),
        showings=_(
            "up to {showings} showings of each criterion, out of the newest calls since coaching began",
            showings=_SHOWINGS,
        ),
    )


def _starts(season: Season, begun: IntArray) -> IntArray:
    """The day on which coaching on each criterion began, (reps and a last row for everybody else,
    criteria): the rep's own cycles on it; else the first cycle of anybody on it; where nobody was coached
    on it, the rep's first on anything."""
    criteria, never = season.criteria, np.iinfo(np.int64).max
    own = np.full((len(season.reps) + 1, len(criteria)), never)
    for period in season.periods:
        if period.rep in season.reps:
            rep, day = season.reps.index(period.rep), period.start.toordinal()
            for at in [criteria.index(one) for one in period.criteria if one in criteria]:
                own[rep, at] = min(own[rep, at], day)
    anybody = np.where(own == never, own.min(axis=0), own)
    on_anything = np.append(begun, begun.min())[:, None]
    return np.asarray(np.where(anybody == never, on_anything, anybody))


def _copies(season: Season, begun: IntArray) -> list[Statistic]:
    """By criterion the share of showings since coaching began that are near copies. What an example itself was taken
    from is no copy of it, and nobody copies a behavior to avoid."""
    calls = season.calls
    late = np.flatnonzero(calls.day >= begun[calls.rep])
    newest = late[np.argsort(calls.day[late], kind="stable")[::-1]][:_CALLS]
    wanted = {one.id: one for one in season.rubric.criteria if one.weight >= 0}
    quotes: dict[str, list[str]] = {ident: [] for ident in wanted}
    for start in range(0, len(newest), _AT_ONCE):
        ids = [calls.ids[at] for at in newest[start : start + _AT_ONCE].tolist()]
        for counted in season.space.store[Ratings].that_count(season.rubric.id, ids):
            rating, judgement = counted.rating, counted.rating.judgement
            criterion = wanted.get(rating.criterion)
            if criterion and isinstance(judgement, Rated) and criterion.shown(judgement.value):
                own = {one.text for one in criterion.examples if one.source == rating.call}
                quotes[criterion.id] += [one.text for one in judgement.quotes if one.text not in own]
        if all(len(said) >= _SHOWINGS for said in quotes.values()):
            break
    return [
        near_copies(quotes[one.id][:_SHOWINGS], [e.text for e in one.examples if e.kind == "present"])
        if one.id in wanted
        else Undefined(undefined=N_("a behavior to avoid"), n=0)
        for one in season.rubric.criteria
    ]
