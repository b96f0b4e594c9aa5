"""The coaching brief: what a manager takes into a conversation with a rep."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from textwrap import shorten

from agent import __version__
from agent.app.documents.blocks import (
    Block,
    Bullets,
    Data,
    Document,
    Facts,
    Heading,
    Paragraph,
    Quoted,
    Room,
    Tone,
)
from agent.app.documents.words import place
from agent.app.web.wording import capital, plain, shipped
from agent.coaching.model import CoachingPlan, PlannedCriterion
from agent.coaching.plan_building import avoided
from agent.core.language import N_, NS_, _, retold
from agent.core.transcript import Turn
from agent.core.wording import day, days
from agent.profiles.model import CoachingPeriod, CoachMoment
from agent.profiles.store import CoachingPeriods
from agent.rubrics.marked import marked
from agent.rubrics.model import mark_sentences
from agent.rubrics.store import Rubrics, RubricStates
from agent.workspace import Workspace

# Characters of a turn beside a moment: enough to see what was answered. The whole call is one command away.
_TURN = 240
_TURN_OF_TWO = 100  # a line; with two criteria only the nearest turn on each side, or a page would not hold them
_LABELS = {
    ("done", False): N_("did it"),
    ("missed", False): N_("missed it"),
    ("done", True): N_("avoided it"),
    ("missed", True): N_("did it (to avoid)"),
}
NO_COACH = N_("none is set")


@dataclass(frozen=True)
class Moment:
    """Words from a call. `why` says what they show, `good` whether they are how it should be, `label` says so;
    `instead` is what could have been said; `before` and `after` are the turns around the words, with their speakers."""

    text: str
    source: str
    why: str
    good: bool
    label: str
    instead: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Focus:
    """One criterion to work on, and why this one. `now` and `target` are in words with interval and n, where known.
    `where` names the stages whose calls it is rated on, if not all."""

    criterion: str
    description: str
    reason: str
    now: str = ""
    target: str = ""
    where: str = ""
    moments: tuple[Moment, ...] = ()
    practice: tuple[str, ...] = ()


@dataclass(frozen=True)
class Brief:
    """Everything that a coaching brief states. `coach` is empty where none is set. `strengths` are behaviors that are
    there, in a sentence each."""

    rep: str
    coach: str
    focus: tuple[Focus, ...]
    cycle: str = ""
    strengths: tuple[str, ...] = ()
    listen_to: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def coaching_brief(brief: Brief, provenance: str, *, made_on: date) -> Document:
    """The brief for one rep and one cycle: one page. What does not fit is left out in the order of `_less`."""
    shorter = tuple(_document(less, provenance, made_on) for less in _less(brief))
    return replace(_document(brief, provenance, made_on), shorter=shorter)


def _less(brief: Brief) -> list[Brief]:
    """Shorter versions, each of the one before: one task a criterion, then no turn after
    the words, then none before."""
    one_task = [replace(f, practice=f.practice[:1]) for f in brief.focus]
    no_after = [replace(f, moments=tuple(replace(m, after=()) for m in f.moments)) for f in one_task]
    words_only = [replace(f, moments=tuple(replace(m, before=()) for m in f.moments)) for f in no_after]
    return [replace(brief, focus=tuple(focus)) for focus in (one_task, no_after, words_only)]


def _document(brief: Brief, provenance: str, made_on: date) -> Document:
    on = ", ".join(f.criterion for f in brief.focus)
    facts = tuple(
        (name, text) for name, text in ((_("Coach"), brief.coach or _(NO_COACH)), (_("Works on"), on)) if text
    )
    blocks: list[Block] = [Facts(facts), *(Paragraph(retold(note), soft=True) for note in brief.notes)]
    if brief.strengths:
        blocks += [Heading(_("What is there already")), Bullets(brief.strengths)]
    for focus in brief.focus:
        blocks += _focus(focus)
    blocks += [Heading(_("Calls to listen to together")), Bullets(brief.listen_to)] if brief.listen_to else []
    two = len(brief.focus) > 1
    blocks += [
        Heading(_("Agreed")),
        Room(2 if two else 4, _("What we try, on which call, by when")),
        Room(1 if two else 2, _("What I heard from you")),
    ]
    return Document(
        title=_("Coaching brief: {rep}", rep=brief.rep),
        logged=f"Coaching brief: {brief.rep}",
        subtitle=brief.cycle or _("What to work on next"),
        made_on=made_on,
        provenance=provenance,
        blocks=tuple(blocks),
        data=(_focus_data(brief),),
        one_page=True,
    )


def _focus(focus: Focus) -> list[Block]:
    rows = (
        (_("Rated on"), focus.where),
        (_("Now"), focus.now),
        (_("Target"), focus.target),
        (_("Why this one"), focus.reason),
    )
    blocks: list[Block] = [
        Heading(focus.criterion),
        Paragraph(focus.description),
        Facts(tuple((name, text) for name, text in rows if text)),
    ]
    for moment in focus.moments:
        blocks += _moment(moment)
    if focus.practice:
        blocks += [Heading(_("Practice"), 3), Bullets(focus.practice)]
    return blocks


def _moment(moment: Moment) -> list[Block]:
    shown: list[Block] = []
    if moment.text:
        shown.append(_quoted(moment))
    else:
        shown.append(Paragraph(f"{moment.source}. {moment.why}", f"{moment.label}:"))
    return [*shown, Paragraph(moment.instead, _("Could have been:"))] if moment.instead else shown


def _quoted(moment: Moment) -> Quoted:
    tone: Tone = "good" if moment.good else "bad"
    return Quoted(moment.text, moment.source, moment.why, moment.label, tone, moment.before, moment.after)


def cycle_of(plan: CoachingPlan, periods: Sequence[CoachingPeriod]) -> CoachingPeriod | None:
    """The rep's newest cycle that is not over before the last call of the plan: an earlier one is another season's."""
    last = max((m.date for c in plan.criteria for m in c.moments), default=plan.at.date())
    own = [p for p in periods if p.rep == plan.who and p.end >= last]
    return max(own, key=lambda p: p.start, default=None)


def brief_of(
    plan: CoachingPlan,
    period: CoachingPeriod | None = None,
    coach: str = "",
    avoided: Collection[str] = (),
    where: Mapping[str, str] | None = None,
) -> Brief:
    """The brief on a stored plan, and on the cycle it belongs to, if there is one. The coach is whoever made the plan,
    unless `coach` names another. `avoided` are the criteria that are to be avoided, `where` says on which calls one is
    rated."""
    cycle = f"{plain(period.cycle)}, {days(period.start, period.end)}" if period else ""
    length = _TURN if len(plan.criteria) < 2 else _TURN_OF_TWO
    # Said once for the plan, not at every moment: it would take a line from each.
    missing = tuple(dict.fromkeys(m.missing for c in plan.criteria for m in c.moments if m.missing))
    focus = tuple(
        replace(
            _focus_of(planned, length, avoid=planned.criterion in avoided),
            where=(where or {}).get(planned.criterion, ""),
        )
        for planned in plan.criteria
    )
    return Brief(plan.who, coach or plan.by, focus, cycle, notes=(*plan.notes, *missing))


def _focus_of(planned: PlannedCriterion, length: int, *, avoid: bool) -> Focus:
    practice = tuple(dict.fromkeys(moment.practice for moment in planned.moments if moment.practice))
    reason = " ".join(map(retold, (planned.reason, *planned.notes)))
    moments = tuple(_moment_of(moment, length, avoid=avoid) for moment in planned.moments)
    name = _("{name} (to avoid)", name=planned.name) if avoid else planned.name
    return Focus(name, planned.description, reason, moments=moments, practice=practice)


def _moment_of(moment: CoachMoment, length: int, *, avoid: bool) -> Moment:
    passage, good = moment.passage, moment.kind == "done"
    label = _(_LABELS[moment.kind, avoid])
    if passage is None:
        why = " ".join(f"{capital(_(text)).rstrip('.')}." for text in (moment.why, moment.unquoted) if text)
        return Moment("", f"{moment.rep}, {moment.call}, {day(moment.date)}", why, good, label, moment.said)
    turn = next((turn for turn in passage.turns if turn.index == passage.turn), passage.turns[0])
    source = place(turn.speaker, f"{moment.call}, {day(moment.date)}", turn.index)
    reach = 1 if length == _TURN_OF_TWO else len(passage.turns)
    near = [t for t in passage.turns if abs(t.index - turn.index) <= reach]
    before = tuple(_around(t, length) for t in near if t.index < turn.index)
    after = tuple(_around(t, length) for t in near if t.index > turn.index)
    return Moment(turn.text, source, moment.why, good, label, moment.said, before, after)


def _around(turn: Turn, length: int) -> str:
    """A turn beside the moment, cut after a word where it is longer than `length` characters."""
    return f"{turn.speaker}: {shorten(' '.join(turn.text.split()), length, placeholder=' …')}"


def _focus_data(brief: Brief) -> Data:
    columns = NS_("rep", "cycle", "criterion", "now", "target", "reason")
    rows = tuple((brief.rep, brief.cycle, f.criterion, f.now, f.target, f.reason) for f in brief.focus)
    return Data(N_("Focus"), columns, rows)


def brief_document(space: Workspace, plan: CoachingPlan, coach: str = "") -> Document:
    """The brief on a stored plan, dated today. `coach` is who coaches; else it is whoever made
    the plan, never whoever opens it. Criteria that are in use and not calibrated are said to be so."""
    rubric, planned = space.store[Rubrics].get(plan.rubric), {chosen.criterion for chosen in plan.criteria}
    marks = {ident: mark for ident, mark in space.store[RubricStates].marks(plan.rubric).items() if ident in planned}
    plan = plan.model_copy(update={"notes": (*(f"{one}." for one in mark_sentences(rubric, marks)), *plan.notes)})
    cycle = cycle_of(plan, space.store[CoachingPeriods].all())
    made_from = _(
        "Plan {id} of {at} · Rubric {rubric} · Closeread {version}",
        id=plan.id,
        at=day(plan.at),
        rubric=plan.rubric,
        version=__version__,
    )
    stages = {stage.id: shipped(stage.name) for stage in space.stages.stages}
    where = {
        one.id: _("calls of {only_in} only", only_in=", ".join(stages.get(stage, stage) for stage in one.only_in))
        for one in rubric.criteria
        if one.only_in
    }
    brief = brief_of(plan, cycle, coach, avoided(space, plan), where)
    return marked(coaching_brief(brief, made_from, made_on=datetime.now(UTC).date()), rubric, marks)
