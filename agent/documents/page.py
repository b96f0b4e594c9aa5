"""The report page: patterns, criteria, calls with their evidence, what it cost and what it was made with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent.app.documents.part import Part
from agent.app.documents.words import left_out
from agent.app.highlights import pieces
from agent.app.web.templates import environment
from agent.calibration.report import RoundReport
from agent.calls.model import Call
from agent.core.direction import Direction
from agent.core.figures import read
from agent.core.language import _, english
from agent.core.marks import state_in_words
from agent.core.statistic import Estimate
from agent.core.transcript import Span
from agent.core.wording import moment
from agent.documents.rated import outcome_words
from agent.interviews.model import Interview
from agent.patterns.model import Extraction
from agent.patterns.views import ENOUGH
from agent.profiles.heat_map import HeatMap
from agent.ratings.model import Rated, Rating
from agent.rubrics.model import Rubric, mark_sentences
from agent.scoring.views import TrialView
from agent.stats.contrast import Prevalence
from agent.stats.profiles import CriterionProfile


@dataclass(frozen=True)
class Contents:
    """What the page shows. `worth` and `moments` are sentences about the patterns, `cost` lines about spending.

    `origin` says where model replies came from, `moment_names` maps moment ids to names. `notes` are sentences on what
    the ratings are worth: where the rubric stands, what is withheld. `calibration` holds the rounds that gave a result,
    oldest first; `after` the sections after the scores. `trial` is left out where no criterion was tried;
    `trial_of_draft` is that of the rubric before it was made to fit, `trial_anew` that of `anew`, drafted from the same
    patterns with a newer prompt. Of `of_calls` calls the newest are shown; `ratings_of` says of how many of the newest
    calls the ratings are, where they are not of all.
    """

    title: str
    made_at: datetime
    interviews: Sequence[Interview]
    extraction: Extraction
    worth: str
    moments: str
    rubric: Rubric
    calls: Sequence[Call]
    of_calls: int
    ratings: Sequence[Rating]
    ratings_of: int
    figures: HeatMap
    cost: Sequence[Mapping[str, Any]]
    origin: str
    moment_names: Mapping[str, str]
    notes: Sequence[str] = ()
    calibration: Sequence[RoundReport] = ()
    after: Sequence[Part] = ()
    trial: TrialView | None = None
    trial_of_draft: TrialView | None = None
    anew: Rubric | None = None
    trial_anew: TrialView | None = None


def render(contents: Contents) -> str:
    """The page as HTML text. Nothing in it is loaded from elsewhere; all text of transcripts is escaped."""
    return (
        environment(not english())
        .get_template("documents/report.html")
        .render(
            c=contents,
            patterns=[_pattern(p, contents) for p in contents.extraction.patterns.patterns],
            team=_team(contents),
            marked=mark_sentences(contents.rubric, contents.figures.marks),
            calls=[_call(call, contents) for call in contents.calls],
            interviews=[_interview(i, contents) for i in contents.interviews],
            criteria={criterion.id: criterion for criterion in contents.rubric.criteria},
            provenance=_provenance(contents),
            moment=moment,
            outcome=outcome_words,
            enough=_(ENOUGH),
            statuses=_statuses(contents.ratings),
        )
    )


def _bar(found: Prevalence) -> dict[str, Any]:
    rate = found.rate
    if not isinstance(rate, Estimate) or rate.low is None or rate.high is None:
        return {"count": found.count, "of": found.of, "known": False}
    return {
        "count": found.count,
        "of": found.of,
        "known": True,
        "rate": round(100 * rate.value),
        "low": round(100 * rate.low),
        "high": round(100 * rate.high),
    }


def _pattern(pattern: Any, contents: Contents) -> dict[str, Any]:
    return {
        "p": pattern,
        "won": _bar(pattern.won),
        "lost": _bar(pattern.lost),
        "moments": [contents.moment_names.get(m, m) for m in pattern.moments],
        "confirm": contents.extraction.patterns.confirm.get(pattern.id),
        "agreement": str(read(pattern.agreement, "rate", "interview")),
        "kappa": str(read(pattern.kappa, "number")),
    }


def _team(contents: Contents) -> dict[str, Any]:
    """Every rep on every criterion: a row a criterion, a column a rep."""
    figures = contents.figures
    found = {(row.rep, row.criterion): row for row in figures.rows()}
    rows = [
        {
            "criterion": c,
            "name": Direction.of(c).named(c.name),
            "cells": [_cell(found[rep, c.id], Direction.of(c)) for rep in figures.reps],
        }
        for c in figures.criteria
    ]
    return {"reps": figures.reps, "rows": rows, "population": figures.title}


def _cell(row: CriterionProfile, say: Direction) -> dict[str, Any]:
    out = {"left_out": left_out(row.not_applicable, row.failed)}
    if not isinstance(row.score, Estimate):
        return {"said": None, **out}
    said = read(row.score, "counted" if say.scale.binary else "level", "call", say.scale)
    return {"said": said, "state": state_in_words(row.state, say.state(row.state)), **out}


def _call(call: Call, contents: Contents) -> dict[str, Any]:
    mine = [r for r in contents.ratings if r.call == call.id]
    order = {c.id: i for i, c in enumerate(contents.rubric.criteria)}
    mine.sort(key=lambda r: order.get(r.criterion, len(order)))
    names = {c.id: c.name for c in contents.rubric.criteria}
    marks: list[tuple[Span, str]] = [
        (quote.span, names.get(r.criterion, r.criterion))
        for r in mine
        if isinstance(r.judgement, Rated)
        for quote in r.judgement.quotes
    ]
    return {
        "call": call,
        "ratings": mine,
        "turns": [{"turn": turn, "pieces": pieces(turn.text, turn.index, marks)} for turn in call.transcript.turns],
    }


def _interview(interview: Interview, contents: Contents) -> dict[str, Any]:
    marks = [
        (e.quote.span, p.name)
        for p in contents.extraction.patterns.patterns
        for e in p.evidence
        if e.interview == interview.id
    ]
    return {
        "interview": interview,
        "turns": [
            {"turn": turn, "pieces": pieces(turn.text, turn.index, marks)} for turn in interview.transcript.turns
        ],
    }


def _statuses(ratings: Sequence[Rating]) -> dict[str, int]:
    counted = {"rated": 0, "not_applicable": 0, "failed": 0}
    for rating in ratings:
        counted[rating.judgement.status] += 1
    return counted


def _provenance(contents: Contents) -> list[tuple[str, str]]:
    made = {r.provenance for r in contents.ratings}
    rows = [
        (_("Codebook"), contents.extraction.codebook.id),
        (_("Patterns"), contents.extraction.patterns.id),
        (_("Rubric"), f"{contents.rubric.label} ({contents.rubric.id})"),
        (_("Prompts of the ratings"), ", ".join(sorted({p.prompt for p in made if p.prompt}))),
        (_("Models of the ratings"), ", ".join(sorted({p.model for p in made if p.model}))),
        (_("Model replies"), contents.origin),
    ]
    return [(name, value) for name, value in rows if value]
