"""Documents for people who do not use the program."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from agent import __version__
from agent.app.documents.blocks import Document
from agent.app.steps import TEAM
from agent.app.telling import Note, unsaid
from agent.app.verb import Who, verb
from agent.app.web.wording import shipped
from agent.calibration.rounds import report_of
from agent.calls.store import Calls
from agent.core.language import N_, _
from agent.core.people import ROLES
from agent.db.store import Store
from agent.documents.after_scores import report_parts
from agent.documents.calibration_record import calibration_record, record_of, reworded
from agent.documents.executive_summary import executive_summary
from agent.documents.interview_guide import interview_guide
from agent.documents.rated import RatedCalls
from agent.documents.report_page import report_html
from agent.documents.scorecard import scorecard
from agent.documents.scores import Scores, scores
from agent.documents.scoring_guide import scoring_guide
from agent.documents.team_report import team_report
from agent.guides.model import Guide
from agent.interviews.sides import counted
from agent.interviews.store import Interviews
from agent.patterns.updating import age
from agent.patterns.verbs import current
from agent.patterns.views import moments_line, patterns_worth
from agent.profiles.heat_map import rep_profile, team_heat_map
from agent.profiles.population import Population
from agent.profiles.season import Season, season
from agent.ratings.model import NearestMiss, Rated
from agent.ratings.store import Ratings
from agent.ratings.store_pages import RatingFilters, RatingRow
from agent.rubrics.in_use import rubric_in_use
from agent.rubrics.marked import marked
from agent.rubrics.model import Rubric
from agent.rubrics.store import Rubrics, RubricStates

REPORT_TITLE = N_("Win-loss patterns and scored calls")
# Near misses of a criterion that the scoring guide shows beside its examples; where they are looked for: in so many
# pages of so many ratings, the newest first. Two of each are found early, and reading all of a year takes minutes.
_NEAR_MISSES, _PAGES, _ON_A_PAGE = 2, 10, 400


def title_of(made: Document) -> str:
    """What the audit log calls a document."""
    return made.logged


def _today() -> date:
    return datetime.now(UTC).date()


def _notes(store: Store, rubric: Rubric) -> tuple[str, ...]:
    return (store[RubricStates].of(rubric.id).sentence,)


@verb(*TEAM, audit="document_exported", subject=title_of, spoken=True)
def export_scoring_guide(who: Who, rubric: str = "", note: Note = unsaid) -> Document:
    """The scoring guide: each criterion with levels, present and absent examples, and when it does not apply."""
    store = who.space.store
    version = rubric_in_use(store, rubric)
    near = _near_misses(store, note, version, who.name)
    made = scoring_guide(version, _notes(store, version), made_on=_today(), near_misses=near)
    return marked(made, version, store[RubricStates].marks(version.id))


@verb(*TEAM, audit="document_exported", subject=title_of, spoken=True)
def export_calibration(who: Who, reference: str = "") -> Document:
    """The record of a calibration round: verdicts, differences, decisions, what was reworded since. GateClosed while
    the round is blind."""
    report = report_of(who.space, reference)
    later = [s.rubric for s in who.space.store[Rubrics].all()]
    changes = reworded(report.rubric, later[-1]) if later else []
    made_from = _("Round {id} · Rubric {rubric}", id=report.round.id, rubric=report.rubric.id)
    return calibration_record(record_of(report, changes), f"{made_from} · Closeread {__version__}", made_on=_today())


@verb(*ROLES, audit="document_exported", subject=title_of, spoken=True)
def export_scorecard(who: Who, rep: str, rubric: str = "", period: str = "", note: Note = unsaid) -> Document:
    """One rep on every criterion, with quotes, call by call."""
    rated_season, population = season(who.space, note, rubric), Population.named(period)
    figures = rep_profile(rated_season, rep, population, moved=False) if rep in rated_season.reps else None
    notes, rated = (
        _notes(who.space.store, rated_season.rubric),
        rated_calls(rated_season, population, rep if figures else ""),
    )
    made = scorecard(rep, rated, figures, who.space.rules.profiles, notes=notes, made_on=_today())
    return marked(made, rated_season.rubric, who.space.store[RubricStates].marks(rated_season.rubric.id))


@verb(*ROLES, audit="scores_exported", subject=lambda made: "", facts=lambda made: {"scores": len(made.rows)})
def export_scores(who: Who, rubric: str = "", since: str = "", call: str = "") -> Scores:
    """What counts on each call, a row a criterion, for other systems. A rep gets the own calls."""
    return scores(who.space, rubric, since, call)


@verb(*TEAM, audit="document_exported", subject=title_of, spoken=True)
def export_team_report(who: Who, rubric: str = "", period: str = "", note: Note = unsaid) -> Document:
    """The team report: every rep on every criterion, gaps that several share, gaps of one."""
    rated_season, population = season(who.space, note, rubric), Population.named(period)
    figures = team_heat_map(rated_season, population)
    made = team_report(
        rated_calls(rated_season, population),
        figures,
        notes=_notes(who.space.store, rated_season.rubric),
        made_on=_today(),
    )
    return marked(made, rated_season.rubric, figures.marks)


@verb(*TEAM, audit="document_exported", subject=title_of, spoken=True)
def export_summary(who: Who, rubric: str = "", period: str = "", note: Note = unsaid) -> Document:
    """The executive summary: what separates won deals from lost ones, and where the team stands on it. NotFound
    without extracted patterns."""
    store = who.space.store
    extraction = current(who.space).extraction
    interviews = counted(who.space, store[Interviews].all(extraction.patterns.interviews))
    said = (patterns_worth(extraction.patterns), moments_line(extraction.patterns), age(who.space).in_words)
    rated_season = season(who.space, note, rubric) if rubric or store[Rubrics].all() else None
    population = Population.named(period)
    rated = rated_calls(rated_season, population) if rated_season else None
    figures = team_heat_map(rated_season, population) if rated_season else None
    return executive_summary(extraction, interviews, rated, figures, tuple(filter(None, said)), made_on=_today())


@verb(*TEAM, audit="document_exported", subject=title_of, spoken=True)
def export_guide(who: Who, guides: Sequence[Guide]) -> Document:
    """The interview guide on paper: questions with probes, and room for notes."""
    stages = {stage.id: (shipped(stage.name), stage.won) for stage in who.space.stages.stages}
    return interview_guide(list(guides), stages, made_on=_today())


@verb(*TEAM, audit="document_exported", subject=lambda made: "Report on one page", spoken=True)
def export_report(who: Who, title: str = REPORT_TITLE, rubric: str = "", note: Note = unsaid) -> str:
    """Everything that was concluded, as one self-contained HTML page."""
    origin = _("asked of the models named above")
    return report_html(who.space, note, _(title), origin, rubric, after=report_parts(who.space, note))


def rated_calls(season: Season, population: Population, rep: str = "") -> RatedCalls:
    """The ratings that count on the calls of a population, of one rep if named, also those of calls that came without a
    transcript."""
    store, rubric = season.space.store, season.rubric
    ratings = [one.rating for one in store[Ratings].that_count(rubric.id, rep=rep)]
    facts = store[Calls].facts([one.call for one in ratings])
    calls = {ident: one for ident, one in facts.items() if season.holds(population, one.rep, ident, one.date)}
    return RatedCalls(rubric, calls, tuple(one for one in ratings if one.call in calls))


def _near_misses(store: Store, note: Note, rubric: Rubric, viewer: str) -> dict[str, list[tuple[str, NearestMiss]]]:
    """A few turns for each criterion that came close and did not count, of different reps where there are."""
    near_misses: dict[str, dict[str, tuple[str, NearestMiss]]] = {criterion.id: {} for criterion in rubric.criteria}
    after = None
    for number in range(_PAGES):
        page = store[Ratings].page(RatingFilters(rubric=rubric.id), after, _ON_A_PAGE, viewer=viewer)
        for withheld in page.withheld if number == 0 else ():
            note(str(withheld))
        if not page.rows or all(len(of) >= _NEAR_MISSES for of in near_misses.values()):
            break
        _collect(store, rubric, page.rows, near_misses)
        after = page.rows[-1].position
    return {criterion: list(of.values())[:_NEAR_MISSES] for criterion, of in near_misses.items() if of}


def _collect(
    store: Store, rubric: Rubric, rows: Sequence[RatingRow], near_misses: dict[str, dict[str, tuple[str, NearestMiss]]]
) -> None:
    """Add near misses of the ratings that count on the calls of `rows`, in their order, by criterion and rep."""
    rep_of = {row.call: row.rep for row in rows}
    place = {call: at for at, call in enumerate(rep_of)}
    counted = [one.rating for one in store[Ratings].that_count(rubric.id, list(rep_of))]
    for rating in sorted(counted, key=lambda r: place[r.call]):
        near = rating.judgement.nearest if isinstance(rating.judgement, Rated) else None
        if near is not None:
            near_misses[rating.criterion].setdefault(rep_of[rating.call], (rating.call, near))
