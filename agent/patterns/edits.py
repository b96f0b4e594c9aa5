"""Edits applied to an extraction: entries and codings are rewritten, then everything is counted anew by `conclude`.

What a merge means for one interview: present where any part is, absent where all are, else undecided. What a split
means: absent where the old pattern was absent; where it was present, what the person settled for each half.

Edits are made after the counts were seen. So a rejected pattern stays in every correction for many patterns: leaving
it out would make the others look surer than they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from agent.core.errors import Advice, InputError, NotFound
from agent.core.transcript import Quote
from agent.interviews.model import Interview
from agent.patterns.concluding import CellKey, by_cell, concentration, conclude, decided
from agent.patterns.model import (
    Codebook,
    CodebookEntry,
    Coding,
    Extraction,
    Merged,
    Observation,
    Pattern,
    PatternEdit,
    Rejected,
    Renamed,
    Split,
    Undone,
)

CellCodings = dict[str, Coding]


@dataclass(frozen=True)
class RejectedPattern:
    """A rejected pattern, with the edit that gives the reason."""

    pattern: Pattern
    reason: str
    edit: PatternEdit


@dataclass(frozen=True)
class EditedPatterns:
    """An extraction with its edits applied.

    `extraction` is the edited one, without rejected patterns; `raw` the stored one. `sources` names for each pattern
    the extracted patterns it comes from, `gone` for each pattern that was merged away the one it went into, `halves`
    the patterns that a split made (both sides).
    """

    raw: Extraction
    extraction: Extraction
    rejected: tuple[RejectedPattern, ...]
    sources: Mapping[str, tuple[str, ...]]
    gone: Mapping[str, str]
    halves: frozenset[str]
    edits: tuple[PatternEdit, ...]

    @property
    def undone(self) -> frozenset[int]:
        """Numbers of edits that no longer hold."""
        return undone(self.edits)

    @property
    def last(self) -> int:
        """The number of the newest edit; 0 if there is none."""
        return self.edits[-1].number if self.edits else 0

    @property
    def every(self) -> tuple[Pattern, ...]:
        """All patterns, including rejected ones."""
        return (*self.extraction.patterns.patterns, *(r.pattern for r in self.rejected))

    def pattern(self, ident: str) -> Pattern:
        """The pattern with that id, rejected or not. NotFound says where a merged one went."""
        pattern = next((p for p in self.every if p.id == ident), None)
        if pattern is None:
            merged = f"; it was merged into {self.gone[ident]}" if ident in self.gone else ""
            advice = Advice(command="patterns list", page="/patterns")
            raise NotFound(f"there is no pattern {ident!r}{merged}", advice=advice)
        return pattern

    def entry(self, ident: str) -> CodebookEntry:
        return next(e for e in self.extraction.codebook.entries if e.id == self.pattern(ident).id)


def undone(edits: Sequence[PatternEdit]) -> frozenset[int]:
    """The numbers of edits that were taken back."""
    return frozenset(e.change.edit for e in edits if isinstance(e.change, Undone))


@dataclass
class _Work:
    """The state while edits are applied one after another."""

    entries: dict[str, CodebookEntry]
    cells: dict[CellKey, CellCodings]
    noted: Mapping[str, Observation]
    sources: dict[str, tuple[str, ...]]
    gone: dict[str, str] = field(default_factory=dict)
    halves: set[str] = field(default_factory=set)
    rejected: dict[str, tuple[str, PatternEdit]] = field(default_factory=dict)

    def entry(self, ident: str) -> CodebookEntry:
        if ident not in self.entries:
            hint = f"; it was merged into {self.gone[ident]}" if ident in self.gone else ""
            raise NotFound(f"there is no pattern {ident!r}{hint}")
        return self.entries[ident]

    def new(self, ident: str) -> None:
        if ident in self.entries or ident in self.gone:
            raise InputError(f"there is or was a pattern {ident!r} already; give the new one another id")

    def of(self, entry: str) -> dict[str, CellCodings]:
        return {interview: cell for (e, interview), cell in self.cells.items() if e == entry}


def edited(extraction: Extraction, interviews: Sequence[Interview], edits: Sequence[PatternEdit]) -> EditedPatterns:
    """`extraction` after `edits` (oldest first). NotFound and InputError if an edit does not fit the state before it.

    Without a valid edit everything is as it was stored, ids too.
    """
    back = undone(edits)
    holding = [e for e in edits if e.number not in back and not isinstance(e.change, Undone)]
    work = _Work(
        entries={e.id: e for e in extraction.codebook.entries},
        cells=dict(by_cell(extraction.codings)),
        noted={o.id: o for o in extraction.observations},
        sources={e.id: (e.id,) for e in extraction.codebook.entries},
    )
    for edit in holding:
        _apply(work, edit)
    counted = _counted_anew(extraction, interviews, work) if holding else extraction
    kept = tuple(p for p in counted.patterns.patterns if p.id not in work.rejected)
    left_out = tuple(
        RejectedPattern(p, *work.rejected[p.id]) for p in counted.patterns.patterns if p.id in work.rejected
    )
    if left_out:
        shown = counted.patterns.model_copy(update={"patterns": kept, "moments": concentration(kept)})
        counted = counted.model_copy(update={"patterns": shown})
    return EditedPatterns(extraction, counted, left_out, work.sources, work.gone, frozenset(work.halves), tuple(edits))


def _counted_anew(extraction: Extraction, interviews: Sequence[Interview], work: _Work) -> Extraction:
    codebook = Codebook(entries=tuple(work.entries.values()))
    ident = codebook.id
    codings = tuple(
        coding.model_copy(update={"codebook": ident, "entry": entry})
        for (entry, _), cell in work.cells.items()
        for coding in cell.values()
    )
    patterns = conclude(codebook, codings, interviews, extraction.observations, len(extraction.unlocated))
    return extraction.model_copy(update={"codebook": codebook, "codings": codings, "patterns": patterns})


def _apply(work: _Work, edit: PatternEdit) -> None:
    change = edit.change
    match change:
        case Renamed():
            work.entries[change.pattern] = work.entry(change.pattern).model_copy(update={"name": change.name})
        case Merged():
            _merge(work, change)
        case Split():
            _split(work, change)
        case Rejected():
            work.entry(change.pattern)
            if change.pattern in work.rejected:
                raise InputError(f"{change.pattern} is rejected already")
            work.rejected[change.pattern] = (change.reason, edit)
        case Undone():
            return
        case _:
            assert_never(change)


def _merge(work: _Work, change: Merged) -> None:
    parts = [work.entry(ident) for ident in dict.fromkeys(change.patterns)]
    if len(parts) < 2:
        raise InputError("a merge takes two patterns or more")
    if refused := [p.id for p in parts if p.id in work.rejected]:
        raise InputError(f"{refused[0]} is rejected; take that back before it is merged")
    work.new(change.into)
    cells = [work.of(part.id) for part in parts]
    for interview in sorted({i for part in cells for i in part}):
        work.cells[change.into, interview] = _merged_cell(
            change.into, parts, [part.get(interview, {}) for part in cells]
        )
    for part in parts:
        del work.entries[part.id]
        work.gone[part.id] = change.into
        work.cells = {key: cell for key, cell in work.cells.items() if key[0] != part.id}
    work.entries[change.into] = CodebookEntry(
        id=change.into,
        name=change.name,
        behavior=change.behavior,
        moments=tuple(dict.fromkeys(m for part in parts for m in part.moments)),
        observations=tuple(dict.fromkeys(o for part in parts for o in part.observations)),
    )
    work.sources[change.into] = tuple(dict.fromkeys(s for part in parts for s in work.sources.pop(part.id)))


def _merged_cell(into: str, parts: Sequence[CodebookEntry], cells: Sequence[CellCodings]) -> CellCodings:
    """One interview's codings of the parts as codings of the whole: an analyst who sees any part sees the whole."""
    merged: CellCodings = {}
    for reader in ("analyst_a", "analyst_b"):
        mine = [cell[reader] for cell in cells if reader in cell]
        if len(mine) == len(cells):
            merged[reader] = _either(into, mine)
    counting = [decided(cell) for cell in cells]
    settled = [c for c in counting if c is not None]
    if not any(c.present for c in settled) and len(settled) < len(cells):
        return merged
    # Who decided on a part stays on record, but what counts for the whole is what follows from all of them.
    for reader in ("adjudicator", "person"):
        mine = [cell[reader] for cell in cells if reader in cell]
        if mine:
            merged[reader] = _either(into, mine)
    said = [
        f"{p.name}: {'present' if c.present else 'absent'}" if c else f"{p.name}: not decided"
        for p, c in zip(parts, counting, strict=True)
    ]
    merged["edit"] = _either(into, settled).model_copy(
        update={"reader": "edit", "reason": "merged from " + "; ".join(said), "problem": ""}
    )
    return merged


def _either(into: str, codings: Sequence[Coding]) -> Coding:
    present = [c for c in codings if c.present]
    return codings[0].model_copy(
        update={
            "entry": into,
            "present": bool(present),
            "quotes": tuple(dict.fromkeys(q for c in present for q in c.quotes)),
            "reason": " / ".join(dict.fromkeys(c.reason for c in present or codings if c.reason)),
            "problem": "" if present else "; ".join(dict.fromkeys(c.problem for c in codings if c.problem)),
        }
    )


def _split(work: _Work, change: Split) -> None:
    entry = work.entry(change.pattern)
    if entry.id in work.rejected:
        raise InputError(f"{entry.id} is rejected; take that back before it is split")
    work.new(change.into)
    strange = sorted(set(change.observations) - set(entry.observations))
    if strange:
        raise InputError(f"{strange[0]} is no observation of {entry.id}")
    if set(change.observations) == set(entry.observations):
        raise InputError(f"all observations of {entry.id} would go: rename it, or leave some with it")
    going = tuple(o for o in entry.observations if o in change.observations)
    staying = tuple(o for o in entry.observations if o not in going)
    stays = {s.interview: s.stays for s in change.settled}
    goes = {s.interview: s.goes for s in change.settled}
    for interview, cell in work.of(entry.id).items():
        for half, observations, answers in ((entry.id, staying, stays), (change.into, going, goes)):
            said = tuple(one.quote for i in observations if (one := work.noted.get(i)) and one.interview == interview)
            work.cells.pop((half, interview), None)
            if mine := _half_cell(cell, half, answers.get(interview), said):
                work.cells[half, interview] = mine
    work.entries[entry.id] = entry.model_copy(update={"observations": staying})
    work.entries[change.into] = CodebookEntry(
        id=change.into, name=change.name, behavior=change.behavior, moments=entry.moments, observations=going
    )
    work.sources[change.into] = work.sources[entry.id]
    work.halves |= {entry.id, change.into}


def _half_cell(cell: CellCodings, half: str, answer: bool | None, said: Sequence[Quote]) -> CellCodings:
    """The coding of one half of a split in one interview: the person's answer, or absent if the whole was absent."""
    counting = decided(cell)
    if answer is None and (counting is None or counting.present):
        return {}
    facts: dict[str, object] = {"reader": "person", "present": bool(answer), "reason": "settled when it was split"}
    if answer is None:
        facts = {"reader": "edit", "present": False, "reason": "absent before it was split"}
    quotes = tuple(dict.fromkeys([*said, *quoted(cell)])) if answer else ()
    base = counting or next(iter(cell.values()))
    made = base.model_copy(update={"entry": half, "problem": "", "request": "", "quotes": quotes, **facts})
    return {made.reader: made}


def quoted(cell: Mapping[str, Coding]) -> tuple[Quote, ...]:
    """The quotes of the coding that counts, else of any reader."""
    counting = decided(cell)
    if counting is not None and counting.quotes:
        return counting.quotes
    return tuple(dict.fromkeys(q for c in cell.values() for q in c.quotes))


def to_settle(patterns: EditedPatterns, pattern: str) -> dict[str, Coding | None]:
    """The interviews that a person must settle when `pattern` is split, each with the coding that counts so far."""
    cells = by_cell(c for c in patterns.extraction.codings if c.entry == pattern)
    counting = {interview: decided(cell) for (_, interview), cell in sorted(cells.items())}
    return {interview: coding for interview, coding in counting.items() if coding is None or coding.present}


def check_split(patterns: EditedPatterns, change: Split) -> None:
    """Raises InputError unless the person settled every interview in which the pattern is present and there is
    something to quote.

    An old split that is read again is not checked: what a later decision made present stays undecided in both halves.
    """
    open_ones = to_settle(patterns, change.pattern)
    settled = {s.interview: s for s in change.settled}
    if strange := sorted(set(settled) - set(open_ones)):
        raise InputError(f"{change.pattern} is not present in {strange[0]}: there is nothing to settle")
    if missing := [i for i, coding in open_ones.items() if coding is not None and i not in settled]:
        raise InputError(f"say for {', '.join(missing)} whether the behavior stays, goes, both or neither")
    cells = by_cell(c for c in patterns.extraction.codings if c.entry == change.pattern)
    noted = {
        o.interview for o in patterns.extraction.observations if o.id in patterns.entry(change.pattern).observations
    }
    for interview, answer in settled.items():
        words = interview in noted or quoted(cells[change.pattern, interview])
        if (answer.stays or answer.goes) and not words:
            raise InputError(
                f"no reader has quoted a passage of {interview} for {change.pattern}: a presence needs one"
            )
