"""What is to be done next about a round, for whoever looks at it: one sentence and one button."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from agent.app.web.auth import SignedIn
from agent.calibration.model import Drafted, LogEntry, Looked, Resumed
from agent.calibration.report import RoundReport
from agent.calibration.views import RoundView


@dataclass(frozen=True)
class Step:
    """The next step. Without a `button` there is nothing to press: somebody else has to act."""

    text: str
    path: str = ""
    button: str = ""


STATES = {"rating": "being rated, blind", "rated": "revealed", "closed": "closed"}


def state_words(found: RoundView) -> str:
    """The state as pages say it."""
    return "given up" if found.state == "closed" and not found.counts else STATES[found.state]


def next_in_list(who: SignedIn, found: RoundView) -> Step:
    """The next step as the list of rounds says it."""
    here = f"/calibration/{found.number}"
    match found.state:
        case "rating":
            return while_blind(who, found)
        case "rated":
            return Step("All have submitted: see where they differ.", here, "Compare")
        case "closed":
            return Step("", here, "Look back")


def while_blind(who: SignedIn, found: RoundView) -> Step:
    """The next step in a round in which somebody has not submitted."""
    own = next((r for r in found.raters if r.name == who.name and not r.model), None)
    here = f"/calibration/{found.number}"
    waiting = ", ".join(r.name for r in found.raters if not r.submitted)
    if own is None:
        return Step(
            f"Wait for {waiting}. Until all have submitted, ratings are shown only to raters who have submitted theirs."
        )
    if own.submitted:
        return Step(f"Your ratings are final. Wait for {waiting}.", f"{here}/rate", "Look at your ratings")
    left = found.ratings_wanted - own.rated
    if not left:
        return Step("You have rated everything. Look it over, then make it final.", f"{here}/submit", "Submit")
    if own.rated:
        return Step(f"Go on rating, alone: {left} of {found.ratings_wanted} are left.", f"{here}/rate", "Go on rating")
    return Step(
        f"Rate {len(found.calls)} calls, alone: {found.ratings_wanted} ratings. Do not talk about them until all have "
        "submitted.",
        f"{here}/rate",
        "Start rating",
    )


def once_revealed(who: SignedIn, found: RoundView, report: RoundReport, newest: str, later: int) -> Step:
    """The next step in a round with a result. `newest`: label of the newest version of its rubric; `later`: number of
    the newest round."""
    here = f"/calibration/{found.number}"
    if later > found.number:
        return Step(f"Look back here; the work goes on in round {later}.", f"/calibration/{later}", f"Round {later}")
    failed = [c.criterion.id for c in report.criteria if c.state.verdict in ("failed", "fell")]
    unsettled = sum(s.adjudication is None for c in report.criteria for s in c.splits)
    if found.state == "rated" and unsettled:
        what = "difference is" if unsettled == 1 else "differences are"
        text = f"Sit down together: {unsettled} {what} not settled. Read both quotes, then agree on one rating each."
        return Step(text, f"#criterion-{first_unsettled(report)}", "Settle the differences")
    if not who.scope.may_run:
        return Step("Everything is settled. An ops lead sharpens what failed, or opens the next round.")
    if failed and newest == report.rubric.label:
        text = f"Sharpen the wording of what failed: {', '.join(failed)}."
        return Step(text, f"{here}/sharpen", "Sharpen")
    if all(c.state.passed for c in report.criteria):
        text = f"Every criterion has passed. {'Close the round, then deploy' if found.state == 'rated' else 'Deploy'} the rubric."
        return Step(text, "#close" if found.state == "rated" else "/rubric", "Go there")
    text = f"Open the next round with {newest}, on {report.calls_next} new calls: rounds on one wording add up."
    return Step(text, f"{here}/next", "Open the next round")


def first_unsettled(report: RoundReport) -> str:
    """The criterion at which to begin: the first of which a difference is not settled; empty where all are."""
    return next((c.criterion.id for c in report.criteria if any(s.adjudication is None for s in c.splits)), "")


@dataclass(frozen=True)
class LogRow:
    """A line of the log as a page shows it; runs of saving by one rater are one line."""

    last: LogEntry
    text: str


def log_rows(entries: Sequence[LogEntry]) -> list[LogRow]:
    """The log in words, oldest first."""
    rows: list[LogRow] = []
    for (kind, _), run in groupby(entries, key=lambda e: (_run_kind(e), e.by)):
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
        times = f" {len(looks)} times, the last time" if len(looks) > 1 else ":"
        return f"asked for ratings by others{times} {looks[-1].shown} shown, {looks[-1].withheld} withheld"
    saved = sum(e.event.ratings for e in run if isinstance(e.event, Drafted))
    opened = sum(isinstance(e.event, Resumed) for e in run)
    parts = [f"saved own ratings, {_times(saved)}"] if saved else []
    return "; ".join([*parts, *([f"opened own drafts, {_times(opened)}"] if opened else [])])


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _words(entry: LogEntry) -> str:
    event = entry.event
    match event.kind:
        case "opened":
            return f"the round was opened: {event.calls} calls, rated by {', '.join(event.raters)}"
        case "imported":
            return f"imported from {event.source}"
        case "submitted":
            return f"submitted {event.ratings} ratings; they are final"
        case "corrected":
            return f"corrected the own rating of {event.criterion} on {event.call}"
        case "adjudicated":
            return f"settled {event.criterion} on {event.call}"
        case "closed":
            without = f" without {', '.join(event.without)}" if event.without else ""
            return f"closed the round{without}" + (f": {event.reason}" if event.reason else "")
        case _:
            return event.kind
