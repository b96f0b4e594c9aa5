"""Deals of a CRM export, and coaching cycles, as CSV."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agent.calls.model import Deal, DealOutcome
from agent.coaching.model import CoachingPeriod
from agent.text.dates import DateOrder, read_day
from agent.text.tables import Cells, Intake, Table, filled, open_table, read_rows

DEAL_NEEDED = ("deal_id", "rep", "opened", "closed", "outcome")
DEAL_FIELDS = (*DEAL_NEEDED, "furthest_stage", "stage", "amount_usd")
COACHING_FIELDS = ("rep", "cycle", "start", "end", "criteria")
_OUTCOMES: dict[str, DealOutcome] = {
    **dict.fromkeys(("won", "win", "closed won", "closedwon", "true", "yes"), "won"),
    **dict.fromkeys(("lost", "loss", "closed lost", "closedlost", "no decision"), "lost"),
    **dict.fromkeys(("open", "in progress", ""), "open"),
}


@dataclass(frozen=True)
class DealMap:
    """How an export's words map to ours: their columns, and their stages and outcomes (folded to lower case)."""

    columns: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)
    outcomes: Mapping[str, DealOutcome] = field(default_factory=dict)
    dates: DateOrder = ""


def read_deals(path: Path, funnel: Sequence[str], mapping: DealMap, stages: Mapping[str, str]) -> Intake[Deal]:
    """Deals with their furthest stage in the funnel's words.

    A column `stage` (where the deal stands now) is read where `furthest_stage` is empty or not there.
    `funnel` names the funnel's stages in order, `stages` maps the workspace's other stages to them. A lost deal whose
    export says only that it is closed has no stage: it counts for the win rate and is left out of the funnel.
    """
    table = open_table(path, DEAL_FIELDS, DEAL_NEEDED, mapping.columns)
    known = {**{_folded(s): f for s, f in stages.items()}, **{_folded(f): f for f in funnel}}
    known |= {_folded(theirs): ours for theirs, ours in mapping.stages.items()}
    outcomes = {**_OUTCOMES, **{_folded(theirs): ours for theirs, ours in mapping.outcomes.items()}}
    seen: dict[str, int] = {}

    def one(line: int, cells: Cells) -> Deal:
        ident = filled(cells, "deal_id")
        if (before := seen.setdefault(ident, line)) != line:
            raise ValueError(f"the deal {ident} stands already on line {before}; each is listed once")
        return _deal(ident, cells, known, outcomes, mapping.dates, funnel)

    return read_rows(table, one)


def _deal(
    ident: str,
    cells: Cells,
    stages: Mapping[str, str],
    outcomes: Mapping[str, DealOutcome],
    dates: DateOrder,
    funnel: Sequence[str],
) -> Deal:
    outcome = outcomes.get(_folded(cells["outcome"]))
    if outcome is None:
        raise ValueError(f"the outcome {cells['outcome']!r} is not won, lost or open")
    stage = funnel[-1] if outcome == "won" else _stage(cells.get("furthest_stage") or cells.get("stage", ""), stages)
    if stage == funnel[-1] and outcome != "won":
        raise ValueError(f"the furthest stage is {stage} but the outcome is {outcome}; put one of them right")
    closed = read_day(cells["closed"], dates) if cells["closed"] and outcome != "open" else None
    opened = read_day(filled(cells, "opened"), dates)
    if outcome != "open" and closed is None:
        raise ValueError(f"closed is empty, but the deal is {outcome}")
    if closed is not None and closed < opened:
        raise ValueError(f"closed {closed} before it was opened {opened}")
    rep = filled(cells, "rep")
    amount = _amount(cells.get("amount_usd", ""))
    return Deal(id=ident, rep=rep, opened=opened, closed=closed, stage=stage, outcome=outcome, amount_usd=amount)


def _stage(written: str, stages: Mapping[str, str]) -> str:
    if not written:
        return ""
    stage = stages.get(_folded(written))
    if stage is None:
        raise ValueError(f"the stage {written!r} is not known; name it under funnel in config/stages.yaml")
    return stage


def _amount(written: str) -> float | None:
    bare = re.sub(r"[$,\s]|USD", "", written)
    if not bare:
        return None
    try:
        return float(bare)
    except ValueError:
        raise ValueError(f"the amount {written!r} is not a number") from None


def read_coaching(
    path: Path, known: Sequence[str], renames: Mapping[str, str] | None = None, dates: DateOrder = ""
) -> Intake[CoachingPeriod]:
    """Cycles; criteria are separated by semicolons. A criterion that is not among `known` (if given) is a problem."""
    table = open_table(path, COACHING_FIELDS, COACHING_FIELDS, renames or {})
    seen: dict[tuple[str, str], int] = {}
    intake = read_rows(table, lambda line, cells: _period(line, cells, known, dates, seen))
    return _without_overlaps(table, intake)


def _period(
    line: int, cells: Cells, known: Sequence[str], dates: DateOrder, seen: dict[tuple[str, str], int]
) -> CoachingPeriod:
    rep, cycle = filled(cells, "rep"), filled(cells, "cycle")
    if (before := seen.setdefault((rep, cycle), line)) != line:
        raise ValueError(f"{cycle} of {rep} stands already on line {before}")
    criteria = tuple(dict.fromkeys(c.strip() for c in filled(cells, "criteria").split(";") if c.strip()))
    strange = [c for c in criteria if known and c not in known]
    if strange:
        raise ValueError(f"no rubric here has a criterion {strange[0]!r}; known are {', '.join(known)}")
    start, end = (read_day(filled(cells, name), dates) for name in ("start", "end"))
    if end < start:
        raise ValueError(f"the cycle ends {end} before it starts {start}")
    return CoachingPeriod(rep=rep, cycle=cycle, start=start, end=end, criteria=criteria)


def _without_overlaps(table: Table, intake: Intake[CoachingPeriod]) -> Intake[CoachingPeriod]:
    """A rep's cycles follow one another: one that begins before the last ended is a problem."""
    kept: list[CoachingPeriod] = []
    last: dict[str, CoachingPeriod] = {}
    for period in sorted(intake.rows, key=lambda p: (p.rep, p.start)):
        before = last.get(period.rep)
        if before is not None and period.start <= before.end:
            what = f"{period.cycle} of {period.rep} begins {period.start}, before {before.cycle} ends {before.end}"
            intake.problems.append(table.problem(None, what, "a call belongs to one cycle"))
            continue
        last[period.rep] = period
        kept.append(period)
    intake.rows = kept
    return intake


def _folded(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").split())
