"""Which of several ratings of the same place counts: the rule of `agent.ratings.columns`, for single calls."""

from __future__ import annotations

from collections.abc import Sequence

from agent.calibration.model import is_model
from agent.ratings.model import Rating

IMPORTED = "import:"


def standing(ratings: Sequence[Rating]) -> dict[str, Rating]:
    """By criterion, the rating that counts among the current ratings of one call against one rubric, oldest first.

    A person's before an imported one, an imported one before a model's; of a model's readings the first draw; and
    otherwise the newest.
    """
    chosen: dict[str, tuple[tuple[int, int, int], Rating]] = {}
    for at, rating in enumerate(ratings):
        key = (_rank(rating.rater), -rating.provenance.draw, at)
        if rating.criterion not in chosen or chosen[rating.criterion][0] < key:
            chosen[rating.criterion] = (key, rating)
    return {criterion: rating for criterion, (_, rating) in chosen.items()}


def _rank(rater: str) -> int:
    if is_model(rater):
        return 0
    return 1 if rater.startswith(IMPORTED) else 2


def newest(ident: str, ratings: Sequence[Rating]) -> str:
    """The id at the end of the chain of corrections that `ident` stands in; `ident` itself if nothing corrects it."""
    after = {rating.supersedes: rating.id for rating in ratings if rating.supersedes}
    while ident in after:  # ends: a rating's id is made from what it supersedes
        ident = after[ident]
    return ident
