"""The record of a calibration round: who rated what, how far they agreed, where they differed, what was decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from agent.app.documents.blocks import Block, Bullets, Cell, Data, Document, Facts, Heading, Paragraph, table
from agent.calibration.report import CriterionReport, RaterReport, RoundReport, Split
from agent.core.figures import read
from agent.core.language import N_, NS_, _, retold
from agent.core.statistic import Estimate, Statistic, Undefined
from agent.core.wording import day
from agent.documents.rated import outcome_words
from agent.rubrics.model import Criterion, Rubric


@dataclass(frozen=True)
class CriterionResult:
    """One criterion: the verdict on it, what it rests on, and what is short, a sentence each."""

    criterion: str
    name: str
    verdict: str
    agreement: Statistic
    alpha: Statistic
    reasons: tuple[str, ...] = ()
    next_step: str = ""
    in_round: str = ""
    on_wording: str = ""


@dataclass(frozen=True)
class Difference:
    """One call on which raters differed on one criterion. `ratings` are (rater, level or n/a, reason)."""

    criterion: str
    call: str
    ratings: tuple[tuple[str, str, str], ...]
    decided: str = ""
    because: str = ""


@dataclass(frozen=True)
class Wording:
    """A description that was changed after the round."""

    criterion: str
    before: str
    after: str
    why: str = ""


@dataclass(frozen=True)
class Record:
    """Everything that a calibration record states."""

    number: int
    rubric: str
    raters: tuple[str, ...]
    calls: tuple[str, ...]
    opened_on: date
    state: str
    results: tuple[CriterionResult, ...]
    differences: tuple[Difference, ...] = ()
    changes: tuple[Wording, ...] = ()
    notes: tuple[str, ...] = ()


def calibration_record(record: Record, provenance: str, *, made_on: date) -> Document:
    """The record of one round."""
    passed = sum(result.verdict == "passed" for result in record.results)
    facts = (
        (_("Rubric"), record.rubric),
        (_("Raters"), ", ".join(record.raters)),
        (_("Calls"), f"{len(record.calls)}: {', '.join(record.calls)}"),
        (_("Opened"), day(record.opened_on)),
        (_("State"), _(record.state)),
        (_("Result"), _("{passed} of {criteria} criteria passed", passed=passed, criteria=len(record.results))),
    )
    blocks: list[Block] = [Facts(facts), *(Paragraph(note) for note in record.notes)]
    blocks += _results(record.results) + _differences(record.differences) + _changes(record.changes)
    return Document(
        title=_("Calibration record: round {number}", number=record.number),
        logged=f"Calibration record: round {record.number}",
        subtitle=record.rubric,
        made_on=made_on,
        provenance=provenance,
        blocks=tuple(blocks),
        data=(_result_data(record.results), _difference_data(record.differences)),
    )


def _results(results: Sequence[CriterionResult]) -> list[Block]:
    columns = ((_("Criterion"), 3.2), (_("Verdict"), 1.9), (_("This round"), 2.2), (_("On this wording"), 2.4))
    rows = [(r.name, _(r.verdict), r.in_round or "–", r.on_wording or "–") for r in results]
    blocks: list[Block] = [Heading(_("Verdicts")), table(columns, rows)]
    for result in results:
        short = f"{'; '.join(result.reasons)}." if result.reasons else ""
        step = _("Next: {step}.", step=result.next_step) if result.next_step else ""
        said = f"{short} {step}".replace("..", ".").strip()
        blocks += [Paragraph(said, f"{result.name}:", soft=True)] if said else []
    sure = ((_("Criterion"), 3.2), (_("Agreement (95 % interval)"), 3.4), (_("Alpha (rough range)"), 3.4))
    return [
        *blocks,
        Heading(_("How sure is this?"), 3),
        table(sure, [(r.name, str(read(r.agreement, "rate", "call")), str(read(r.alpha, "number"))) for r in results]),
    ]


def _differences(differences: Sequence[Difference]) -> list[Block]:
    if not differences:
        return [Heading(_("Where raters differed")), Paragraph(_("On no call."))]
    blocks: list[Block] = [Heading(_("Where raters differed"))]
    for criterion, found in groupby(differences, key=lambda d: d.criterion):
        splits = list(found)
        raters = tuple(dict.fromkeys(one[0] for split in splits for one in split.ratings))
        rows = [_split_cells(split, raters) for split in splits]
        columns = ((_("Call"), 3.0), *((rater, 1.6) for rater in raters), (_("Decided"), 4.0))
        blocks += [Heading(criterion, 3), table(columns, rows)]
        said = tuple(f"{s.call}, {rater}: {why}" for s in splits for rater, _level, why in s.ratings if why)
        blocks += [Bullets(said)] if said else []
    return blocks


def _split_cells(split: Difference, raters: Sequence[str]) -> tuple[str, ...]:
    given = {rater: level for rater, level, _why in split.ratings}
    decided = ": ".join(part for part in (split.decided, split.because) if part)
    return (split.call, *(given.get(rater, "–") for rater in raters), decided or _("nothing yet"))


def _changes(changes: Sequence[Wording]) -> list[Block]:
    if not changes:
        return []
    blocks: list[Block] = [Heading(_("What was reworded"))]
    for change in changes:
        blocks += [Heading(change.criterion, 3), Facts(((_("Before"), change.before), (_("After"), change.after)))]
        blocks += [Paragraph(change.why, soft=True)] if change.why else []
    return blocks


def _result_data(results: Sequence[CriterionResult]) -> Data:
    measures = NS_("n", "agreement", "low", "high", "alpha", "alpha low", "alpha high")
    columns = (*NS_("criterion", "name", "verdict"), *measures, N_("reasons"))
    return Data(N_("Verdicts"), columns, tuple(_result_row(r) for r in results))


def _result_row(result: CriterionResult) -> tuple[Cell, ...]:
    n = result.agreement.n
    numbers = (*_numbers(result.agreement), *_numbers(result.alpha))
    return (result.criterion, result.name, _(result.verdict), n, *numbers, " ".join(result.reasons))


def _numbers(found: Statistic) -> tuple[Cell, Cell, Cell]:
    return (found.value, found.low, found.high) if isinstance(found, Estimate) else (None, None, None)


def _difference_data(differences: Sequence[Difference]) -> Data:
    columns = NS_("criterion", "call", "rater", "level", "reason", "decided", "because")
    rows = tuple(
        (d.criterion, d.call, rater, value, reason, d.decided, d.because)
        for d in differences
        for rater, value, reason in d.ratings
    )
    return Data(N_("Differences"), columns, rows)


def record_of(report: RoundReport, changes: Sequence[Wording] = ()) -> Record:
    """The record of a round's report."""
    found = report.round
    imported = _("Imported ({source}): whether it was blind was not seen by this program.", source=found.source)
    notes = (imported,) if found.source else ()
    return Record(
        number=found.number,
        rubric=f"{report.rubric.label} ({report.rubric.id})",
        raters=found.raters,
        calls=found.calls,
        opened_on=found.opened_at.date(),
        state=found.state,
        results=tuple(_result_of(one, over=bool(report.last)) for one in report.criteria),
        differences=tuple(_difference_of(c.criterion, split) for c in report.criteria for split in c.splits),
        changes=tuple(changes),
        notes=(*notes, f"{report.sentence}.", *map(_leniency, report.raters)),
    )


def reworded(before: Rubric, after: Rubric) -> list[Wording]:
    """Criteria whose description differs between two rubrics, by id."""
    pairs = [(old, after.criterion(old.id)) for old in before.criteria]
    return [Wording(o.name, o.description, n.description) for o, n in pairs if n and n.description != o.description]


def _leniency(rater: RaterReport) -> str:
    if not isinstance(rater.leniency, Estimate):
        why = retold(rater.leniency.undefined)
        return _("How {rater} rates against the others is not known ({why}).", rater=rater.rater, why=why)
    by = read(rater.leniency, "points", "call")
    return _("Against the others {rater} rates by {by}.", rater=rater.rater, by=by)


def _result_of(found: CriterionReport, *, over: bool) -> CriterionResult:
    state = found.state
    return CriterionResult(
        found.criterion.id,
        found.criterion.name,
        state.verdict,
        state.calibration.agreement if state.calibration else Undefined(undefined="not rated"),
        state.calibration.chance_corrected if state.calibration else Undefined(undefined="not rated"),
        (*map(retold, state.reasons), *([state.means.rstrip(".")] if state.means else ())),
        "" if over else state.next_step,
        found.counted,
        state.counted,
    )


def _difference_of(criterion: Criterion, split: Split) -> Difference:
    decided = split.adjudication
    return Difference(
        criterion.name,
        split.call,
        tuple((r.rater, outcome_words(r.judgement, criterion), r.reason) for r in split.ratings),
        "" if decided is None else outcome_words(decided.judgement, criterion),
        "" if decided is None else f"{decided.reason} ({decided.by})",
    )
