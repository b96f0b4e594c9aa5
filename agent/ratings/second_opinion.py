"""The second opinion: two readings of the same call, by another draw or another model, and where they differ.

A model is as sure of its wrong ratings as of its right ones. Two readings that differ are the cheapest sign that a
person should look; how much the sign is worth is measured on a suite (`agent.evals.second_opinion`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

from agent.core.people import is_model
from agent.ratings.model import Failed, Rating

Confidence = Literal["low", "agreed", "one reading", "person"]
Place = tuple[str, str, str]  # call, criterion, rubric


def confidences(ratings: Sequence[Rating]) -> dict[str, Confidence]:
    """For each rating's id: `low` where two model readings of the same place differ, `agreed` where they do not.

    A reading is one draw of one model with one prompt. A failed reading against a level is a difference.
    """
    readings: dict[Place, dict[tuple[str, str, int], str]] = defaultdict(dict)
    for rating in ratings:
        if is_model(rating.rater):
            made = rating.provenance
            readings[place(rating)][made.model, made.prompt, made.draw] = rating.judgement.said
    return {rating.id: _confidence(rating, readings[place(rating)]) for rating in ratings}


def place(rating: Rating) -> Place:
    """The call, criterion and rubric of a rating."""
    return (rating.call, rating.criterion, rating.provenance.rubric)


def _confidence(rating: Rating, readings: Mapping[tuple[str, str, int], str]) -> Confidence:
    if not is_model(rating.rater):
        return "person"
    if len(readings) < 2:
        return "one reading"
    return "low" if len(set(readings.values())) > 1 else "agreed"


def review_order(ratings: Sequence[Rating]) -> list[Rating]:
    """Ratings in the order in which a person should look: readings that differ, then failed ones, then the rest."""
    confidence = confidences(ratings)

    def key(rating: Rating) -> tuple[int, Place]:
        rank = 0 if confidence[rating.id] == "low" else 1 if isinstance(rating.judgement, Failed) else 2
        return (rank, place(rating))

    return sorted(ratings, key=key)
