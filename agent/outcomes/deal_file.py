"""Deals of a CRM export, and coaching cycles, out of a table."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agent.calls.model import Deal, DealOutcome
from agent.core.language import N_
from agent.profiles.model import CoachingPeriod, overlap
from agent.text.dates import DateOrder, column_order, read_day
from agent.text.names import People
from agent.text.numbers import Amounts, currency_of, is_empty
from agent.text.outcomes import ending_of, outcome_of
from agent.text.tables import Cells, Intake, Table, filled, folded_id, open_table, read_rows

DEAL_NEEDED = ("deal_id", "rep", "opened", "closed", "outcome")
DEAL_FIELDS = (*DEAL_NEEDED, "furthest_stage", "stage", "amount_usd", "currency")
COACHING_FIELDS = ("rep", "cycle", "start", "end", "criteria")
_NAMED_IN = "name it under stages in your copy of the CRM's map (config/maps), or under funnel in config/stages.yaml"
_OPEN = frozenset({"", "open", "in progress", "offen", "en cours", "ouverte", "abierto", "abierta"})


_OTHER_MONEY = N_("line {line}: the amount {written} is in {other}, not US dollars; it is left out")


@dataclass(frozen=True)
class DealMap:
    """How an export's words map to ours: their columns, and their stages and outcomes (folded to lower case).

    `dates` is the order of dates that was asked for, `usual` the one that this kind of export has by default.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)
    outcomes: Mapping[str, DealOutcome] = field(default_factory=dict)
    dates: DateOrder = ""
    usual: DateOrder = ""


def read_deals(
    path: Path, funnel: Sequence[str], mapping: DealMap, stages: Mapping[str, str], people: People | None = None
) -> Intake[Deal]:
    """Deals with their furthest stage in the funnel's words.

    A column `stage` (where the deal stands now) is read where `furthest_stage` is empty or not there.
    `funnel` names the funnel's stages in order, `stages` maps the workspace's other stages to them. A lost deal whose
    export says only that it is closed has no stage: it counts for the win rate and is left out of the funnel.
    An amount in another currency is left out, with a note; `people` gives reps the names they have already.
    """
    table = open_table(path, DEAL_FIELDS, DEAL_NEEDED, mapping.columns)
    words = _Words(funnel, stages, mapping)
    order = column_order(table.column("opened", "closed"), mapping.dates, mapping.usual)
    amounts, known = Amounts(table.column("amount_usd")), people or People()
    seen: dict[str, int] = {}
    notes: list[str] = []

    def one(line: int, cells: Cells) -> Deal:
        ident = filled(cells, "deal_id")
        if (before := seen.setdefault(ident, line)) != line:
            raise ValueError(f"the deal {ident} stands already on line {before}; each is listed once")
        written = cells.get("amount_usd", "")
        other = currency_of(written) or currency_of(cells.get("currency", ""))
        if other and not is_empty(written):
            notes.append(_OTHER_MONEY.format(line=line, written=repr(written), other=other))
        amount = None if other else amounts.read(written)
        return _deal(ident, cells, words, order, amount, known)

    intake = read_rows(table, one)
    intake.notes += notes
    return intake


class _Words:
    """Stages and outcomes as an export writes them."""

    def __init__(self, funnel: Sequence[str], stages: Mapping[str, str], mapping: DealMap) -> None:
        self.last = funnel[-1]
        theirs = {**{f: f for f in funnel}, **stages, **mapping.stages}
        self._stages = {_folded(written): stage for written, stage in theirs.items()}
        self._stages |= {_folded(f): f for f in funnel if _folded(f) not in {_folded(s) for s in mapping.stages}}
        self._outcomes = {_folded(written): outcome for written, outcome in mapping.outcomes.items()}

    def outcome(self, cells: Cells) -> DealOutcome:
        written = cells["outcome"]
        known = self._outcomes.get(_folded(written))
        if known or (known := outcome_of(written)):
            return known
        if ending_of(written):
            return "lost"  # what it counts as, settings say
        plain = " ".join(written.lower().replace("_", " ").split())
        if plain in ("true", "yes"):
            return "won"
        # Where one column says stage and outcome, a stage that is neither won nor lost is open.
        if plain in _OPEN or (written == cells.get("stage") and _folded(written) in self._stages):
            return "open"
        if written == cells.get("stage"):
            raise ValueError(f"whether {written!r} is won, lost or a stage is not known; {_NAMED_IN}")
        raise ValueError(f"the outcome {written!r} is not won, lost, open, no decision or churned")

    def stage(self, written: str) -> str:
        if not written:
            return ""
        stage = self._stages.get(_folded(written))
        if stage is None and outcome_of(written) == "lost":
            return ""
        if stage is None:
            raise ValueError(f"the stage {written!r} is not known; {_NAMED_IN}")
        return stage


def _deal(ident: str, cells: Cells, words: _Words, dates: DateOrder, amount: float | None, people: People) -> Deal:
    outcome = words.outcome(cells)
    stage = words.last if outcome == "won" else words.stage(cells.get("furthest_stage") or cells.get("stage", ""))
    if stage == words.last and outcome != "won":
        raise ValueError(f"the furthest stage is {stage} but the outcome is {outcome}; put one of them right")
    closed = read_day(cells["closed"], dates) if cells["closed"] and outcome != "open" else None
    opened = read_day(filled(cells, "opened"), dates)
    if outcome != "open" and closed is None:
        raise ValueError(f"closed is empty, but the deal is {outcome}")
    if closed is not None and closed < opened:
        raise ValueError(f"closed {closed} before it was opened {opened}")
    rep = people.one(filled(cells, "rep"))
    ending = ending_of(cells["outcome"]) if outcome == "lost" else ""
    return Deal(
        id=ident, rep=rep, opened=opened, closed=closed, stage=stage, outcome=outcome, amount_usd=amount, ending=ending
    )


def read_coaching(
    path: Path,
    known: Sequence[str],
    renames: Mapping[str, str] | None = None,
    dates: DateOrder = "",
    people: People | None = None,
    stored: Sequence[CoachingPeriod] = (),
) -> Intake[CoachingPeriod]:
    """Cycles; criteria are separated by semicolons or line ends. A criterion that is not among `known` (if given) is a
    problem, and so is a cycle that begins before another one of its rep has ended, here or among those `stored`."""
    table = open_table(path, COACHING_FIELDS, COACHING_FIELDS, renames or {})
    order = column_order(table.column("start", "end"), dates)
    seen: dict[tuple[str, str], int] = {}
    who = people or People()
    intake = read_rows(table, lambda line, cells: _period(line, cells, known, order, seen, who))
    return _without_overlaps(table, intake, stored)


def _period(
    line: int, cells: Cells, known: Sequence[str], dates: DateOrder, seen: dict[tuple[str, str], int], people: People
) -> CoachingPeriod:
    rep, cycle = people.one(filled(cells, "rep")), filled(cells, "cycle")
    if (before := seen.setdefault((rep, cycle), line)) != line:
        raise ValueError(f"{cycle} of {rep} stands already on line {before}")
    named = [part.strip() for part in re.split(r"[;\n\r]", filled(cells, "criteria")) if part.strip()]
    criteria = tuple(dict.fromkeys(folded_id(name, known) for name in named))
    strange = [c for c in criteria if known and c not in known]
    if strange:
        hint = "; separate several by semicolons" if "," in strange[0] else ""
        raise ValueError(f"no rubric here has a criterion {strange[0]!r}; the known ones are {', '.join(known)}{hint}")
    start, end = (read_day(filled(cells, name), dates) for name in ("start", "end"))
    if end < start:
        raise ValueError(f"the cycle ends {end} before it starts {start}")
    return CoachingPeriod(rep=rep, cycle=cycle, start=start, end=end, criteria=criteria)


def _without_overlaps(
    table: Table, intake: Intake[CoachingPeriod], stored: Sequence[CoachingPeriod]
) -> Intake[CoachingPeriod]:
    """A rep's cycles follow one another. A row takes the place of what is stored under its rep and name."""
    replaced = {(period.rep, period.cycle) for period in intake.rows}
    of_rep: dict[str, list[CoachingPeriod]] = {}
    for period in stored:
        if (period.rep, period.cycle) not in replaced:
            of_rep.setdefault(period.rep, []).append(period)
    rows, intake.rows = sorted(intake.rows, key=lambda p: (p.rep, p.start)), []
    for period in rows:
        others = of_rep.setdefault(period.rep, [])
        if what := next(filter(None, (overlap(one, period) for one in others)), ""):
            intake.problems.append(table.problem(None, what, "a call belongs to one cycle"))
            continue
        others.append(period)
        intake.rows.append(period)
    return intake


def _folded(name: str) -> str:
    """A stage or outcome for comparison: without a number before it ("3 - Proposal"), the pipeline in brackets behind
    it, case, spaces and marks ("contractsent")."""
    bare = re.sub(r"^\d{1,2}\s*[-.):]\s*|\s*\([^()]*\)$", "", name.strip().lower())
    return re.sub(r"[\W_]+", "", bare) or name.lower()
