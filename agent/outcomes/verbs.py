"""Accepting weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.app.verb import Who, verb
from agent.core.errors import UsageError
from agent.rubrics.model import Rubric
from agent.rubrics.store import Rubrics


@dataclass(frozen=True)
class Reweighted:
    """A new version of a rubric, and the one it was made from."""

    rubric: Rubric
    before: Rubric


def _facts(made: Reweighted) -> dict[str, Any]:
    weights = {criterion.id: criterion.weight for criterion in made.rubric.criteria}
    return {"before": made.before.id, "label": made.rubric.label, "weights": weights}


@verb("ops_lead", audit="weights_accepted", subject=lambda made: made.rubric.id, facts=_facts)
def accept_weights(who: Who, rubric: str, weights: Mapping[str, float], label: str = "") -> Reweighted:
    """A new version of the rubric (id or label) with a weight for each criterion; the old one stays, and so
    do the ratings against it. UsageError for weights that are not one for each criterion, Conflict where
    another rubric has the label."""
    old = who.space.store[Rubrics].get(rubric)
    wanted = {criterion.id for criterion in old.criteria}
    if odd := sorted(wanted ^ set(weights)):
        what = "has no weight" if odd[0] in wanted else f"is no criterion of {old.label}"
        raise UsageError(f"{odd[0]!r} {what}; give a weight for each criterion")
    if wild := [ident for ident, weight in weights.items() if not -100 <= weight <= 100]:  # nan is neither
        raise UsageError(f"the weight of {wild[0]} is {weights[wild[0]]}; give a number from -100 to 100")
    if not any(weights.values()):
        raise UsageError("at least one weight must not be 0")
    if all(criterion.weight == weights[criterion.id] for criterion in old.criteria):
        raise UsageError(f"these are the weights of {old.label} already; nothing was changed")
    criteria = tuple(one.model_copy(update={"weight": weights[one.id]}) for one in old.criteria)
    new = Rubric(criteria=criteria, label=label.strip() or f"{old.label}-weighted")
    return Reweighted(who.space.store[Rubrics].add(new), old)
