"""A scoring run: which calls are missing, rating them, storing each as it comes."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, overload

from agent.calls.model import Call
from agent.calls.store import Calls
from agent.core.errors import (
    Advice,
    InputError,
    ModelError,
    ModelRejected,
    ModelUnreachable,
    RecordingMissing,
    UsageError,
)
from agent.db.database import Guard
from agent.db.ledger import SqlLedger, WaitingEntries
from agent.db.store import Store
from agent.llm.asking import each
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.ratings.model import Rating
from agent.ratings.store import MadeWith, Ratings
from agent.rubrics.model import Rubric
from agent.scoring.reading import COUNTING, Prompts, Reading
from agent.workspace import Workspace


def _unwatched(call: Call) -> None:
    """Does nothing: the default for runs that nobody watches."""


Results = tuple[tuple[str, str], ...]
"""Of each rating of a call its status, and of a failed one the kind of failure."""


def results(ratings: Sequence[Rating]) -> Results:
    """The ratings of one call, reduced to what the outcome counts."""
    return tuple((j.status, j.kind if j.status == "failed" else "") for j in (r.judgement for r in ratings))


@dataclass
class Outcome:
    """The result of a run: ratings by status, and calls by error."""

    calls: int = 0
    rubric: str = ""
    statuses: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    unanswered: dict[str, str] = field(default_factory=dict)
    blind: int = 0  # calls of a calibration round that is still blind: what came out is not told

    def count(self, results: Results) -> None:
        """Add the results of one call."""
        self.calls += 1
        for status, kind in results:
            self.statuses[status] += 1
            if kind:
                self.kinds[kind] += 1

    def data(self) -> dict[str, Any]:
        """The numbers for `--json`."""
        return {
            "calls": self.calls,
            "ratings": dict(self.statuses),
            "failed": dict(self.kinds),
            "unanswered": self.unanswered,
            "blind": self.blind,
        }


_READ_AHEAD = 16


class StoredCalls(Sequence["Call"]):
    """Calls by id, each read from the store when its turn comes, so that a run over a million calls holds only those
    in flight in memory."""

    def __init__(self, store: Store, ids: Sequence[str]) -> None:
        self._store, self._ids = store, ids

    @property
    def ids(self) -> Sequence[str]:
        """The ids, without reading the calls."""
        return self._ids

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, at: int) -> Call: ...
    @overload
    def __getitem__(self, at: slice) -> "StoredCalls": ...
    def __getitem__(self, at: int | slice) -> "Call | StoredCalls":
        if isinstance(at, slice):
            return StoredCalls(self._store, self._ids[at])
        return self._store[Calls].get(self._ids[at])

    def __iter__(self) -> Iterator[Call]:
        for start in range(0, len(self._ids), _READ_AHEAD):
            yield from self._store[Calls].all(self._ids[start : start + _READ_AHEAD])


def _server(name: str) -> str:
    return name or 'its provider, or before servers were noted (server: "")'


def check_sides(store: Store, calls: Sequence[str]) -> None:
    """Raises InputError if one of `calls` has a speaker whose side is unknown, since the words could be anybody's."""
    if unsaid := store[Calls].with_open_sides(calls):
        raise InputError(
            f"{', '.join(unsaid[:5])}: it is open who is on whose side, so it cannot be scored",
            advice=Advice("calls sides", "/sides/calls", "say who is the rep, a customer or neither"),
        )


def calls_without_stage(space: Workspace, calls: Sequence[str] = ()) -> list[str]:
    """Ids of the calls with words (all, or those in `calls`) whose stage is not given or is not one of the
    workspace's."""
    store = space.store[Calls]
    known = [words for words in store.stages() if space.stages.stage_of(words)]
    if not calls:
        return store.placed(known)
    return [ident for ident, place in store.facts(calls).items() if place.stage not in known]


@dataclass
class Scoring:
    """A scoring of calls against one rubric with one prompt and draw. `fresh`: cached replies are not used."""

    space: Workspace
    rubric: Rubric
    prompt: Prompt
    draw: int
    fresh: bool = False

    def __post_init__(self) -> None:
        """Raises UsageError for a draft of a prompt with draw 0, since draw 0 counts and must be read with a
        released prompt."""
        if self.draw == 0 and self.prompt.meta.status == "draft":
            raise UsageError(
                f"{self.prompt.meta.name}@{self.prompt.meta.version} is a draft, and first readings count as scores",
                advice=Advice(
                    text="hold it against scored calls with `closeread eval run`, or read with it once more",
                    option="--draw 1",
                ),
            )

    @property
    def made_with(self) -> MadeWith:
        """What identifies this run's ratings: rubric, prompt, model and so on."""
        model, endpoint = self.space.answering_models("rater")[0]
        return MadeWith(self.rubric.id, self.prompt.id, model, self.draw, endpoint)

    @property
    def prompts(self) -> Prompts:
        """This run's prompt, and the one for counting if the rubric counts something."""
        counts = any(c.counts for c in self.rubric.criteria)
        return Prompts(self.prompt, self.space.prompt(COUNTING) if counts else None)

    def reading(self, call: Call) -> Reading:
        """The reading of `call`: it asks for the criteria of the call's stage."""
        asked = self.rubric.asked_in(self.space.stages.stage_of(call.stage))
        return Reading(call, self.rubric, asked, self.prompts, self.draw)

    @property
    def counting(self) -> tuple[MadeWith, ...]:
        """What identifies ratings that count as this run's, including those of models that took over."""
        prompts, answering = self.prompts, self.space.answering_models("rater")
        used = [prompts.rate.id, *([prompts.count.id] if prompts.count else [])]
        return tuple(
            replace(self.made_with, prompt=prompt, model=model, endpoint=endpoint)
            for prompt in used
            for model, endpoint in answering
        )

    @property
    def stages(self) -> dict[str, list[str]] | None:
        """For each criterion the stages, as calls spell them, on whose calls it is rated; None if all criteria are
        rated on all calls."""
        if not self.rubric.staged:
            return None
        meant = {words: self.space.stages.stage_of(words) for words in self.space.store[Calls].stages()}
        known = {words: stage for words, stage in meant.items() if stage}
        return {
            c.id: [words for words, stage in known.items() if not c.only_in or stage in c.only_in]
            for c in self.rubric.criteria
        }

    def without_stage(self, calls: Sequence[str] = ()) -> list[str]:
        """Ids of calls (all, or those in `calls`) that are left out until somebody gives their stage."""
        return calls_without_stage(self.space, calls) if self.rubric.staged else []

    def check_stages(self, calls: Sequence[str]) -> None:
        """Raises InputError if one of `calls` needs a stage and has none: nobody knows then which criteria to ask."""
        if unsaid := self.without_stage(calls) if calls else []:
            raise InputError(
                f"{', '.join(unsaid[:5])}: it is open of which stage they are, and {self.rubric.label} has criteria "
                "for calls of some stages only",
                advice=Advice("calls stages", "/stages/calls", "say of which stage they are"),
            )

    def lacks(self, call: str, rated: Collection[str]) -> bool:
        """Whether `call` was rated without a criterion of its stage, because the stage was only given afterwards."""
        if not self.rubric.staged or not rated:
            return False
        stage = self.space.store[Calls].facts([call])[call].stage
        return any(c.id not in rated for c in self.rubric.asked_in(self.space.stages.stage_of(stage)))

    def missing(self, calls: Sequence[str], retry_failed: bool) -> StoredCalls:
        """The calls among `calls` (all if empty) that have no such ratings yet, or failed ones to be tried again.

        NotFound where one of `calls` is not there.
        """
        store = self.space.store
        missing = store[Ratings].unrated_calls(*self.counting, with_failed=retry_failed, stages=self.stages)
        if calls:
            check_sides(store, calls)
            self.check_stages(calls)
            wanted = {call.id for call in StoredCalls(store, calls)}
            missing = [ident for ident in missing if ident in wanted]
        return StoredCalls(store, missing)

    def count_missing(self, retry_failed: bool) -> int:
        """How many of all calls are missing (see `missing`)."""
        return self.space.store[Ratings].count_unrated(*self.counting, with_failed=retry_failed, stages=self.stages)

    def elsewhere(self) -> str:
        """A sentence that warns if calls were already read by a model of this name on another server, since they are
        read again here."""
        others = self.space.store[Ratings].other_servers(self.made_with)
        if not others:
            return ""
        here = self.made_with.endpoint or "its provider"
        return (
            f"{self.made_with.model} is now asked at {here}; what it read at {', '.join(map(_server, others))} counts "
            "as that server's, not as done here (is it the same one? then give it that name: `server` in its binding)"
        )

    @asynccontextmanager
    async def opened(self, budget: float | None, job: str = "") -> "AsyncIterator[Scorer]":
        """Opens the connections and gives a scorer. `budget` is in US dollars; None takes that of the settings.

        The costs are booked on `job` and this rubric.
        """
        superseded: dict[tuple[str, str], str] = {}
        for made_with in self.counting:
            superseded |= self.space.store[Ratings].failed_ids(made_with)
        paid = self.space.store[SqlLedger].within(job, self.rubric.id).waiting()
        async with self.space.roles("rater", budget_usd=budget, ledger=paid, fresh=self.fresh) as roles:
            try:
                yield Scorer(self, roles["rater"], superseded, paid)
            finally:
                paid.flush()

    async def run(
        self,
        calls: Sequence[Call],
        concurrency: int,
        budget: float | None,
        on_done: Callable[[Call], None] = _unwatched,
    ) -> Outcome:
        """Rate `calls`; each is stored as soon as it is rated, and then told to `on_done`, answered or not.

        A call whose request came to nothing is rated as failed where asking again would not help, and left for the
        next run where it may (unreachable). `budget` in US dollars; None takes that of the settings.
        """
        outcome = Outcome(rubric=self.rubric.id)
        came: dict[str, Results] = {}
        async with self.opened(budget) as scorer:

            def done(call: Call, result: list[Rating] | ModelError) -> None:
                kept = scorer.keep(call, result)
                if isinstance(kept, ModelError):
                    outcome.unanswered[call.id] = kept.explained
                else:
                    came[call.id] = results(kept)
                on_done(call)

            await each(calls, scorer.rate, concurrency, done)
        self._count(came, outcome)
        return outcome

    def _count(self, came: dict[str, Results], outcome: Outcome) -> None:
        """Count the results once, at the end of the run, and leave out calls of rounds that were opened meanwhile
        and are still blind."""
        blind = self.space.store[Ratings].blind_calls(viewer="")
        for call, results in came.items():
            if call in blind:
                outcome.blind += 1
            else:
                outcome.count(results)


@dataclass
class Scorer:
    """Rates calls and stores the results, for a run at the terminal and for a background job's workers."""

    scoring: Scoring
    role: Role
    superseded: dict[tuple[str, str], str]
    paid: WaitingEntries

    async def rate(self, call: Call) -> list[Rating]:
        """The ratings of `call`, not stored yet. Raises `ModelError` subclasses and BudgetExceeded."""
        return await self.scoring.reading(call).ratings(self.role)

    @overload
    def keep(self, call: Call, result: list[Rating] | ModelError) -> list[Rating] | ModelError: ...
    @overload
    def keep(self, call: Call, result: list[Rating] | ModelError, guard: Guard) -> list[Rating] | ModelError | None: ...
    def keep(
        self, call: Call, result: list[Rating] | ModelError, guard: Guard | None = None
    ) -> list[Rating] | ModelError | None:
        """Store the ratings and return them. If nothing came out and asking again may help, return the error.

        With a `guard`, both happen in one transaction; None if the guard refuses.
        """
        if isinstance(result, ModelUnreachable | ModelRejected | RecordingMissing):
            return result
        if isinstance(result, ModelError):
            result = self.scoring.reading(call).failed(result, self.role)
        if self.superseded:
            result = [self._correcting(rating) for rating in result]
        ratings = self.scoring.space.store[Ratings]
        if self.scoring.rubric.staged:  # read again for what its stage adds: what was rated stays
            there = ratings.current_status(call.id, *self.scoring.counting)
            result = [one for one in result if one.supersedes or one.criterion not in there]
        if guard is not None:
            return result if ratings.add_if(guard, result, self.paid) else None
        ratings.add(result, self.paid)
        return result

    def _correcting(self, rating: Rating) -> Rating:
        before = self.superseded.get((rating.call, rating.criterion), "")
        return rating.model_copy(update={"supersedes": before}) if before else rating
