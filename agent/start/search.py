"""One search over calls, reps and criteria, in which everybody finds what they may see."""

from pydantic import Field

from agent.app.verb import Who
from agent.app.view import View
from agent.calls.store import Calls
from agent.calls.views import CallView
from agent.core.errors import NotFound
from agent.rubrics.in_use import in_use

MOST = 20  # of a kind


class FoundCriterion(View):
    """A criterion of the rubric in use."""

    id: str
    name: str
    description: str
    rubric: str = Field(description="Id of the rubric in use.")


class SearchView(View):
    """What was found of each kind, at most 20: calls newest first; reps and criteria in their order."""

    calls: list[CallView]
    reps: list[str] = Field(description="None for a rep.")
    criteria: list[FoundCriterion]

    @property
    def nothing(self) -> bool:
        """Whether nothing fits."""
        return not (self.calls or self.reps or self.criteria)


def search(who: Who, text: str) -> SearchView:
    """What holds all words of `text`, as far as `who` may see it."""
    words = text.casefold().split()
    calls = who.space.store[Calls]
    try:
        rubric = in_use(who.space.store).rubric if words else None
    except NotFound:
        rubric = None
    criterions = rubric.criteria if rubric else ()
    reps = calls.reps() if words and who.scope.only_rep is None else []
    return SearchView(
        calls=[CallView.of(row) for row in calls.found(text, MOST, viewer=who.name)],
        reps=[name for name in reps if _fits(words, name)][:MOST],
        criteria=[
            FoundCriterion(id=one.id, name=one.name, description=one.description, rubric=rubric.id if rubric else "")
            for one in criterions
            if _fits(words, one.id, one.name, one.description)
        ][:MOST],
    )


def _fits(words: list[str], *texts: str) -> bool:
    text = " ".join(texts).casefold()
    return all(word in text for word in words)
