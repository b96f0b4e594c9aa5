"""Closeread for Python programs and notebooks: `from agent import Workspace`. The methods are the verbs that commands,
pages and the API call, with the same roles, audit entries and blindness; they return the same views.

>>> from agent import Workspace
>>> space = Workspace.with_sample("doctest-workspace")
>>> len(space.calls()), len(space.interviews())
(904, 18)
>>> space.rubric().label
'ledgerline-team'
"""

import asyncio
import logging
import warnings
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path
from typing import Any, Self, TypeVar, overload

from agent.app.config_files import check_files
from agent.app.steps import NextView, next_steps
from agent.app.verb import Who
from agent.app.view import View
from agent.calls.store import Calls
from agent.calls.views import CallView
from agent.coaching.tracking import figure_of, tracking_of
from agent.coaching.views import MovementOut
from agent.core.errors import ConfigError, NoWorkspace
from agent.core.lazy import lazy
from agent.core.people import Scope
from agent.interviews.store import Interviews
from agent.interviews.views import InterviewView
from agent.outcomes.funnels import funnels_of
from agent.outcomes.links import link_report
from agent.outcomes.views import FunnelsView, LinksView
from agent.patterns.updating import age
from agent.patterns.verbs import current, extract_patterns, keep_extraction
from agent.patterns.views import PatternSetView
from agent.profiles.heat_map import team_heat_map
from agent.profiles.population import Population
from agent.profiles.season import rated_season, the_rep
from agent.profiles.verbs import gaps_of, with_baselines
from agent.profiles.views import GapsView, ProfilesView
from agent.ratings.store import Ratings
from agent.ratings.views import RatingView
from agent.rubrics.drafting import draft_criteria
from agent.rubrics.in_use import in_use, in_use_id
from agent.rubrics.store import Rubrics
from agent.rubrics.verbs import import_rubric
from agent.rubrics.views import RubricView
from agent.scoring.running import Outcome, Scoring
from agent.scoring.verbs import score_now
from agent.settings import Settings
from agent.start.verbs import use_sample
from agent.uploads.model import UploadKind
from agent.uploads.reading import Brought, check
from agent.uploads.verbs import StoredUpload, bring_in
from agent.uploads.views import ImportView
from agent.workspace import Workspace as Space

pandas = lazy("pandas")

V = TypeVar("V", bound=View)
R = TypeVar("R")
Files = str | Path


class Table(Sequence[V]):
    """Views in a row; a notebook shows them as a table, pandas takes them where it is installed."""

    def __init__(self, rows: Iterable[V]) -> None:
        self._rows = list(rows)

    @overload
    def __getitem__(self, index: int) -> V: ...
    @overload
    def __getitem__(self, index: slice) -> "Table[V]": ...
    def __getitem__(self, index: int | slice) -> "V | Table[V]":
        return Table(self._rows[index]) if isinstance(index, slice) else self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"<Table of {len(self)} {type(self._rows[0]).__name__}>" if self._rows else "<Table of nothing>"

    def _repr_html_(self) -> str:
        data = [row.data() for row in self._rows]
        columns = [
            name for name in (data[0] if data else ()) if not any(isinstance(d[name], (list, dict)) for d in data)
        ]
        head = "".join(f"<th>{escape(name)}</th>" for name in columns)
        lines = ["".join(f"<td>{escape(_shown(row[name]))}</td>" for name in columns) for row in data]
        body = "".join(f"<tr>{line}</tr>" for line in lines)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def to_pandas(self) -> Any:
        """A DataFrame with a column for each field. ConfigError where pandas is not installed."""
        try:
            return pandas.DataFrame([row.data() for row in self._rows])
        except ModuleNotFoundError as error:
            raise ConfigError("pandas is not installed, which makes the frame; run: pip install pandas") from error


class Workspace:
    """A workspace and what can be done with it. What is chosen or left out on the way goes to the log `closeread`.

    `model` takes the place of every role's own; `create` makes a workspace where there is none.
    """

    def __init__(self, folder: Files = "closeread-workspace", *, model: str = "", create: bool = False) -> None:
        settings = Settings.read(Path(folder))
        check_files(settings)
        if not create and not settings.is_there:
            raise NoWorkspace(str(folder))
        self._space = Space(settings, model)
        self._who = Who(self._space, Scope(local=True), as_name="a Python program")

    @classmethod
    def with_sample(cls, folder: Files) -> Self:
        """The shipped sample in a workspace: interviews, calls, a calibrated rubric, a season of ratings and deals.
        Conflict where the folder holds interviews or calls of your own."""
        made = cls(folder, create=True)
        use_sample(made._who, again=True)
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self._space.store.close()

    def interviews(self) -> Table[InterviewView]:
        """All interviews.

        >>> sorted({interview.outcome for interview in space.interviews()})
        ['lost', 'won']
        """
        return Table(map(InterviewView.of, self._space.store[Interviews].all()))

    def calls(self) -> Table[CallView]:
        """All calls, newest first.

        >>> space.calls()[0].rep
        'Alicia Gomez'
        """
        return Table(map(CallView.of, self._space.store[Calls].page(limit=10**9)))

    def import_interviews(
        self, directory: Files, manifest: Files, columns: Mapping[str, str] | None = None
    ) -> ImportView:
        """Import the interviews that a manifest (CSV, Excel) lists; `columns` are its names and ours. What is wrong
        stands in `lines` of the answer, and the rest is imported."""
        return self._import("interview", directory, manifest, columns)

    def import_calls(self, directory: Files, manifest: Files, columns: Mapping[str, str] | None = None) -> ImportView:
        """The same for calls."""
        return self._import("call", directory, manifest, columns)

    def _import(
        self, kind: UploadKind, directory: Files, manifest: Files, columns: Mapping[str, str] | None
    ) -> ImportView:
        table, shelf = Path(manifest), Path(directory)
        brought = Brought(kind=kind, name=table.name, table=table, shelf=shelf, columns=dict(columns or {}))
        checked = check(self._space, brought)
        if checked.storable or checked.counts["unchanged"]:
            return ImportView.of(bring_in(self._who, checked))
        return ImportView.of(StoredUpload(problems=checked.problems))

    def import_rubric(self, path: Files, label: str = "") -> RubricView:
        """Import criteria from a YAML or JSON file as a new version."""
        stored = import_rubric(self._who, str(path), Path(path).read_bytes(), label)
        return RubricView.of(self._space, stored)

    def rubric(self, reference: str = "") -> RubricView:
        """A rubric by label or id; the one in use by default.

        >>> [criterion.id for criterion in space.rubric().criteria][:2]
        ['consequence_question', 'success_measure_playback']
        """
        using = in_use(self._space.store, reference)
        if using.newer:
            _note(f"{using}{using.newer_words}")
        return RubricView.of(self._space, using.rubric)

    def extract_patterns(self, budget_usd: float | None = None) -> PatternSetView:
        """Have two analysts (models) read all interviews and count what separates won from lost. Asks models."""

        def phase(_name: str, _steps: int) -> Callable[[], None]:
            return lambda: None

        space = self._space
        made = _run(lambda: extract_patterns(space, "model", space.concurrency, budget_usd, phase))
        keep_extraction(self._who, made)
        return self.patterns()

    def patterns(self) -> PatternSetView:
        """The patterns, as they stand after people's edits."""
        return PatternSetView.of(current(self._space), age(self._space))

    def draft_criteria(self, label: str = "", budget_usd: float | None = None) -> RubricView:
        """Draft a criterion for each pattern that separates won from lost. Asks models."""

        def phase(_name: str, _steps: int) -> Callable[[], None]:
            return lambda: None

        space = self._space
        return RubricView.of(space, _run(lambda: draft_criteria(space, label, space.concurrency, budget_usd, phase)))

    def score(self, calls: Sequence[str] = (), rubric: str = "", budget_usd: float | None = None) -> Outcome:
        """Score the calls that have no ratings against the rubric in use, or another. Asks models."""
        space, using = self._space, in_use(self._space.store, rubric)
        scoring = Scoring(space, using.rubric, space.prompt("rate_call"), 0)
        missing = scoring.missing(list(calls), False)
        return _run(lambda: score_now(self._who, scoring, missing, space.concurrency, budget_usd, lambda _: None))

    def ratings(self, call: str = "", rubric: str = "") -> Table[RatingView]:
        """Ratings that no later one supersedes, of one call or of all, with their quotes.

        >>> space.ratings("hist-0001")[0].criterion
        'consequence_question'
        """
        store = self._space.store
        ident = store[Rubrics].get(rubric).id if rubric else ""
        look = store[Ratings].look([call] if call else [], rubric=ident, criterion="", viewer="")
        for withheld in look.withheld:
            warnings.warn(str(withheld), stacklevel=2)
        return Table(map(RatingView.of, look.ratings))

    def profiles(self, rep: str = "", period: str = "", rubric: str = "") -> ProfilesView:
        """Each rep's rate or mean on each criterion with its interval and state, how they
        do now or over another period.

        >>> [row.rep for row in space.profiles(rep="Priya Raman").items]
        ['Priya Raman']
        """
        heat_map = team_heat_map(self._season(rubric), Population.named(period))
        return ProfilesView.of(heat_map, the_rep(heat_map.reps, rep) if rep else "")

    def gaps(self, rep: str = "", period: str = "", rubric: str = "") -> GapsView:
        """Criteria clearly below target: the team's, then each rep's own.

        >>> [gap.criterion for gap in space.gaps().team][:1]
        ['stakeholder_expansion']
        """
        season = self._season(rubric)
        return gaps_of(season, Population.named(period), the_rep(season.reps, rep) if rep else "", calls=True)

    def movement(self, rep: str = "", rubric: str = "") -> MovementOut:
        """Whether coaching moved a rep on the criteria they were coached on: moved, not moved, or cannot tell."""
        tracked = tracking_of(self._season(rubric))
        only = the_rep(list(tracked.table.reps), rep) if rep else ""
        return MovementOut.now(tracked.season.rubric, figure_of(tracked, only_coached=True), tracked.notes, only)

    def outcomes(self, rubric: str = "") -> LinksView:
        """Whether movement on a criterion goes with the win rate: an association over reps, never more."""
        return LinksView.of(link_report(self._season(rubric)))

    def funnel(self, rep: str = "", rubric: str = "") -> FunnelsView:
        """Conversion from stage to stage, of the team and of each rep."""
        funnels = funnels_of(self._space, in_use_id(self._space.store, rubric), _note)
        return FunnelsView.of(funnels, the_rep([own.funnel.who for own in funnels.reps], rep) if rep else "")

    def next(self) -> NextView:
        """What to do next."""
        return NextView.of(next_steps(self._who))

    def _season(self, rubric: str) -> Any:
        return with_baselines(self._who, rated_season(self._space, _note, rubric), _note)


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _note(text: str) -> None:
    logging.getLogger("closeread").info(text)


def _run(work: Callable[[], Coroutine[Any, Any, R]]) -> R:
    """Run `work` to its end, also inside a notebook, whose own event loop is running."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(lambda: asyncio.run(work())).result()
