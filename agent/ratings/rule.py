"""Which rating counts, where one criterion of one call has several. Figures, pages and documents all go by this.

1. A person's correction of somebody else's rating (an override, an upheld dispute): the newest.
2. What was settled in a calibration round.
3. What all people said in a revealed calibration round, where they said the same.
4. What a person rated outside rounds; before it counts what came out of a file, the person's own counts first.
5. The model's first reading (draw 0), the newest. Scoring makes it with a released prompt
   only (`agent.scoring.running`).

Where the people of a round differ and nobody settled it, nothing counts: the place is a split. Calls of a round that is
still blind are no matter of this rule: they are left out as a whole (`agent.ratings.counting`).
"""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from agent.core.people import is_model
from agent.ratings.model import Rating

IMPORTED = "import:"
SETTLED = "settled:"
"""How raters' names begin that stand for a file, and for what a calibration round settled."""

AGREED = "agreed:calibration"
"""The rater shown, instead of their names, where the raters of a round all said the same."""

NOBODYS = (IMPORTED, SETTLED, "agreed:")
"""How names of raters begin that are no person's."""

Source = Literal["correction", "settled", "agreed", "person", "import", "model"]
_ORDER: tuple[Source, ...] = ("correction", "settled", "agreed", "person", "import", "model")


class Candidate(NamedTuple):
    """One rating, as far as the rule goes by it. `in_round`: it was submitted in a calibration round."""

    id: str
    rater: str
    status: str
    value: int | None
    draw: int
    supersedes: str
    in_round: bool


class Counts(NamedTuple):
    """The rating that counts, and by which part of the rule."""

    rating: Candidate
    source: Source


class Split(NamedTuple):
    """People differ in a calibration round and nobody has settled it: nothing counts."""

    ratings: tuple[Candidate, ...]


def is_person(rater: str) -> bool:
    """Whether a rater's name is a person's."""
    return not (is_model(rater) or rater.startswith(NOBODYS))


def which_counts(ratings: Sequence[Candidate]) -> Counts | Split | None:
    """What counts of all ratings of one criterion of one call against one rubric, superseded ones too, oldest first."""
    by_id = {rating.id: rating for rating in ratings}
    superseded = {rating.supersedes for rating in ratings}
    best: Counts | None = None
    round_said: list[Candidate] = []
    for rating in ratings:
        if rating.id in superseded:
            continue
        source = _source(rating, list(_earlier(rating, by_id)))
        if source == "agreed":
            round_said.append(rating)
        elif source is not None and (best is None or _ORDER.index(source) <= _ORDER.index(best.source)):
            best = Counts(rating, source)
    if best is not None and best.source in ("correction", "settled"):
        return best
    if len(round_said) > 1:
        if len({(rating.status, rating.value) for rating in round_said}) > 1:
            return Split(tuple(round_said))
        if round_said[0].status != "failed":
            return Counts(round_said[0], "agreed")
    return best


def said_in_round(ratings: Sequence[Candidate]) -> list[Candidate]:
    """What people said in calibration rounds, including their corrections of themselves since."""
    by_id = {rating.id: rating for rating in ratings}
    return [rating for rating in ratings if _source(rating, list(_earlier(rating, by_id))) == "agreed"]


def _earlier(rating: Candidate, by_id: dict[str, Candidate]) -> Iterable[Candidate]:
    """The ratings that `rating` supersedes, directly or not, the newest first."""
    # Ends: a rating's id is made from what it supersedes.
    while (earlier := by_id.get(rating.supersedes)) is not None:
        yield earlier
        rating = earlier


def _source(rating: Candidate, earlier: Sequence[Candidate]) -> Source | None:
    """The part of the rule by which a current rating may count; None for a model's later readings."""
    if is_model(rating.rater):
        return "model" if rating.draw == 0 else None
    if rating.rater.startswith(IMPORTED):
        return "import"
    if rating.rater.startswith(SETTLED):
        return "settled"
    if any(one.rater != rating.rater for one in earlier):
        return "correction"
    # Raters who correct themselves after a round only say better what they meant: it still counts
    # as their rating in the round.
    return "agreed" if rating.in_round or any(one.in_round for one in earlier) else "person"


def newest(ident: str, ratings: Sequence[Rating]) -> str:
    """The id at the end of the chain of corrections of `ident`; `ident` itself if nothing corrects it."""
    after = {rating.supersedes: rating.id for rating in ratings if rating.supersedes}
    while ident in after:  # ends: a rating's id is made from what it supersedes
        ident = after[ident]
    return ident


def unnamed(rating: Rating, shown_as: str) -> Rating:
    """A calibration rating by `shown_as`, which names nobody. It keeps its id, which is a
    hash of all that a rating says."""
    return rating.model_copy(update={"rater": shown_as, "named": rating.id})
