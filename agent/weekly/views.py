"""What one week brought, as page, API, command and message tell it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from pydantic import Field

from agent.app.queue.store import Jobs
from agent.app.verb import Who
from agent.app.view import View
from agent.app.web.wording import plain
from agent.coaching.tracking import figure_of, tracking_of
from agent.core.direction import Direction
from agent.core.errors import CloseReadError
from agent.core.figures import plural
from agent.core.language import _
from agent.db.overview import Overview
from agent.disputes.store import Disputes
from agent.profiles.season import Season, season
from agent.profiles.verbs import gaps_of
from agent.ratings.store_reviews import Reviews
from agent.rubrics.in_use import in_use_id
from agent.rubrics.views import RubricName
from agent.weekly.reminders import waiting_on

_DAYS = 7
_NAMED = 2  # reps in the sentence on whom to coach; the others stand under Gaps


class WeekMoved(View):
    """A rep who was called moved on a criterion for the first time in the newest cycle with calls."""

    rep: str
    criterion: str
    name: str
    cycle: str


class WeekCoach(View):
    """Whom to coach on what: the team (`rep` empty) or one rep. `calls` is how many it rests on."""

    rep: str
    criterion: str
    name: str
    calls: int


class WeekView(View):
    """The seven days up to and with `last`. `coach_over` says which calls the advice on coaching rests on."""

    first: date
    last: date
    rubric: RubricName | None = Field(
        description="By which what moved and whom to coach is told; null without ratings."
    )
    calls: int = Field(description="Calls that took place in the week.")
    unscored: int = Field(description="Calls of any week without a rating against that rubric.")
    to_review: int = Field(description="Places where readings differ or evidence failed.")
    disputes: int = Field(description="Disputes that nobody has answered.")
    waiting: list[str] = Field(description="For whom a round's ratings or a dispute wait, and how long.")
    failed_jobs: list[str] = Field(description="Jobs that failed or were paused in the week, with the reason.")
    moved: list[WeekMoved]
    coach: list[WeekCoach]
    coach_over: str

    @property
    def sentences(self) -> list[str]:
        """The week in plain sentences, what matters most first."""
        return list(_sentences(self))


def week_of(who: Who, last: date | None = None, rubric: str = "") -> WeekView:
    """The week that ends with the day `last` (today), as `who` may see it, by a rubric (id or label; empty: the one in
    use). NotFound for one that is named and not there."""
    last = max(last or datetime.now(UTC).date(), date(2000, 1, 1))  # before that there are no calls, and soon no days
    first = last - timedelta(days=_DAYS - 1)
    store = who.space.store
    days = store[Overview].call_days()
    moment = first.isoformat()
    stopped = [
        job for job in store[Jobs].list(("failed", "paused")) if (job.ended or job.at).date().isoformat() >= moment
    ]
    against = in_use_id(store, rubric)
    reviews, season = store[Reviews].counts(viewer=who.name, rubric=against), _season(who, against)
    moved, coach, over = ([], [], "") if season is None else (_moved(season, first, last), *_coach(season))
    return WeekView(
        first=first,
        last=last,
        rubric=None if season is None else RubricName.of(season.rubric),
        calls=sum(count for day, count in days.items() if first.isoformat() <= day <= last.isoformat()),
        unscored=0 if season is None else store[Overview].unrated(season.rubric.id),
        to_review=reviews.differ + reviews.failed,
        disputes=sum(count.open for count in store[Disputes].counts(viewer=who.name)),
        waiting=[f"{person}: {sentence}" for person, sentence in waiting_on(who)],
        failed_jobs=[f"{job.id}: {job.reason}" for job in stopped],
        moved=moved,
        coach=coach,
        coach_over=over,
    )


def _season(who: Who, rubric: str) -> Season | None:
    try:
        rated_season = season(who.space, rubric=rubric)
    except CloseReadError:  # no rubric, or none in use: the rest of the week can be told all the same
        return None
    return rated_season if rated_season.reps else None


def _moved(season: Season, first: date, last: date) -> list[WeekMoved]:
    """Who was called moved in a cycle that ran in these days: an older one is no news."""
    running = {(one.rep, one.cycle) for one in season.periods if one.start <= last and one.end >= first}
    if not running:
        return []
    try:
        rows = figure_of(tracking_of(season)).rows
    except CloseReadError:  # cycles without calls: nothing has moved yet
        return []
    names = {one.id: Direction.of(one).named(one.name) for one in season.rubric.criteria}
    return [
        WeekMoved(rep=move.rep, criterion=move.criterion, name=names[move.criterion], cycle=move.cycle)
        for move in (row.movement for row in rows if row.last)
        if move.verdict == "moved" and move.moved_in == move.cycle and (move.rep, move.cycle) in running
    ]


def _coach(season: Season) -> tuple[list[WeekCoach], str]:
    names = {one.id: Direction.of(one).named(one.name) for one in season.rubric.criteria}
    gaps = gaps_of(season)
    team = [
        WeekCoach(rep="", criterion=g.criterion, name=names[g.criterion], calls=g.calls)
        for g in gaps.team
        if g.criterion in gaps.focus
    ]
    own = [
        WeekCoach(rep=g.rep, criterion=g.criterion, name=names[g.criterion], calls=g.calls) for g in gaps.own if g.first
    ]
    return [*team, *own], gaps.population


def _sentences(week: WeekView) -> Iterator[str]:
    if week.moved:
        told = ", ".join(f"{one.rep} on {one.name} ({plain(one.cycle)})" for one in week.moved)
        yield _("Moved: {told}.", told=told)
    else:
        yield _("Nobody was called moved anew. That is no bad news: most weeks are too short to tell.")
    team = [one.name for one in week.coach if not one.rep]
    own = [one for one in week.coach if one.rep]
    if team:
        yield _("Coach the team on {team} (over: {coach_over}).", team=" and ".join(team), coach_over=week.coach_over)
    if own:
        who = ", ".join(f"{one.rep} on {one.name} ({plural(one.calls, 'call')})" for one in own[:_NAMED])
        if len(own) > _NAMED:
            who = _("{who}, and {more} more under Gaps", who=who, more=len(own) - _NAMED)
        yield _("Coach first {who}; over: {coach_over}.", who=who, coach_over=week.coach_over)
    if week.rubric:
        yield _("What moved and whom to coach is told by rubric {label}.", label=week.rubric.label)
    yield _("{calls} took place this week", calls=plural(week.calls, "call")) + (
        _("; not scored yet: {unscored}.", unscored=week.unscored) if week.unscored else "."
    )
    if week.to_review:
        yield _(
            "{to_review} to look at: two readings differ, or the evidence failed.",
            to_review=plural(week.to_review, "rating"),
        )
    if week.disputes:
        yield _("{disputes} without an answer.", disputes=plural(week.disputes, "dispute"))
    yield from (f"{one}." for one in week.waiting)
    for job in week.failed_jobs:
        yield _("Stopped: {job}.", job=job)
