"""The sample measured against its answer key, from the recorded replies.

    python evals/measure_sample.py [--json]

Patterns: the demo's extraction against the behaviors planted in the 18 interviews. Calls: the team's rubric
(sample/ledgerline/rubric.yaml) on 40 calls against manual scores that were read twice. Nothing here is seen by a prompt.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.calls.intake import load_calls
from agent.core.statistic import Estimate, Statistic
from agent.core.transcript import Turn
from agent.interviews.intake import load_interviews
from agent.patterns.model import Extraction, Pattern
from agent.ratings.model import Failed, Rated, Rating
from agent.rubrics.file import read_rubric
from agent.rubrics.model import Rubric
from agent.scoring.rating import rate_call
from agent.settings import Settings
from agent.stats.agreement.kappas import cohen_kappa
from agent.stats.intervals import clopper_pearson
from agent.stats.rating_table import rating_table
from agent.text.quotes import QuoteIndex
from agent.workspace import Workspace

ROOT = Path(__file__).parents[1]
SAMPLE, KEY, RECORDINGS = ROOT / "sample/ledgerline", ROOT / "evals/answer_key/ledgerline", ROOT / "evals/recordings"
MODEL = {"CLOSEREAD_MODEL": "openai/relay"}


def space(folder: Path, recordings: str) -> Workspace:
    """A workspace in `folder` that answers from recordings."""
    url = f"sqlite:///{folder / 'closeread.db'}"
    return Workspace(Settings(folder, url, MODEL, replay=RECORDINGS / recordings))


# ── patterns ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def extraction(folder: Path) -> Extraction:
    """The demo's extraction, replayed."""
    from agent.patterns.coding import Moments
    from agent.patterns.extraction import Readers, extract
    from agent.patterns.verbs import PROMPTS

    made = space(folder, "demo")
    interviews = load_interviews(SAMPLE / "interviews", SAMPLE / "interviews/interviews.csv").loaded
    prompts = {name: made.prompt(name) for name in PROMPTS}
    async with made.roles("analyst_a", "analyst_b", "drafter") as roles:
        readers = Readers(roles["analyst_a"], roles["analyst_b"], roles["drafter"])
        moments = Moments.of(made.stages)
        return await extract(interviews, readers, prompts, moments, 16, lambda name, steps: lambda: None)


@dataclass(frozen=True)
class Match:
    """A planted behavior and the pattern that overlaps most with it, by quotes in the same turns."""

    behavior: str
    pattern: Pattern | None
    shared: int
    planted: dict[str, int]


def planted() -> tuple[dict[str, str], dict[str, dict[str, list[str]]], dict[str, str]]:
    """Behaviors, per interview their quotes, and each interview's outcome."""
    data = json.loads((KEY / "interview_behaviors.json").read_text())
    with (SAMPLE / "interviews/interviews.csv").open(newline="") as file:
        outcome = {row["interview_id"]: row["outcome"] for row in csv.DictReader(file)}
    quotes = {i: {b: found["quotes"] for b, found in behaviors.items()} for i, behaviors in data["interviews"].items()}
    return data["behaviors"], quotes, outcome


def turns_of(quotes: list[str], turns: tuple[Turn, ...]) -> set[int]:
    """Turns in which the key's quotes stand."""
    index = QuoteIndex(turns)
    return {found.span.turn for quote in quotes if not hasattr(found := index.locate(quote), "reason")}


def matched(found: Extraction) -> list[Match]:
    """For each planted behavior the pattern whose located quotes share its turns in most interviews."""
    behaviors, quotes, outcome = planted()
    interviews = {i.id: i for i in load_interviews(SAMPLE / "interviews", SAMPLE / "interviews/interviews.csv").loaded}
    present: dict[str, dict[str, set[int]]] = defaultdict(dict)
    for coding in found.codings:
        if coding.present:
            turns = {q.span.turn for q in coding.quotes}
            present[coding.entry].setdefault(coding.interview, set()).update(turns)
    result = []
    for behavior in behaviors:
        where = {
            i: turns_of(given[behavior], interviews[i].transcript.turns)
            for i, given in quotes.items()
            if behavior in given
        }
        shared = {
            p.id: sum(bool(turns & present[p.id].get(i, set())) for i, turns in where.items())
            for p in found.patterns.patterns
        }
        best = max(found.patterns.patterns, key=lambda p: (shared[p.id], -len(present[p.id])), default=None)
        if best is None or shared[best.id] * 2 < len(where):
            best = None
        counts = Counter(outcome[i] for i in where)
        result.append(Match(behavior, best, shared[best.id] if best else 0, dict(counts)))
    return result


def print_patterns(found: Extraction) -> None:
    """The table of planted behaviors and what was made of them."""
    behaviors, _, _ = planted()
    print("| planted | won, lost in the key | pattern found | won, lost found | verdict |")
    print("|---|---|---|---|---|")
    errors = []
    matches = matched(found)
    for m in matches:
        key = f"{m.planted.get('won', 0)}, {m.planted.get('lost', 0)}"
        if m.pattern is None:
            print(f"| {m.behavior} | {key} | – | – | – |")
            continue
        p = m.pattern
        print(f"| {m.behavior} | {key} | {p.id} | {p.won.count}, {p.lost.count} | {p.verdict} |")
        for side, got in (("won", p.won), ("lost", p.lost)):
            errors.append(abs(m.planted.get(side, 0) - got.count) / got.of if got.of else 1.0)
    real = [m for m in matches if m.behavior[0] in "WL"]
    sides = {"W": "won", "L": "lost"}
    named = [m for m in real if m.pattern and m.pattern.verdict == f"distinguishing {sides[m.behavior[0]]}"]
    leaning = [m for m in real if m.pattern and m.pattern.verdict == f"leaning {sides[m.behavior[0]]}"]
    noise = [m for m in matches if m.behavior[0] == "N" and m.pattern and m.pattern.side != "none"]
    used = {m.pattern.id for m in matches if m.pattern}
    extra = [p for p in found.patterns.patterns if p.id not in used and p.verdict.startswith("distinguishing")]
    print(
        f"\nOf the {len(real)} behaviors that separate won from lost: {sum(m.pattern is not None for m in real)} in the"
    )
    print(f"codebook, {len(named)} distinguishing on the right side, {len(leaning)} leaning.")
    print(f"Noise behaviors called distinguishing or leaning: {len(noise)} of {len(behaviors) - len(real)}.")
    print(f"Distinguishing patterns that were not planted: {len(extra)} ({', '.join(p.id for p in extra) or 'none'}).")
    print(
        f"Prevalence off by {sum(errors) / len(errors):.3f} on average, {max(errors):.3f} at most (n = {len(errors)})."
    )
    agreements = [p.agreement.value for p in found.patterns.patterns if isinstance(p.agreement, Estimate)]
    kappas = [p.kappa.value for p in found.patterns.patterns if isinstance(p.kappa, Estimate)]
    print(
        f"Analysts agree on {sum(agreements) / len(agreements):.3f} of cells on average over {len(agreements)} patterns;"
    )
    print(f"mean kappa {sum(kappas) / len(kappas):.3f} over {len(kappas)} where it is defined.")
    print(f"Quotes and claims refused because the words were not found: {found.patterns.unlocated}.")


# ── calls ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def ratings(folder: Path) -> tuple[list[Rating], Rubric]:
    """The team's rubric on all calls, replayed."""
    made = space(folder, "ledgerline")
    rubric = read_rubric(SAMPLE / "rubric.yaml", "ledgerline-team")
    calls = load_calls(SAMPLE / "calls", SAMPLE / "calls/calls.csv").loaded
    prompt = made.prompt("rate_call")
    async with made.roles("rater") as roles:
        rated = await asyncio.gather(*(rate_call(call, rubric, roles["rater"], prompt) for call in calls))
    return [rating for call in rated for rating in call], rubric


def manual() -> dict[tuple[str, str], tuple[int, list[str]]]:
    """The key: value and quotes by call and criterion."""
    with (KEY / "manual_scores.csv").open(newline="") as file:
        return {
            (row["call_id"], row["criterion"]): (int(row["value"]), json.loads(row["quotes"] or "[]"))
            for row in csv.DictReader(file)
        }


def interval(found: Statistic) -> str:
    """A statistic as a table cell."""
    if not isinstance(found, Estimate):
        return f"undefined ({found.undefined})"
    return f"{found.value:.2f} ({found.low:.2f}–{found.high:.2f})" if found.low is not None else f"{found.value:.2f}"


def evidence_counts(
    given: list[Rating], key: dict[tuple[str, str], tuple[int, list[str]]], shown: Any
) -> tuple[int, int, int]:
    """Quoted turns that are in the key, quoted turns in all, and the key's turns, over calls that both call shown."""
    calls = {c.id: c for c in load_calls(SAMPLE / "calls", SAMPLE / "calls/calls.csv").loaded}
    hit = said = wanted = 0
    for rating in given:
        value, quotes = key[rating.call, rating.criterion]
        judgement = rating.judgement
        if not isinstance(judgement, Rated) or not shown(judgement.value) or not shown(value) or not quotes:
            continue
        mine = {q.span.turn for q in judgement.quotes}
        theirs = turns_of(quotes, calls[rating.call].transcript.turns)
        hit, said, wanted = hit + len(mine & theirs), said + len(mine), wanted + len(theirs)
    return hit, said, wanted


def print_calls(given: list[Rating], rubric: Rubric) -> None:
    """Agreement per criterion, quoted turns, failures."""
    key = manual()
    print("| criterion | n | exact | within one | kappa | quote precision | quote recall | failed |")
    print("|---|---|---|---|---|---|---|---|")
    total = [0, 0, 0]
    for criterion in rubric.criteria:
        mine = [r for r in given if r.criterion == criterion.id]
        pairs = [(r.judgement.value, key[r.call, r.criterion][0]) for r in mine if isinstance(r.judgement, Rated)]
        failed = sum(isinstance(r.judgement, Failed) for r in mine)
        exact = clopper_pearson(sum(a == b for a, b in pairs), len(pairs))
        near = clopper_pearson(sum(abs(a - b) <= 1 for a, b in pairs), len(pairs))
        table = rating_table(pairs, criterion.levels, criterion.scale.metric)
        kappa = cohen_kappa(table, weighting="identity" if criterion.scale.binary else "quadratic")
        hit, said, wanted = evidence_counts(mine, key, criterion.shown)
        total = [total[0] + hit, total[1] + said, total[2] + wanted]
        within = "–" if criterion.scale.binary else interval(near)
        print(
            f"| {criterion.id} | {len(pairs)} | {interval(exact)} | {within} | {interval(kappa)} "
            f"| {hit}/{said} | {hit}/{wanted} | {failed} |"
        )
    print(f"\nAll criteria: quoted turns precision {total[0]}/{total[1]} = {total[0] / total[1]:.2f}, ", end="")
    print(f"recall {total[0]}/{total[2]} = {total[0] / total[2]:.2f}.")
    kinds = Counter(r.judgement.kind for r in given if isinstance(r.judgement, Failed))
    print(f"Ratings: {len(given)}; failed: {dict(kinds) or 'none'}. Kappa is quadratic on 1-5 scales.")


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["patterns", "calls"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.only != "calls":
            print("## Patterns\n")
            print_patterns(asyncio.run(extraction(Path(folder) / "a")))
        if options.only != "patterns":
            print("\n## Calls\n")
            print_calls(*asyncio.run(ratings(Path(folder) / "b")))


if __name__ == "__main__":
    main()
