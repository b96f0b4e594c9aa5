"""Patterns as they are shown outside: what was found, how it was coded, what people decided and changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from agent.app.view import View
from agent.core.errors import Advice, NotFound
from agent.core.language import N_, _
from agent.core.statistic import Estimate, Undefined, chance
from agent.core.transcript import Quote
from agent.core.wording import fixed
from agent.interviews.views import QuotedView
from agent.patterns.concluding import by_cell, decided, differ
from agent.patterns.edits import EditedPatterns, RejectedPattern, to_settle
from agent.patterns.model import Analyst, Coding, Merged, Observation, Pattern, PatternEdit, PatternSet, Split, Subject
from agent.patterns.store import Extractions
from agent.patterns.updating import Age
from agent.stats.contrast import GUIDE_SHARE, Contrast, PatternVerdict, Prevalence
from agent.workspace import Workspace

VERDICTS: dict[PatternVerdict, str] = {
    "distinguishing won": N_("Goes with won deals"),
    "distinguishing lost": N_("Goes with lost deals"),
    "leaning won": N_("Leans towards won deals; not sure yet"),
    "leaning lost": N_("Leans towards lost deals; not sure yet"),
    "common": N_("Frequent in won and lost deals alike"),
    "too few": N_("Too few interviews to say"),
}


ENOUGH = N_(
    "enough in about 86 of 100 cases where the truth is 70 % against 30 %, in about 56 where it is 60 % against 30 %"
)
"""The power of the number of interviews that is said to confirm a pattern: docs/method/verdicts.md, part Patterns."""


def patterns_worth(patterns: PatternSet) -> str:
    """What the verdicts are worth, in words."""
    named = [p for p in patterns.patterns if p.distinguishing]
    surviving = sum(p.contrast.p_holm <= 0.05 for p in named)
    text = _(
        "{named} of {patterns} behaviors are called distinguishing. If none made any difference, "
        "chance alone would name about {value}. Allowing for all {patterns} at once, {surviving} of them are beyond "
        "luck; of the others more interviews have to show it.",
        named=len(named),
        patterns=len(patterns.patterns),
        value=fixed(patterns.expected_false.value, 1),
        surviving=surviving,
    )
    needed = [patterns.confirm[p.id] for p in named if p.id in patterns.confirm]
    if needed:
        text += " " + _(
            "To be as sure of each on its own takes {needed} to {needed_2} interviews of each outcome, {enough}.",
            needed=min(needed),
            needed_2=max(needed),
            enough=_(ENOUGH),
        )
    return text


def moments_line(patterns: PatternSet) -> str:
    """Where the distinguishing patterns concentrate, in words."""
    if not patterns.moments:
        return _("No behavior is distinguishing, so there is no moment to coach first.")
    # A moment that ties with the fourth is not one of the best three.
    fourth = patterns.moments[3][1] if len(patterns.moments) > 3 else 0
    top = [m for m in patterns.moments[:3] if m[1] > fourth] or list(patterns.moments[:3])
    total, inside = (sum(count for _, count in part) for part in (patterns.moments, top))
    named = ", ".join(f"{moment} ({count})" for moment, count in top)
    return _(
        "Moments: {named}; they hold {inside} of {total} distinguishing behaviors.",
        named=named,
        inside=inside,
        total=total,
    )


def verdict_words(pattern: Pattern) -> str:
    """The verdict for people. Only what is frequent on both sides explains nothing; of the rest it cannot be told."""
    often = [one.of and one.count / one.of >= GUIDE_SHARE for one in (pattern.won, pattern.lost)]
    if pattern.verdict == "common" and not all(often):
        return _("No clear difference: cannot tell")
    return _(VERDICTS[pattern.verdict])


def chance_in_words(pattern: Pattern) -> str:
    """What the counts of a pattern say."""
    if pattern.verdict == "too few":
        return _("too few on one side to say anything")
    if pattern.side == "none":
        return _("no difference that says anything")
    won = pattern.contrast.probability_won
    shown = chance(won if pattern.side == "won" else 1 - won)
    if pattern.side == "won":
        return _("more frequent in won deals: the counts make that {value} sure", value=shown)
    return _("more frequent in lost deals: the counts make that {value} sure", value=shown)


def told_in_words(pattern: Pattern) -> str:
    """In brackets, in how many interviews a pattern is only told by the interviewer; empty where in none."""
    return _(" ({n} only as told by the interviewer)", n=pattern.only_told) if pattern.only_told else ""


class RejectionView(View):
    """Why a pattern is not used."""

    reason: str
    by: str
    at: datetime
    edit: int

    @classmethod
    def of(cls, rejected: RejectedPattern) -> RejectionView:
        return super().of(rejected.edit, reason=rejected.reason, edit=rejected.edit.number)


class PatternView(View):
    """A behavior with its prevalence by outcome, as people edited it."""

    id: str
    name: str
    behavior: str
    verdict: PatternVerdict
    verdict_in_words: str
    chance_in_words: str
    in_words: str
    side: Literal["won", "lost", "none"]
    moments: list[str]
    won: Prevalence
    lost: Prevalence
    contrast: Contrast
    agreement: Estimate | Undefined = Field(description="Of the two analysts, over interviews.")
    kappa: Estimate | Undefined
    adjudicated: int
    interviews_to_confirm: int | None = Field(description="Of each outcome, to confirm it on its own.")
    comes_from: list[str] = Field(description="The extracted patterns it was made of; itself where nobody edited it.")
    only_told: int = Field(description="Interviews in which only the interviewer tells it, in notes: no buyer's words.")
    undecided: int = Field(description="Interviews on which the analysts differ and nobody decided: in no count.")
    flaws: list[str]
    evidence: list[QuotedView]
    rejected: RejectionView | None

    @classmethod
    def of(cls, patterns: EditedPatterns, pattern: Pattern, undecided: Mapping[str, int]) -> PatternView:
        """`undecided` as `undecided_cells` counts it."""
        return cls(**cls.facts(patterns, pattern, undecided))

    @staticmethod
    def facts(patterns: EditedPatterns, pattern: Pattern, undecided: Mapping[str, int]) -> dict[str, Any]:
        """The values of all fields."""
        won, lost, said = pattern.won, pattern.lost, chance_in_words(pattern)
        rejected = next((r for r in patterns.rejected if r.pattern.id == pattern.id), None)
        same = ("id", "name", "behavior", "verdict", "side", "won", "lost", "contrast", "agreement", "kappa")
        return {name: getattr(pattern, name) for name in (*same, "adjudicated")} | {
            "verdict_in_words": verdict_words(pattern),
            "chance_in_words": said,
            "in_words": _(
                "Recounted in {count} of {of} won and {count_2} of {of_2} lost interviews{pattern}: {said}",
                count=won.count,
                of=won.of,
                count_2=lost.count,
                of_2=lost.of,
                pattern=told_in_words(pattern),
                said=said,
            ),
            "only_told": pattern.only_told,
            "moments": list(pattern.moments),
            "interviews_to_confirm": patterns.extraction.patterns.confirm.get(pattern.id),
            "comes_from": list(patterns.sources[pattern.id]),
            "undecided": undecided.get(pattern.id, 0),
            "flaws": list(pattern.flaws),
            "evidence": [QuotedView.of(e.interview, e.quote) for e in pattern.evidence],
            "rejected": rejected and RejectionView.of(rejected),
        }


def undecided_cells(patterns: EditedPatterns) -> dict[str, int]:
    """By pattern: interviews on which the analysts differ and nobody has decided."""
    undecided = [source for (source, _), cell in by_cell(patterns.raw.codings).items() if decided(cell) is None]
    return {p.id: sum(s in patterns.sources[p.id] for s in undecided) for p in patterns.extraction.patterns.patterns}


class MomentView(View):
    """How many distinguishing patterns have their first moment here."""

    moment: str
    patterns: int


class PatternSetView(View):
    """All patterns of the newest extraction, the most telling first, with what the verdicts are worth."""

    codebook: str
    interviews: int
    worth: str
    moments: list[MomentView]
    moments_in_words: str
    patterns: list[PatternView]
    rejected: list[PatternView] = Field(description="Not used any further; they still count in every correction.")
    last_edit: int
    since: str = Field(default="", description="What has changed since they were extracted; empty where nothing has.")
    on_neither_side: list[str] = Field(
        default_factory=list,
        description="Interviews in no count: their deal's ending counts neither as won nor as lost.",
    )

    @classmethod
    def of(cls, patterns: EditedPatterns, since: Age | None = None, neither: Sequence[str] = ()) -> PatternSetView:
        shown, undecided = patterns.extraction.patterns, undecided_cells(patterns)
        return cls(
            codebook=patterns.raw.codebook.id,
            interviews=len(shown.interviews),
            worth=patterns_worth(shown),
            moments=[MomentView(moment=moment, patterns=count) for moment, count in shown.moments],
            moments_in_words=moments_line(shown),
            patterns=[PatternView.of(patterns, p, undecided) for p in shown.patterns],
            rejected=[PatternView.of(patterns, r.pattern, undecided) for r in patterns.rejected],
            last_edit=patterns.last,
            since=since.in_words if since else "",
            on_neither_side=list(neither),
        )


class HistoryPoint(View):
    """What one extraction or update concluded about a pattern."""

    at: datetime
    interviews: int
    won: Prevalence
    lost: Prevalence
    verdict: PatternVerdict


class PatternHistory(View):
    """What each extraction and update concluded about an extracted pattern, the oldest first. Where nothing differs
    from the one before it is left out."""

    items: list[HistoryPoint]

    @classmethod
    def of(cls, space: Workspace, pattern: str) -> PatternHistory:
        """NotFound where no extraction has this pattern."""
        points: list[HistoryPoint] = []
        for at, patterns in space.store[Extractions].history():
            concluded = next((p for p in patterns.patterns if p.id == pattern), None)
            if concluded is None:
                continue
            facts = {"interviews": len(patterns.interviews), "won": concluded.won, "lost": concluded.lost}
            point = HistoryPoint(at=at, verdict=concluded.verdict, **facts)
            if not points or point.model_copy(update={"at": points[-1].at}) != points[-1]:
                points.append(point)
        if not points:
            raise NotFound(
                _("no extraction has a pattern {pattern}", pattern=repr(pattern)),
                advice=Advice(command="patterns list", page="/patterns"),
            )
        return cls(items=points)


class ObservationView(View):
    """What an analyst noted before there was a pattern."""

    id: str
    analyst: Analyst
    behavior: str
    moment: str
    subject: Subject
    quote: QuotedView

    @classmethod
    def of(cls, noted: Observation) -> ObservationView:
        return super().of(noted, quote=QuotedView.of(noted.interview, noted.quote))

    @classmethod
    def all(cls, patterns: EditedPatterns, pattern: str) -> list[ObservationView]:
        """The notes that were grouped into one pattern, by interview."""
        noted = {o.id: o for o in patterns.raw.observations}
        mine = [noted[o] for o in patterns.entry(pattern).observations if o in noted]
        mine.sort(key=lambda o: (o.interview, o.quote.span.turn, o.quote.span.start, o.analyst))
        return [cls.of(o) for o in mine]


class CodingReadingView(View):
    """What one reader said of one pattern in one interview. A `problem` says why a claimed presence does not count."""

    present: bool
    reason: str
    problem: str
    quotes: list[QuotedView]

    @classmethod
    def of(cls, coding: Coding) -> CodingReadingView:
        return super().of(coding, quotes=[QuotedView.of(coding.interview, q) for q in coding.quotes])


class CodingView(View):
    """One extracted pattern in one interview. `present` is what counts; null while nobody has decided."""

    pattern: str
    pattern_name: str
    interview: str
    outcome: str
    present: bool | None
    decided_by: str = Field(description="both analysts, adjudicator, person, or empty while nobody has decided.")
    differ: bool
    readings: dict[str, CodingReadingView] = Field(description="By analyst_a, analyst_b, adjudicator, person.")

    @classmethod
    def all(cls, patterns: EditedPatterns, pattern: str, outcomes: Mapping[str, str]) -> list[CodingView]:
        """How both analysts coded what a pattern comes from, undecided and differing ones
        first. `outcomes` by interview."""
        sources = patterns.sources[patterns.pattern(pattern).id]
        names = {e.id: e.name for e in patterns.raw.codebook.entries}
        rows = []
        for (source, interview), cell in by_cell(patterns.raw.codings).items():
            if source in sources:
                counting = decided(cell)
                by = counting.reader if counting else ""
                rows.append(
                    cls(
                        pattern=source,
                        pattern_name=names[source],
                        interview=interview,
                        outcome=outcomes.get(interview, ""),
                        present=counting.present if counting else None,
                        decided_by="both analysts" if by == "analyst_a" else by,
                        differ=differ(cell),
                        readings={reader: CodingReadingView.of(coding) for reader, coding in cell.items()},
                    )
                )
        return sorted(rows, key=lambda r: (r.present is not None, not r.differ, r.interview, r.pattern))


class EditView(View):
    """One edit in words. `pattern` is the one it made or changed; `undone`: it no longer holds."""

    number: int
    kind: str
    pattern: str
    text: str
    by: str
    at: datetime
    undone: bool
    may_undo: bool

    @classmethod
    def of(cls, patterns: EditedPatterns, edit: PatternEdit) -> EditView:
        undone = edit.number in patterns.undone
        return super().of(
            edit,
            kind=edit.change.kind,
            text=_edit_in_words(patterns, edit),
            undone=undone,
            may_undo=not undone and edit.change.kind != "undone",
        )

    @classmethod
    def all(cls, patterns: EditedPatterns, pattern: str = "") -> list[EditView]:
        """Newest first; of one pattern (with what it was made of) or of all."""
        related = _related(patterns, pattern)
        edits = [e for e in reversed(patterns.edits) if not pattern or _touched(patterns, e) & related]
        return [cls.of(patterns, edit) for edit in edits]


class EditList(View):
    """All edits, newest first."""

    items: list[EditView]


def _edit_in_words(patterns: EditedPatterns, edit: PatternEdit) -> str:
    names = {e.id: f"“{e.name}”" for e in patterns.raw.codebook.entries}
    for other in patterns.edits:
        if isinstance(other.change, Merged | Split):
            names[other.change.into] = f"“{other.change.name}”"
    change = edit.change
    match change.kind:
        case "renamed":
            return _("Renamed {pattern} to “{name}”", pattern=change.pattern, name=change.name)
        case "merged":
            *first, last = [names.get(p, p) for p in change.patterns]
            return _("Merged {first} and {last} into “{name}”", first=", ".join(first), last=last, name=change.name)
        case "split":
            return _(
                "Split “{name}” off {pattern}, with {observations} observations; {settled} interviews settled anew",
                name=change.name,
                pattern=names.get(change.pattern, change.pattern),
                observations=len(change.observations),
                settled=len(change.settled),
            )
        case "rejected":
            return _(
                "Rejected {pattern}: {reason}", pattern=names.get(change.pattern, change.pattern), reason=change.reason
            )
        case "undone":
            before = next((e for e in patterns.edits if e.number == change.edit), None)
            return _("Took back edit {edit}", edit=change.edit) + (f" ({before.change.kind})" if before else "")


def _touched(patterns: EditedPatterns, edit: PatternEdit) -> set[str]:
    """The patterns that an edit is about."""
    change = edit.change
    match change.kind:
        case "merged":
            return {*change.patterns, change.into}
        case "split":
            return {change.pattern, change.into}
        case "undone":
            before = next((e for e in patterns.edits if e.number == change.edit), None)
            return _touched(patterns, before) if before else set()
        case _:
            return {change.pattern}


def _related(patterns: EditedPatterns, pattern: str) -> set[str]:
    """A pattern and everything that it was made of."""
    related = {pattern, *patterns.sources.get(pattern, ())}
    for gone in patterns.gone:
        into = gone
        while into in patterns.gone and into not in related:
            into = patterns.gone[into]
        if into in related:
            related.add(gone)
    return related


class PatternDetail(PatternView):
    """A pattern with what it rests on."""

    split: bool = Field(description="A split made it: a person settled its interviews, no analyst coded it on its own.")
    observations: list[ObservationView]
    codings: list[CodingView]
    edits: list[EditView] = Field(description="Of it and of what it was made of, newest first.")

    @classmethod
    def made(cls, patterns: EditedPatterns, ident: str, outcomes: Mapping[str, str]) -> PatternDetail:
        """The pattern `ident`, rejected or not. `outcomes` by interview. NotFound says where a merged one went."""
        return cls(
            **cls.facts(patterns, patterns.pattern(ident), undecided_cells(patterns)),
            split=ident in patterns.halves,
            observations=ObservationView.all(patterns, ident),
            codings=CodingView.all(patterns, ident, outcomes),
            edits=EditView.all(patterns, ident),
        )


class Marked(View):
    """Words of an interview that count for a pattern."""

    pattern: str
    name: str
    quote: Quote

    @classmethod
    def all(cls, patterns: EditedPatterns, interview: str, only: str = "") -> list[Marked]:
        """What counts for the patterns in use in one interview (for `only`, if named), in reading order."""
        cells = by_cell(c for c in patterns.extraction.codings if c.interview == interview)
        names = {p.id: p.name for p in patterns.extraction.patterns.patterns if only in ("", p.id)}
        marks = [
            cls(pattern=entry, name=names[entry], quote=quote)
            for (entry, _), cell in cells.items()
            if entry in names and (counting := decided(cell)) is not None and counting.present
            for quote in counting.quotes
        ]
        return sorted(marks, key=lambda m: (m.quote.span.turn, m.quote.span.start, m.name))


class SplitQuestion(View):
    """One interview of a pattern that is to be split: its notes and, where it is to be settled, what counts so far."""

    interview: str
    outcome: str
    notes: list[ObservationView]
    settle: bool
    undecided: bool
    quotes: list[QuotedView]

    @classmethod
    def all(cls, patterns: EditedPatterns, pattern: str, outcomes: Mapping[str, str]) -> list[SplitQuestion]:
        noted = ObservationView.all(patterns, pattern)
        settle = to_settle(patterns, pattern)
        return [
            cls(
                interview=interview,
                outcome=outcomes.get(interview, ""),
                notes=[o for o in noted if o.quote.interview == interview],
                settle=interview in settle,
                undecided=settle.get(interview) is None,
                quotes=[QuotedView.of(interview, q) for q in coding.quotes]
                if (coding := settle.get(interview))
                else [],
            )
            for interview in sorted({o.quote.interview for o in noted} | settle.keys())
        ]
