"""Of which stage a call is, where its table does not say so in the workspace's words: proposed, and said by a person.

A stage is never assumed. What is likely is shown with its reason: from the call's own words for it or its name, or
where the calls before and after it in the same deal are of one stage.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from agent.app.verb import Who, verb
from agent.calls.model import Call
from agent.calls.store import CallPlace, Calls
from agent.core.errors import InputError, NotFound
from agent.core.language import _
from agent.settings import Stages
from agent.workspace import Workspace


@dataclass(frozen=True)
class OpenStage:
    """A call whose stage is open. `proposed` is the id of the likely one with `why`; both
    are empty where nothing says."""

    call: CallPlace
    proposed: str = ""
    why: str = ""


@dataclass(frozen=True)
class Staged:
    """The calls of which somebody said the stage, and how many are still open."""

    calls: tuple[Call, ...]
    left: int

    @property
    def stages(self) -> dict[str, str]:
        """By call, for the audit log."""
        return {call.id: call.stage for call in self.calls}


def open_stages(space: Workspace) -> list[OpenStage]:
    """Calls with their words whose stage is not said, or not one of the workspace's, each with what is likely."""
    store, stages = space.store[Calls], space.stages
    # The words of calls for their stage that mean one of the workspace's.
    waiting = store.facts(store.placed([words for words in store.stages() if stages.stage_of(words)])).values()
    # Only their deals' other calls can say more: most workspaces have far more calls than that.
    places = store.facts(store.of_deals(place.deal for place in waiting if place.deal))
    of_deal: dict[str, list[CallPlace]] = defaultdict(list)
    for place in places.values():
        of_deal[place.deal].append(place)
    for calls in of_deal.values():
        calls.sort(key=lambda one: (one.date, one.id))
    return [OpenStage(place, *_likely(place, of_deal[place.deal], stages)) for place in waiting]


def _likely(call: CallPlace, deal: list[CallPlace], stages: Stages) -> tuple[str, str]:
    for words, what in ((call.stage, "its table says"), (call.id, "it is called")):
        named = [s for s in stages.stages if _names(words, s.id) or _names(words, s.name)]
        if len(named) == 1:
            return named[0].id, f"{what} \u201c{words}\u201d"
    if call in deal:
        at = deal.index(call)
        before, after = (
            next((stage for one in side if (stage := stages.stage_of(one.stage))), "")
            for side in (reversed(deal[:at]), deal[at + 1 :])
        )
        if before and before == after:
            return before, "the calls before and after it in its deal are of this stage"
    return "", ""


def _names(words: str, stage: str) -> bool:
    """Whether the stage's name stands in `words` as a word of its own."""
    return re.search(rf"(?<![^\W_]){re.escape(stage.casefold())}(?![^\W_])", words.casefold()) is not None


@verb(
    "ops_lead",
    audit="stages_said",
    subject=lambda made: next(iter(made.stages), ""),
    facts=lambda made: {"stages": made.stages, "left": made.left},
)
def say_stages(who: Who, stages: Mapping[str, str]) -> Staged:
    """Say of which stage calls are: by a call's id, or by what its table says, for all calls of which it says the same.

    NotFound for a call or words that are not among the open ones; InputError for a stage that there is not.
    """
    space = who.space
    if not stages:
        raise InputError("say of at least one call of which stage it is")
    meant = {key: space.stages.stage_of(words) for key, words in stages.items()}
    if unknown := [words for key, words in stages.items() if not meant[key]]:
        there = ", ".join(stage.id for stage in space.stages.stages)
        raise InputError(_("there is no stage {unknown}; there are {there}", unknown=repr(unknown[0]), there=there))
    waiting = [one.call for one in open_stages(space)]
    known = {key for call in waiting for key in (call.id, call.stage) if key}
    if strangers := [key for key in stages if key not in known]:
        raise NotFound(
            _(
                "the stage of {strangers} is not open; open are {known}",
                strangers=repr(strangers[0]),
                known=", ".join(sorted(known)[:20]) or "none",
            )
        )
    said = {call.id: found for call in waiting if (found := meant.get(call.id) or meant.get(call.stage))}
    made = tuple(call.model_copy(update={"stage": said[call.id]}) for call in space.store[Calls].all(list(said)))
    for call in made:
        space.store[Calls].add(call)
    return Staged(made, len(waiting) - len(made))
