"""Suites of kind `interviews`: which known behaviors a whole extraction finds, and in which interviews.

A known behavior is found by the pattern whose located quotes stand in the same turns in most of its interviews, if
that is at least half of them. Each interview and known behavior is then one case and criterion: there or not.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from agent.core.errors import ImportProblem
from agent.core.scale import BINARY
from agent.evals.references import turns_of
from agent.evals.suite import Case, Reference, Suite
from agent.evals.suite_files import SuiteFile
from agent.interviews.intake import load_interviews
from agent.interviews.model import Interview
from agent.patterns.model import Extraction
from agent.rubrics.model import Criterion
from agent.text.quotes import QuoteIndex


def interview_suite(folder: Path, file: SuiteFile) -> Suite:
    """The suite: interviews with the behaviors that are known to be in them. `extras["interviews"]` holds the
    interviews."""
    path = folder / "suite.yaml"
    if file.calls is None or not file.behaviors:
        raise ImportProblem(
            str(path), None, f"a suite of kind {file.kind} needs calls: (the interviews) and behaviors:"
        )
    intake = load_interviews((folder / file.calls.directory).resolve(), (folder / file.calls.manifest).resolve())
    if intake.problems:
        raise intake.problems[0]
    for one in intake.loaded:
        if not one.transcript.speakers_as("buyer"):
            what = f"{one.id}: nobody is heard under the name of its buyer, {one.buyer}"
            raise ImportProblem(str(path), None, what, "say it in the manifest's column speakers: Speaker 1=buyer")
    source = (folder / file.behaviors).resolve()
    data = json.loads(source.read_text(encoding="utf-8"))
    criteria = tuple(
        Criterion(id=name.lower(), name=name, description=text, scale=BINARY, speaker="any")
        for name, text in data["behaviors"].items()
    )
    interviews = {i.id: i for i in intake.loaded}
    cases = tuple(
        Case(i.id, "dev", frozenset({i.outcome}), False, _references(source, i, data["interviews"][i.id], criteria))
        for i in interviews.values()
        if i.id in data["interviews"] and i.id in (file.only or data["interviews"])
    )
    return Suite(folder.name, folder, file, criteria, cases, extras={"interviews": interviews})


def _references(
    path: Path, interview: Interview, known: Mapping[str, dict[str, list[str]]], criteria: tuple[Criterion, ...]
) -> tuple[Reference, ...]:
    references, index = [], QuoteIndex(interview.transcript.turns)
    for criterion in criteria:
        quotes = known.get(criterion.name, {}).get("quotes", [])
        where = f"{interview.id}, {criterion.name}"
        turns = turns_of(path, where, quotes, index)
        present = int(criterion.name in known)
        references.append(Reference(case=interview.id, criterion=criterion.id, value=present, turns=turns))
    return tuple(references)


def pattern_of(suite: Suite, extraction: Extraction) -> dict[str, str]:
    """For each known behavior (criterion id) the codebook entry that represents it;
    behaviors without one are left out."""
    present: dict[str, dict[str, set[int]]] = defaultdict(dict)
    for coding in extraction.codings:
        if coding.present:
            turns = {quote.span.turn for quote in coding.quotes}
            present[coding.entry].setdefault(coding.interview, set()).update(turns)
    matched = {}
    for criterion in suite.criteria:
        known = {
            r.case: set(r.turns or ())
            for case in suite.cases
            for r in case.references
            if r.criterion == criterion.id and r.value
        }
        shared = {
            entry: sum(bool(turns & where.get(case, set())) for case, turns in known.items())
            for entry, where in present.items()
        }
        best = max(shared, key=lambda entry: (shared[entry], -len(present[entry]), entry), default=None)
        if best is not None and known and shared[best] * 2 >= len(known):
            matched[criterion.id] = best
    return matched
