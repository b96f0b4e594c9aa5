"""What is to be done next about a round, for whoever looks at it: one sentence and one button."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from urllib.parse import urlencode

from agent.app.steps import OPS, RATERS, Step, step_on_page, typed
from agent.app.verb import Who
from agent.calibration.choosing import possible_raters
from agent.calibration.model import SETTLED_VALUES, CalibrationRound, Drafted, LogEntry, Resumed
from agent.calibration.report import (
    RatedRound,
    RoundReport,
    calls_wanted,
    criterion_state,
    criterion_states,
    most_split_first,
)
from agent.calibration.rounds import counted_rounds, newest_version, open_splits
from agent.calibration.store import Rounds
from agent.calibration.views import RoundView
from agent.calls.store import Calls
from agent.core.figures import plural
from agent.core.language import N_, _, ngettext
from agent.core.wording import day
from agent.db.blindness import Looked
from agent.rubrics.in_use import in_use_of
from agent.rubrics.model import Rubric
from agent.rubrics.store import Rubrics, RubricStates

STATES = {"rating": N_("being rated, blind"), "rated": N_("revealed"), "closed": N_("closed")}


def state_words(found: RoundView) -> str:
    """The state as pages say it."""
    return _("given up") if found.state == "closed" and not found.counts else _(STATES[found.state])


def calibration_step(who: Who) -> Step | None:
    """What is to be done next about calibrating the newest rubric; None where it is deployed and no round is open.

    What is said about a round is what that round's page says.
    """
    store = who.space.store
    using = in_use_of(who)
    rubric = using.newer or using.rubric
    rounds = rounds_of(who)
    last = rounds[-1] if rounds else None
    if last is not None and last.state != "closed":
        return round_step(who, last)
    if store[RubricStates].of(rubric.id).state == "deployed":
        return None
    if rounds and _passed(who, rubric):
        return _deploy(rubric)
    if last is not None and last.counts and newest_version(who.space, store[Rubrics].get(last.rubric)) == rubric:
        return round_step(who, last)
    return _open_round(who, rubric, again=bool(rounds))


def step_of_round(who: Who, found: CalibrationRound) -> Step:
    """What a page or a command that shows one round says is to be done about it."""
    return step_on_page(who, "rubric", round_step(who, found))


def round_step(who: Who, found: CalibrationRound) -> Step:
    """What is to be done next about one round."""
    last = rounds_of(who)[-1]
    if found.blind:
        return while_blind(who, RoundView.of(who.space, found))
    if last.number > found.number:
        text = _("Look back here; the work goes on in round {last}.", last=last.number)
        return Step(
            text,
            f"/calibration/{last.number}",
            _("Round {found}", found=last.number),
            f"calibrate status {last.number}",
        )
    if not found.counts:
        return _open_round(who, newest_version(who.space, who.space.store[Rubrics].get(found.rubric)), again=True)
    return once_revealed(who, found)


def while_blind(who: Who, found: RoundView) -> Step:
    """The next step in a round in which somebody has not submitted."""
    own = next((r for r in found.raters if r.name == who.name and not r.model), None)
    here = f"/calibration/{found.number}"
    waiting = ", ".join(r.name for r in found.raters if not r.submitted)
    look = f"calibrate status {found.number}"
    until = until_words(found.deadline)
    if own is None:
        text = _(
            "Calibration round {value} waits for {waiting}{until}. Until all have submitted, "
            "ratings are shown only to raters who have submitted theirs.",
            value=found.number,
            waiting=waiting,
            until=until,
        )
        return Step(text, here, _("Open the round"), look, roles=())
    if own.submitted:
        text = _(
            "Your ratings of calibration round {value} are final. Wait for {waiting}{until}.",
            value=found.number,
            waiting=waiting,
            until=until,
        )
        return Step(text, f"{here}/rate", _("Look at your ratings"), look, roles=())
    left, name = found.ratings_wanted - own.rated, typed(who.name)
    rate = f"calibrate rate {found.number} --as {name}"
    if not left:
        text = _(
            "You have rated all calls of calibration round {value}. Look them over, then make it final{until}.",
            value=found.number,
            until=until,
        )
        return Step(
            text, f"{here}/submit", _("Submit"), f"calibrate submit {found.number} --as {name}", RATERS, urgent=True
        )
    if own.rated:
        text = _(
            "Go on rating calibration round {value}, alone: {left} of {ratings_wanted} are left{until}.",
            value=found.number,
            left=left,
            ratings_wanted=found.ratings_wanted,
            until=until,
        )
        return Step(text, f"{here}/rate", _("Go on rating"), rate, RATERS, urgent=True)
    text = _(
        "Rate the {calls} of calibration round {value}, alone: {ratings_wanted}{until}. "
        "Do not talk about them until all have submitted.",
        calls=plural(len(found.calls), "call"),
        value=found.number,
        ratings_wanted=plural(found.ratings_wanted, "rating"),
        until=until,
    )
    return Step(text, f"{here}/rate", _("Start rating"), rate, RATERS, urgent=True)


def until_words(deadline: date | None) -> str:
    """The last day for ratings, to stand at the end of a sentence; empty where none was said."""
    if deadline is None:
        return ""
    over = deadline < datetime.now(UTC).date()
    return _(", which was due on {day}", day=day(deadline)) if over else _(", by {day}", day=day(deadline))


def once_revealed(who: Who, found: CalibrationRound) -> Step:
    """The next step in the newest round, whose ratings are shown."""
    rated, rule = _rounds(who)[-1], who.space.calibration_rule
    newest = newest_version(who.space, rated.rubric)
    number, here = found.number, f"/calibration/{found.number}"
    in_order = most_split_first(rated, rule)
    left = open_splits(rated)
    if found.state == "rated" and left:
        unsettled = sum(map(len, left.values()))
        text = ngettext(
            "Sit down together: {n} difference is not settled in calibration round {round}. Read both quotes, "
            "then agree on one rating each.",
            "Sit down together: {n} differences are not settled in calibration round {round}. Read both quotes, "
            "then agree on one rating each.",
            unsettled,
            n=unsettled,
            round=number,
        )
        place = f"{here}#criterion-{next(one.id for one in in_order if one.id in left)}"
        # Once it is deployed nobody waits for them: calls are scored, and what is not settled counts as nothing.
        urgent = who.space.store[RubricStates].of(newest.id).state != "deployed"
        return Step(text, place, _("Settle the differences"), f"calibrate adjudicate {number}", RATERS, urgent=urgent)
    states = [criterion_state(one, _rounds(who), rule) for one in in_order]
    failed = [one.criterion.id for one in states if one.verdict in ("failed", "fell")]
    same = newest.id == rated.rubric.id
    if failed and same:
        text = _(
            "Sharpen the wording of what failed in calibration round {value}: {failed}.",
            value=number,
            failed=", ".join(failed),
        )
        return Step(text, f"{here}/sharpen", _("Sharpen"), f"calibrate sharpen {number}", OPS)
    if all(one.passed for one in states) if same else _passed(who, newest):
        if found.state == "closed":
            return _deploy(newest)
        text = _(
            "Every criterion of {label} has passed. Close round {value}, then deploy the rubric.",
            label=newest.label,
            value=number,
        )
        return Step(text, f"{here}#close", _("Go there"), f"calibrate close {number}", OPS)
    if not _unused_calls(who):
        return _more_calls()
    calls = calls_wanted(states)
    text = _(
        "Open the next round with {label}, on {calls} new calls: rounds on one wording add up.",
        label=newest.label,
        calls=calls,
    )
    raters = ",".join(found.raters)
    command = f"calibrate open --rubric {typed(newest.label)} --raters {typed(raters)} --pick {calls}"
    return Step(text, f"{here}/next", _("Open the next round"), command, OPS)


def rounds_of(who: Who) -> list[CalibrationRound]:
    """All rounds, read once for one answer."""
    return who.keep("rounds", who.space.store[Rounds].all)


def _rounds(who: Who) -> list[RatedRound]:
    """All rounds that gave a result; none of their ratings is shown, so it is no look at them."""
    return who.keep("rated rounds", lambda: counted_rounds(who.space, rounds_of(who)))


def _passed(who: Who, rubric: Rubric) -> bool:
    return all(one.passed for one in criterion_states(rubric, _rounds(who), who.space.calibration_rule))


def _deploy(rubric: Rubric) -> Step:
    text = _(
        "All criteria of {label} have passed calibration: deploy it, so that calls are scored against it.",
        label=rubric.label,
    )
    return Step(text, f"/rubric/{rubric.id}", _("Deploy the rubric"), f"rubric deploy {typed(rubric.label)}", OPS)


def _open_round(who: Who, rubric: Rubric, *, again: bool) -> Step:
    """A round on a draft takes calls, and two people to rate them; whoever holds the database may name anybody."""
    draft = _("The rubric “{label}” is a draft.", label=rubric.label)
    if not who.space.store[Calls].count():
        text = " ".join((draft, _("Upload calls, so that managers can calibrate it on them.")))
        return Step(text, "/upload?kind=call", _("Upload calls"), "calls import FOLDER --manifest FILE", OPS)
    if not _unused_calls(who):
        return _more_calls()
    people = [one.name for one in possible_raters(who.space)] if who.scope.may_run else []
    if len(people) < 2 and who.scope.may_run and not who.scope.local:
        text = " ".join((draft, _("Two people have to rate calls with it: give managers an account.")))
        return Step(text, "/admin/people", _("Add managers"), "people add NAME --email ADDRESS --role manager", OPS)
    raters = typed(",".join(people)) if len(people) >= 2 else "ANA,BEN"
    opened = _("Open a calibration round, so that its scores can be trusted.")
    if again:
        opened = _("Open another calibration round, so that its scores can be trusted.")
    text = f"{draft} {opened}"
    command = f"calibrate open --rubric {typed(rubric.label)} --raters {raters}"
    return Step(text, f"/calibration/open?{urlencode({'rubric': rubric.label})}", _("Open a round"), command, OPS)


def _unused_calls(who: Who) -> int:
    return who.space.store[Calls].count() - len(who.space.store[Rounds].used_calls())


def _more_calls() -> Step:
    text = _(
        "Every call was in a calibration round already, and those ratings have been seen: "
        "upload more calls for the next."
    )
    return Step(text, "/upload?kind=call", _("Upload calls"), "calls import FOLDER --manifest FILE", OPS)


def first_unsettled(report: RoundReport) -> str:
    """The criterion at which to begin: the first of which a difference is not settled; empty where all are."""
    return next((c.criterion.id for c in report.criteria if any(s.adjudication is None for s in c.splits)), "")


def reference_words(reference: str) -> str:
    """Whose ratings others are measured against, in words."""
    return (
        _("what the raters agreed on")
        if reference == SETTLED_VALUES
        else _("what {reference} gave", reference=reference)
    )


@dataclass(frozen=True)
class LogRow:
    """A line of the log as a page shows it; runs of saving by one rater are one line."""

    last: LogEntry
    text: str


def log_rows(entries: Sequence[LogEntry]) -> list[LogRow]:
    """The log in words, oldest first."""
    rows: list[LogRow] = []
    for (kind, _by), run in groupby(entries, key=lambda e: (_run_kind(e), e.by)):
        found = list(run)
        rows += [LogRow(e, _words(e)) for e in found] if kind == "single" else [LogRow(found[-1], _run_words(found))]
    return rows


def _run_kind(entry: LogEntry) -> str:
    match entry.event:
        case Drafted() | Resumed():
            return "saving"
        case Looked():
            return "looking"
        case _:
            return "single"


def _run_words(run: Sequence[LogEntry]) -> str:
    looks = [e.event for e in run if isinstance(e.event, Looked)]
    if looks:
        shown = {"shown": looks[-1].shown, "withheld": looks[-1].withheld}
        if len(looks) == 1:
            return _("asked for ratings by others: {shown} shown, {withheld} withheld", **shown)
        return _(
            "asked for ratings by others {n} times, the last time {shown} shown, {withheld} withheld",
            n=len(looks),
            **shown,
        )
    saved = sum(e.event.ratings for e in run if isinstance(e.event, Drafted))
    opened = sum(isinstance(e.event, Resumed) for e in run)
    parts = [_("saved own ratings, {times}", times=_times(saved))] if saved else []
    return "; ".join([*parts, *([_("opened own drafts, {times}", times=_times(opened))] if opened else [])])


def _times(count: int) -> str:
    return _("once") if count == 1 else _("{count} times", count=count)


def _words(entry: LogEntry) -> str:
    event = entry.event
    match event.kind:
        case "opened":
            return _(
                "the round was opened: {calls} calls, rated by {raters}",
                calls=event.calls,
                raters=", ".join(event.raters),
            )
        case "imported":
            return _("imported from {source}", source=event.source)
        case "submitted":
            return _("submitted {ratings} ratings; they are final", ratings=event.ratings)
        case "corrected":
            return _("corrected the own rating of {criterion} on {call}", criterion=event.criterion, call=event.call)
        case "adjudicated":
            return _("settled {criterion} on {call}", criterion=event.criterion, call=event.call)
        case "planned":
            said = [_("the last day for ratings is {day}", day=day(event.deadline))] if event.deadline else []
            said += (
                [_("the reference is {reference}", reference=reference_words(event.reference))]
                if event.reference
                else []
            )
            return "; ".join(said) or _("there is neither a last day nor a reference")
        case "closed":
            how = (
                _("closed the round without {names}", names=", ".join(event.without))
                if event.without
                else _("closed the round")
            )
            return how + (f": {event.reason}" if event.reason else "")
        case _:
            return event.kind
