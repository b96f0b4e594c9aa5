"""Finds what has changed since patterns were extracted, and updates them: models read only what is new."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.app.telling import Phase, unseen
from agent.core.age import since_in_words
from agent.core.errors import InputError
from agent.core.language import N_, NN_
from agent.interviews.model import Interview
from agent.interviews.sides import counted
from agent.interviews.store import Interviews
from agent.llm.model import Request
from agent.patterns.coding import Moments, applying_requests, noting_requests
from agent.patterns.concluding import conclude
from agent.patterns.extraction import ANALYSTS, Readers, read_more, refuse_one_sided
from agent.patterns.model import Extraction, ReadInterview
from agent.patterns.store import Extractions
from agent.workspace import Workspace

PROMPTS = ("code_interview", "apply_codebook", "adjudicate_coding")


@dataclass(frozen=True)
class Age:
    """What has changed since the newest extraction, as ids of interviews. `new` did not exist, `reworded` have other
    words, `resided` have another buyer. `gone` lost their words or count for neither outcome, `corrected` have
    another outcome."""

    new: tuple[str, ...] = ()
    reworded: tuple[str, ...] = ()
    resided: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()

    @property
    def to_read(self) -> tuple[str, ...]:
        """What models have to read for an update."""
        return (*self.new, *self.reworded, *self.resided)

    @property
    def in_words(self) -> str:
        """The changes in one sentence; empty if nothing has changed."""
        parts = (
            (self.corrected, NN_("{n} outcome corrected", "{n} outcomes corrected")),
            (self.new, NN_("{n} interview new", "{n} interviews new")),
            (self.reworded, NN_("{n} interview with other words", "{n} interviews with other words")),
            (self.resided, NN_("{n} interview with another buyer", "{n} interviews with another buyer")),
            (self.gone, NN_("{n} interview that counts no more", "{n} interviews that count no more")),
        )
        return since_in_words(N_("Since this extraction: {said}."), parts)


def age(space: Workspace, interviews: Sequence[Interview] | None = None) -> Age:
    """What has changed since the newest extraction. `interviews` are all interviews, if the caller has read them
    already. NotFound without an extraction."""
    there = space.store[Interviews].all() if interviews is None else interviews
    return _age(space, space.store[Extractions].newest(), counted(space, there))


def _age(space: Workspace, extraction: Extraction, interviews: Sequence[Interview]) -> Age:
    read, then = set(extraction.patterns.interviews), extraction.read
    placed = [i for i in interviews if not i.open_sides and not i.transcript.removed]
    known = [(i, then[i.id]) for i in placed if i.id in read and i.id in then]
    words = [i.id for i, was in known if was.words != i.transcript.id and _other_words(space, i.id)]
    # What was extracted before this was kept has no replaced words that are older than it.
    words += [i.id for i in placed if i.id in read and i.id not in then and _other_words(space, i.id)]
    now = {i.id for i in placed}
    return Age(
        new=tuple(i.id for i in placed if i.id not in read),
        reworded=tuple(words),
        resided=tuple(i.id for i, was in known if i.id not in words and was.buyers != ReadInterview.of(i).buyers),
        gone=tuple(sorted(read - now)),
        corrected=tuple(i.id for i, was in known if was.outcome != i.outcome),
    )


def _other_words(space: Workspace, ident: str) -> bool:
    return any(not version.same_words for version in space.store[Interviews].versions(ident))


async def update_patterns(
    space: Workspace,
    adjudicated_by: str = "model",
    concurrency: int = 1,
    budget: float | None = None,
    phase: Phase = unseen,
    job: str = "",
) -> Extraction:
    """The newest extraction, updated; nothing is stored. The codebook is kept: both analysts read what is new and
    apply it, and everything is counted anew. InputError if nothing has changed."""
    extraction, kept, to_read = _to_update(space)
    if not to_read:
        return _counted(extraction, kept)
    prompts = {name: space.prompt(name) for name in PROMPTS}
    async with space.roles("analyst_a", "analyst_b", "drafter", budget_usd=budget, job=job) as roles:
        readers = Readers(roles["analyst_a"], roles["analyst_b"], roles["drafter"])
        more = await read_more(
            to_read, extraction.codebook, readers, prompts, Moments.of(space.stages), concurrency, phase, adjudicated_by
        )
    anew = {i.id for i in to_read}
    merged = Extraction(
        observations=(*(o for o in extraction.observations if o.interview not in anew), *more.observations),
        codebook=extraction.codebook,
        codings=(*(c for c in extraction.codings if c.interview not in anew), *more.codings),
        patterns=extraction.patterns,
        unlocated=(*extraction.unlocated, *more.unlocated),
        read=extraction.read | {i.id: ReadInterview.of(i) for i in to_read},
    )
    return _counted(merged, kept)


def count_anew(space: Workspace) -> Extraction:
    """The newest extraction, updated if there is nothing to read. InputError as above."""
    extraction, kept, _ = _to_update(space)
    return _counted(extraction, kept)


def _to_update(space: Workspace) -> tuple[Extraction, list[Interview], list[Interview]]:
    """The newest extraction, the interviews that count from now on, and those of them that have to be read."""
    extraction, interviews = space.store[Extractions].newest(), counted(space, space.store[Interviews].all())
    since = _age(space, extraction, interviews)
    if not since.in_words:
        raise InputError("nothing has changed since the newest extraction")
    gone = set(since.gone)
    kept = [i for i in interviews if (i.id in extraction.patterns.interviews and i.id not in gone) or i.id in since.new]
    refuse_one_sided(kept)
    return extraction, kept, [i for i in kept if i.id in since.to_read]


def update_requests(space: Workspace) -> list[Request[Any]]:
    """The exact requests of an update, without those that decide where the analysts differ."""
    since, codebook = age(space), space.store[Extractions].newest().codebook
    notes, apply, moments = space.prompt("code_interview"), space.prompt("apply_codebook"), Moments.of(space.stages)
    documents = space.store[Interviews].all(since.to_read) if since.to_read else []
    made: list[Request[Any]] = []
    for analyst in ANALYSTS:
        role = space.planned_role(analyst)
        for interview in documents:
            made += noting_requests(interview, analyst, role, notes, moments)
            made += applying_requests(interview, codebook.entries, analyst, role, apply)
    return made


def recounted(extraction: Extraction, interviews: Sequence[Interview]) -> Extraction:
    """The extraction counted with the present outcomes of its interviews; unchanged if no outcome was corrected."""
    outcomes = {i.id: i.outcome for i in interviews}
    then = extraction.read
    if all(outcomes.get(ident) == was.outcome for ident, was in then.items()):
        return extraction
    return _counted(extraction, interviews)


def _counted(extraction: Extraction, interviews: Sequence[Interview]) -> Extraction:
    """The extraction reduced to these interviews and counted anew."""
    left = {i.id: i for i in interviews}
    observations = tuple(o for o in extraction.observations if o.interview in left)
    codings = tuple(c for c in extraction.codings if c.interview in left)
    patterns = conclude(extraction.codebook, codings, interviews, observations, len(extraction.unlocated))
    read = {}
    for interview in left.values():
        was = extraction.read.get(interview.id) or ReadInterview.of(interview)
        read[interview.id] = was.model_copy(update={"outcome": interview.outcome})
    return extraction.model_copy(
        update={"observations": observations, "codings": codings, "patterns": patterns, "read": read}
    )


def without_interviews(space: Workspace, gone: Sequence[str]) -> None:
    """Count the newest patterns without these interviews, and store the result as the newest extraction."""
    if not space.store[Extractions].exist():
        return
    extraction = space.store[Extractions].newest()
    left = [i for i in extraction.patterns.interviews if i not in gone]
    if len(left) < len(extraction.patterns.interviews):
        interviews = counted(space, space.store[Interviews].all(left)) if left else []
        space.store[Extractions].add(_counted(extraction, interviews))
