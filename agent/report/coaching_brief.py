"""The coaching brief: what a manager takes into a conversation with a rep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from agent.domain.coaching import CoachingPeriod, CoachingPlan, CoachMoment, PlannedCriterion
from agent.report.blocks import Block, Bullets, Data, Document, Facts, Heading, Paragraph, Quoted, Room
from agent.report.words import day


@dataclass(frozen=True)
class Moment:
    """Words from a call. `why` says what they show, `good` whether they show the behavior or its absence; `instead` is
    what could have been said."""

    text: str
    source: str
    why: str
    good: bool
    instead: str = ""


@dataclass(frozen=True)
class Focus:
    """One criterion to work on, and why this one. `now` and `target` are in words with interval and n, where known."""

    criterion: str
    description: str
    reason: str
    now: str = ""
    target: str = ""
    moments: tuple[Moment, ...] = ()
    practice: tuple[str, ...] = ()


@dataclass(frozen=True)
class Brief:
    """Everything that a coaching brief states. `strengths` are behaviors that are there, in a sentence each."""

    rep: str
    coach: str
    focus: tuple[Focus, ...]
    cycle: str = ""
    strengths: tuple[str, ...] = ()
    listen_to: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def coaching_brief(brief: Brief, provenance: str, *, made_on: date) -> Document:
    """The brief for one rep and one cycle."""
    facts = (
        ("Rep", brief.rep),
        ("Coach", brief.coach or "–"),
        ("Cycle", brief.cycle or "–"),
        ("Works on", ", ".join(f.criterion for f in brief.focus) or "–"),
    )
    blocks: list[Block] = [Facts(facts), *(Paragraph(note) for note in brief.notes)]
    if brief.strengths:
        blocks += [Heading("What is there already"), Bullets(brief.strengths)]
    for focus in brief.focus:
        blocks += _focus(focus)
    blocks += [Heading("Calls to listen to together"), Bullets(brief.listen_to)] if brief.listen_to else []
    blocks += [Heading("Agreed"), Room(4, "What we try, on which call, by when"), Room(2, "What I heard from you")]
    return Document(
        title=f"Coaching brief: {brief.rep}",
        subtitle=brief.cycle or "What to work on next",
        made_on=made_on,
        provenance=provenance,
        blocks=tuple(blocks),
        data=(_focus_data(brief),),
    )


def _focus(focus: Focus) -> list[Block]:
    rows = (("Now", focus.now), ("Target", focus.target), ("Why this one", focus.reason))
    blocks: list[Block] = [
        Heading(focus.criterion),
        Paragraph(focus.description),
        Facts(tuple((name, text) for name, text in rows if text)),
    ]
    for moment in focus.moments:
        blocks += _moment(moment)
    if focus.practice:
        blocks += [Heading("Practice", 3), Bullets(focus.practice)]
    return blocks


def _moment(moment: Moment) -> list[Block]:
    label = "did it" if moment.good else "missed it"
    shown: list[Block] = []
    if moment.text:
        shown.append(Quoted(moment.text, moment.source, moment.why, label, "good" if moment.good else "bad"))
    else:
        shown.append(Paragraph(f"{moment.source}. {moment.why}", f"{label}:"))
    return [*shown, Paragraph(moment.instead, "Could have been:")] if moment.instead else shown


def brief_of(plan: CoachingPlan, period: CoachingPeriod | None = None, coach: str = "") -> Brief:
    """The brief on a stored plan, and on the cycle it belongs to, if there is one."""
    cycle = f"{period.cycle}, {day(period.start)} to {day(period.end)}" if period else ""
    return Brief(plan.who, coach, tuple(map(_focus_of, plan.criteria)), cycle, notes=plan.notes)


def _focus_of(planned: PlannedCriterion) -> Focus:
    practice = tuple(dict.fromkeys(moment.practice for moment in planned.moments if moment.practice))
    reason = " ".join((planned.reason, *planned.notes))
    return Focus(
        planned.name, planned.description, reason, moments=tuple(map(_moment_of, planned.moments)), practice=practice
    )


def _moment_of(moment: CoachMoment) -> Moment:
    passage, good = moment.passage, moment.kind == "done"
    why = f"{moment.why} {moment.missing}".strip()
    if passage is None:
        return Moment("", f"{moment.rep}, {moment.call}, {day(moment.date)}", why, good, moment.said)
    turn = next((turn for turn in passage.turns if turn.index == passage.turn), passage.turns[0])
    source = f"{turn.speaker}, {moment.call}, {day(moment.date)}, turn {turn.index}"
    return Moment(turn.text, source, why, good, moment.said)


def _focus_data(brief: Brief) -> Data:
    columns = ("rep", "cycle", "criterion", "now", "target", "reason")
    rows = tuple((brief.rep, brief.cycle, f.criterion, f.now, f.target, f.reason) for f in brief.focus)
    return Data("Focus", columns, rows)
