"""From codings to patterns: which codings count, how far the analysts agree, and what the counts mean."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from agent.core.errors import Advice, InputError, NotFound
from agent.core.language import N_
from agent.core.statistic import Statistic, Undefined
from agent.interviews.model import Interview
from agent.patterns.model import Codebook, CodebookEntry, Coding, Evidence, Extraction, Observation, Pattern, PatternSet
from agent.stats import contrast
from agent.stats.agreement.kappas import cohen_kappa
from agent.stats.contrast import Contrast, Counts, PatternVerdict
from agent.stats.intervals import clopper_pearson
from agent.stats.rating_table import rating_table

CellKey = tuple[str, str]  # entry, interview
MOST_EVIDENCE = 1  # quotes shown for one interview


def by_cell(codings: Iterable[Coding]) -> dict[CellKey, dict[str, Coding]]:
    """Codings grouped by entry and interview, then by reader."""
    cells: dict[CellKey, dict[str, Coding]] = {}
    for coding in codings:
        cells.setdefault((coding.entry, coding.interview), {})[coding.reader] = coding
    return cells


def differ(cell: Mapping[str, Coding]) -> bool:
    """Whether the two analysts leave a cell undecided: they disagree, or a claimed quote was not found."""
    a, b = cell["analyst_a"], cell["analyst_b"]
    return a.present != b.present or bool(a.problem or b.problem)


def decided(cell: Mapping[str, Coding]) -> Coding | None:
    """The coding that counts: one that follows from an edit, else a person's, else the analysts' if they agree, else
    the adjudicator's, else none."""
    for reader in ("edit", "person"):
        if reader in cell:
            return cell[reader]
    if "analyst_a" not in cell or "analyst_b" not in cell:
        return None
    if differ(cell):
        third = cell.get("adjudicator")
        return None if third is None or third.problem else third
    return cell["analyst_a"]


def conclude(
    codebook: Codebook,
    codings: Sequence[Coding],
    interviews: Sequence[Interview],
    observations: Sequence[Observation],
    unlocated: int,
) -> PatternSet:
    """Every entry of the codebook with its counts, agreement and verdict, the most telling first.

    A cell that nobody decided is in neither count nor denominator.
    """
    book = codebook.id
    cells = by_cell(c for c in codings if c.codebook == book)
    outcome = {i.id: i.outcome for i in interviews}
    counting = {key: decided(cell) for key, cell in cells.items() if key[1] in outcome}
    settled = {key: coding for key, coding in counting.items() if coding is not None}
    counts = [_counts_of(entry, settled, outcome) for entry in codebook.entries]
    contrasts = contrast.contrasts(counts)
    noted = {o.id: o for o in observations}
    patterns = [
        _pattern(entry, cells, settled, counted, against, noted)
        for entry, counted, against in zip(codebook.entries, counts, contrasts, strict=True)
    ]
    patterns.sort(key=lambda p: (_RANK[p.verdict], -abs(p.contrast.probability_won - 0.5), p.id))
    by_id = {entry.id: counted for entry, counted in zip(codebook.entries, counts, strict=True)}
    return PatternSet(
        codebook=book,
        interviews=tuple(sorted(outcome)),
        patterns=tuple(patterns),
        expected_false=contrast.expected_false(counts),
        moments=concentration(patterns),
        unlocated=unlocated + sum(bool(c.problem) for c in codings),
        confirm={
            p.id: needed
            for p in patterns
            if p.side != "none" and (needed := contrast.interviews_to_confirm(by_id[p.id], len(patterns))) is not None
        },
    )


_RANK = {verdict: rank for rank, verdict in enumerate(get_args(PatternVerdict))}


def _counts_of(entry: CodebookEntry, settled: Mapping[CellKey, Coding], outcome: Mapping[str, str]) -> Counts:
    present = Counter(outcome[i] for (e, i), coding in settled.items() if e == entry.id and coding.present)
    read = Counter(outcome[i] for (e, i) in settled if e == entry.id)
    return Counts(present["won"], read["won"], present["lost"], read["lost"])


def _pattern(
    entry: CodebookEntry,
    cells: Mapping[CellKey, Mapping[str, Coding]],
    settled: Mapping[CellKey, Coding],
    counts: Counts,
    against: Contrast,
    noted: Mapping[str, Observation],
) -> Pattern:
    mine = {interview: cell for (e, interview), cell in sorted(cells.items()) if e == entry.id}
    pairs = [
        (c["analyst_a"].present, c["analyst_b"].present) for c in mine.values() if {"analyst_a", "analyst_b"} <= set(c)
    ]
    agreement, kappa = _agreement(pairs)
    present = [c for (e, _), c in sorted(settled.items()) if e == entry.id and c.present]
    # The entry's moments, most observed first; in the order of the merge where observations are not known.
    seen = Counter(noted[o].moment for o in entry.observations if o in noted)
    ranked = [moment for moment, _ in seen.most_common() if moment in entry.moments]
    moments = tuple(dict.fromkeys([*ranked, *entry.moments]))
    return Pattern(
        id=entry.id,
        name=entry.name,
        behavior=entry.behavior,
        verdict=contrast.verdict(counts, against.probability_won),
        moments=moments,
        won=contrast.prevalence(counts.won, counts.won_of),
        lost=contrast.prevalence(counts.lost, counts.lost_of),
        contrast=against,
        agreement=agreement,
        kappa=kappa,
        adjudicated=sum("adjudicator" in c or "person" in c for c in mine.values()),
        evidence=tuple(Evidence(interview=c.interview, quote=q) for c in present for q in c.quotes[:MOST_EVIDENCE]),
        flaws=entry.flaws,
    )


def _agreement(pairs: Sequence[tuple[bool, bool]]) -> tuple[Statistic, Statistic]:
    """Plain agreement of the analysts with its exact interval, and Cohen's kappa, over interviews."""
    if not pairs:
        nobody = Undefined(undefined=N_("no interview was read by both analysts"))
        return nobody, nobody
    table = rating_table([[int(a), int(b)] for a, b in pairs], (0, 1), "nominal")
    return clopper_pearson(sum(a == b for a, b in pairs), len(pairs)), cohen_kappa(table)


def concentration(patterns: Sequence[Pattern]) -> tuple[tuple[str, int], ...]:
    """The moments at which the distinguishing patterns concentrate, most frequent first: each pattern counts for its
    first moment."""
    seen = Counter(p.moments[0] for p in patterns if p.distinguishing)
    return tuple(sorted(seen.items(), key=lambda pair: (-pair[1], pair[0])))


def decide_by_person(
    extraction: Extraction, interviews: Sequence[Interview], entry: str, interview: str, present: bool, reason: str
) -> Extraction:
    """The extraction after a person decided one cell. NotFound for an unknown pattern or interview.

    If the pattern is present, the quotes that an analyst located are kept; InputError if nobody has found any.
    """
    cell = by_cell(extraction.codings).get((entry, interview))
    if cell is None:
        advice = Advice(command="patterns list", page="/patterns")
        raise NotFound(f"there is no pattern {entry!r} in interview {interview!r}", advice=advice)
    quotes = tuple(dict.fromkeys(q for c in cell.values() for q in c.quotes))
    if present and not quotes:
        raise InputError(f"no reader has quoted a passage of {interview} for {entry}: a presence needs one")
    decision = Coding(
        codebook=extraction.codebook.id,
        entry=entry,
        interview=interview,
        reader="person",
        present=present,
        quotes=quotes if present else (),
        reason=reason,
    )
    kept = tuple(c for c in extraction.codings if (c.entry, c.interview, c.reader) != (entry, interview, "person"))
    codings = (*kept, decision)
    patterns = conclude(extraction.codebook, codings, interviews, extraction.observations, len(extraction.unlocated))
    return extraction.model_copy(update={"codings": codings, "patterns": patterns})
