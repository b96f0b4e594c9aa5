"""Patterns as they are looked at: verdicts in words, both analysts side by side, what is still to be decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.core.statistic import chance
from agent.interviews.store import Interviews

if TYPE_CHECKING:
    from agent.core.transcript import Quote
    from agent.interviews.model import Coding, Observation, Pattern, PatternVerdict
    from agent.patterns.edits import EditedPatterns
    from agent.patterns.edits_model import PatternEdit
    from agent.workspace import Workspace

WORDS: dict[PatternVerdict, str] = {
    "distinguishing won": "Goes with won deals",
    "distinguishing lost": "Goes with lost deals",
    "leaning won": "Leans towards won deals; not sure yet",
    "leaning lost": "Leans towards lost deals; not sure yet",
    "common": "No clear difference between won and lost",
    "too few": "Too few interviews to say",
}


@dataclass(frozen=True)
class CodingRow:
    """One extracted pattern in one interview: what each reader said, and the coding that counts (None: undecided)."""

    source: str
    source_name: str
    interview: str
    outcome: str
    readings: Mapping[str, Coding]
    counting: Coding | None
    differ: bool


@dataclass(frozen=True)
class HistoryLine:
    """One edit in words. `undone`: it no longer holds; `may_undo`: it holds and can be taken back."""

    edit: PatternEdit
    text: str
    undone: bool
    may_undo: bool


def in_words(pattern: Pattern) -> str:
    """What may be said of a pattern, in one sentence without its full stop."""
    won, lost = pattern.won, pattern.lost
    counted = f"{won.count} of {won.of} won and {lost.count} of {lost.of} lost interviews"
    return f"Recounted in {counted}: {chance_in_words(pattern)}"


def chance_in_words(pattern: Pattern) -> str:
    """What the counts say."""
    if pattern.verdict == "too few":
        return "too few on one side to say anything"
    if pattern.side == "none":
        return "no difference that says anything"
    won = pattern.contrast.probability_won
    shown = chance(won if pattern.side == "won" else 1 - won)
    return f"more frequent in {pattern.side} deals with a probability of {shown}"


def outcomes(space: Workspace, found: EditedPatterns) -> dict[str, str]:
    """The outcome of each interview that was read."""
    return {i.id: i.outcome for i in space.store[Interviews].all(found.raw.patterns.interviews)}


def coding_rows(found: EditedPatterns, pattern: str, outcome: Mapping[str, str]) -> list[CodingRow]:
    """How both analysts coded what a pattern comes from, undecided and differing ones first."""
    from agent.patterns.concluding import by_cell, decided, differ

    sources = found.sources[found.pattern(pattern).id]
    names = {e.id: e.name for e in found.raw.codebook.entries}
    rows = []
    for (source, interview), cell in by_cell(found.raw.codings).items():
        if source in sources:
            counting = decided(cell)
            row = CodingRow(source, names[source], interview, outcome.get(interview, ""), cell, counting, differ(cell))
            rows.append(row)
    return sorted(rows, key=lambda r: (r.counting is not None, not r.differ, r.interview, r.source))


def undecided(found: EditedPatterns) -> dict[str, int]:
    """By pattern that is in use: interviews on which the analysts differ and nobody has decided."""
    from agent.patterns.concluding import by_cell, decided

    open_cells = [source for (source, _), cell in by_cell(found.raw.codings).items() if decided(cell) is None]
    counted = {p.id: sum(s in found.sources[p.id] for s in open_cells) for p in found.extraction.patterns.patterns}
    return {ident: count for ident, count in counted.items() if count}


def observations(found: EditedPatterns, pattern: str) -> list[Observation]:
    """What the analysts noted before there was a pattern and what was then grouped into this one, by interview."""
    noted = {o.id: o for o in found.raw.observations}
    mine = [noted[o] for o in found.entry(pattern).observations if o in noted]
    return sorted(mine, key=lambda o: (o.interview, o.quote.span.turn, o.quote.span.start, o.analyst))


def history(found: EditedPatterns, pattern: str = "") -> list[HistoryLine]:
    """Edits in words, newest first; of one pattern (with what it was made of) or of all."""
    related = _related(found, pattern) if pattern else set()
    lines = []
    for edit in reversed(found.edits):
        if not pattern or _touched(found, edit) & related:
            taken_back = edit.number in found.undone
            may_undo = not taken_back and edit.change.kind != "undone"
            lines.append(HistoryLine(edit, edit_words(found, edit), taken_back, may_undo))
    return lines


def edit_words(found: EditedPatterns, edit: PatternEdit) -> str:
    """One edit as a sentence without its full stop."""
    change, names = edit.change, _names(found)
    match change.kind:
        case "renamed":
            return f"Renamed {change.pattern} to “{change.name}”"
        case "merged":
            return f"Merged {_listed([names.get(p, p) for p in change.patterns])} into “{change.name}”"
        case "split":
            return (
                f"Split “{change.name}” off {names.get(change.pattern, change.pattern)}, with "
                f"{len(change.observations)} observations; {len(change.settled)} interviews settled anew"
            )
        case "rejected":
            return f"Rejected {names.get(change.pattern, change.pattern)}: {change.reason}"
        case "undone":
            before = next((e for e in found.edits if e.number == change.edit), None)
            return f"Took back edit {change.edit}" + (f" ({before.change.kind})" if before else "")


def _names(found: EditedPatterns) -> dict[str, str]:
    names = {e.id: f"“{e.name}”" for e in found.raw.codebook.entries}
    for edit in found.edits:
        if edit.change.kind in ("merged", "split"):
            names[edit.change.into] = f"“{edit.change.name}”"
    return names


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _touched(found: EditedPatterns, edit: PatternEdit) -> set[str]:
    change = edit.change
    match change.kind:
        case "merged":
            return {*change.patterns, change.into}
        case "split":
            return {change.pattern, change.into}
        case "undone":
            before = next((e for e in found.edits if e.number == change.edit), None)
            return _touched(found, before) if before else set()
        case _:
            return {change.pattern}


def _related(found: EditedPatterns, pattern: str) -> set[str]:
    """A pattern and everything that it was made of."""
    related = {pattern, *found.sources.get(pattern, ())}
    for gone in found.gone:
        into = gone
        while into in found.gone and into not in related:
            into = found.gone[into]
        if into in related:
            related.add(gone)
    return related


@dataclass(frozen=True)
class Marked:
    """Words of an interview that count for a pattern."""

    pattern: str
    name: str
    quote: Quote


def quotes_in(found: EditedPatterns, interview: str, only: str = "") -> list[Marked]:
    """What counts for the patterns in use in one interview (for the pattern `only`, if named), in reading order."""
    from agent.patterns.concluding import by_cell, decided

    cells = by_cell(c for c in found.extraction.codings if c.interview == interview)
    names = {p.id: p.name for p in found.extraction.patterns.patterns if only in ("", p.id)}
    marks = [
        Marked(entry, names[entry], quote)
        for (entry, _), cell in cells.items()
        if entry in names and (counting := decided(cell)) is not None and counting.present
        for quote in counting.quotes
    ]
    return sorted(marks, key=lambda m: (m.quote.span.turn, m.quote.span.start, m.name))
