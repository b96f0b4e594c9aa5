"""The sample's season against what was planted in it: verdicts on movement, and what the outcome link names.

    python evals/measure_history.py

Reads sample/ledgerline/history and the rules in config/profiles.yaml. Only the comparison reads the answer key.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from agent.core.scale import SCALES  # noqa: E402
from agent.core.statistic import Estimate, Statistic  # noqa: E402
from agent.stats.deals import WON, DealFrame, wins_before_and_after  # noqa: E402
from agent.stats.frame import BoolArray, Measure, RatingFrame  # noqa: E402
from agent.stats.funnel import coach_first, funnel, funnels_by_rep  # noqa: E402
from agent.stats.gaps import find_gaps  # noqa: E402
from agent.stats.outcomes import OutcomeReport, ScorePair, outcome_links  # noqa: E402
from agent.stats.profiles import profile  # noqa: E402
from agent.stats.rules import FunnelRules, GapRules, MovementRules, OutcomeRules, ProfileRules, WeightRules  # noqa: E402
from agent.stats.tally import Tally, stack  # noqa: E402
from agent.stats.trends import MovementTable, movement  # noqa: E402
from agent.stats.weights import DealScores, propose_weights  # noqa: E402
from tests.stats.tallies import tally_days  # noqa: E402

HISTORY = ROOT / "sample/ledgerline/history"
TRUTH = ROOT / "evals/answer_key/ledgerline/planted_truth.json"
RUBRIC_SCALES = {"discovery_depth": "1-5", "objection_handling": "1-5"}
STAGES = ("lead", "meeting", "proposal", "won")
Rules = dict[str, dict[str, object]]


@dataclass(frozen=True)
class Season:
    """Everything the history says: counts in the baseline and three cycles, who was coached on what, and deals."""

    frame: RatingFrame
    baseline: Tally
    cycles: Tally
    names: tuple[str, ...]
    coached: BoolArray
    coaching: np.ndarray
    deals: DealFrame


def main() -> None:
    """Measure and print."""
    rules: Rules = yaml.safe_load((ROOT / "config/profiles.yaml").read_text(encoding="utf-8"))
    season = read_season()
    print_profiles(season, rules)
    table = movement(
        season.baseline, season.cycles, season.names, season.coached, MovementRules.model_validate(rules["movement"])
    )
    print_movement(table, json.loads(TRUTH.read_text(encoding="utf-8")))
    print_outcomes(link(season, rules))
    print_deals(season, rules)


def read_season() -> Season:
    """The three CSV files as frames."""
    ratings, plans = read("ratings.csv"), read("coaching.csv")
    criteria = sorted({row["criterion"] for row in ratings})
    frame = RatingFrame.from_columns(
        [Measure(name, SCALES[RUBRIC_SCALES.get(name, "binary")]) for name in criteria],
        rep=[row["rep"] for row in ratings],
        criterion=[row["criterion"] for row in ratings],
        call=[row["call_id"] for row in ratings],
        day=[date.fromisoformat(row["date"]) for row in ratings],
        value=[float(row["value"]) if row["value"] else None for row in ratings],
        status=[row["status"] for row in ratings],
    )
    names = tuple(sorted({row["cycle"] for row in plans}))
    windows = np.zeros((1 + len(names), len(frame.reps), 2), dtype=np.int64)
    coached = np.zeros((len(frame.reps), len(criteria)), dtype=bool)
    for row in plans:
        rep = list(frame.reps).index(row["rep"])
        ends = date.fromisoformat(row["start"]).toordinal(), date.fromisoformat(row["end"]).toordinal() + 1
        windows[1 + names.index(row["cycle"]), rep] = ends
        coached[rep, [criteria.index(name) for name in row["criteria"].split(";")]] = True
    windows[0, :, 1] = windows[1, :, 0]
    windows[0, :, 0] = windows[1, :, 0] - 30
    tally = tally_days(frame).over(windows)
    cycles = Tally(tally.reps, tally.measures, tally.levels[1:], tally.not_applicable[1:], tally.failed[1:])
    coaching = np.column_stack([windows[1, :, 0], windows[-1, :, 1]])
    return Season(frame, tally.period(0), cycles, names, coached, coaching, read_deals(frame.reps))


def read_deals(reps: object) -> DealFrame:
    """deals.csv as a frame."""
    rows = read("deals.csv")
    return DealFrame.from_columns(
        STAGES,
        rep=[row["rep"] for row in rows],
        opened=[date.fromisoformat(row["opened"]) for row in rows],
        closed=[date.fromisoformat(row["closed"]) if row["closed"] else None for row in rows],
        furthest_stage=[row["furthest_stage"] for row in rows],
        outcome=[row["outcome"] for row in rows],
        reps=reps,
    )


def read(name: str) -> list[dict[str, str]]:
    """Rows of one file of the history."""
    with (HISTORY / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def print_profiles(season: Season, rules: Rules) -> None:
    """How many reps are in which state on each criterion, and which gaps the team shares."""
    table = profile(season.baseline, ProfileRules.model_validate(rules["profiles"]))
    print(f"Baseline: {len(season.frame.reps)} reps, {len(season.frame)} ratings in all\n")
    for criterion in season.frame.criteria:
        states = Counter(row.state for row in table.rows() if row.criterion == criterion)
        print(f"  {criterion:26}", ", ".join(f"{count} {state}" for state, count in sorted(states.items())))
    gaps = find_gaps(table, GapRules.model_validate(rules["gaps"]))
    print(f"\nTeam gaps (a team without any shows one with probability {gaps.any_by_luck:.3f}):")
    for gap in gaps.team:
        print(
            f"  {gap.criterion:26} {len(gap.reps):2} of {gap.of} reps, size {gap.size:.2f}, by luck {gap.by_luck:.1e}"
        )


def print_movement(table: MovementTable, truth: dict[str, dict[str, float]]) -> None:
    """Verdicts by true lift, at each cycle and over the season, and on criteria nobody was coached on."""
    print("\nMovement of coached criteria, by true lift a cycle\n")
    print(
        "| true lift | reps | pairs | moved, cycle 1 | cycle 2 | cycle 3 | pairs ever moved | reps ever moved | not moved |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    rows = table.rows()
    for lift in sorted({t["true_lift_per_cycle"] for t in truth.values()}):
        own = [row for row in rows if truth[row.rep]["true_lift_per_cycle"] == lift]
        moved = [row for row in own if row.verdict == "moved"]
        by_cycle = Counter(row.cycle for row in moved)
        pairs, reps = len({(r.rep, r.criterion) for r in own}), len({r.rep for r in own})
        counts = " | ".join(str(by_cycle[name]) for name in table.cycles)
        ever = f"{len({(r.rep, r.criterion) for r in moved})} | {len({r.rep for r in moved})}"
        still = sum(row.verdict == "not_moved" for row in own)
        print(f"| {lift} | {reps} | {pairs} | {counts} | {ever} | {still} of {len(own)} |")
    others = [row for row in table.rows(only_coached=False) if not row.coached]
    print(f"\n  not coached: {sum(r.verdict == 'moved' for r in others)} of {len(others)} moved", end=", ")
    print(f"{sum(r.verdict == 'not_moved' for r in others)} not moved")
    print(f"  reps with a false `moved` in their plan, at most, on average: {table.false_moved:.2f}")
    needed = [row.calls_needed for row in rows if row.calls_needed is not None]
    print(f"  cannot tell: {len(needed)} of {len(rows)}; calls needed a period, median: {int(np.median(needed))}")


def link(season: Season, rules: Rules) -> OutcomeReport:
    """The last cycle against the baseline, and deals in the 90 days before and after."""
    outcome_rules = OutcomeRules.model_validate(rules["outcomes"])
    wins = wins_before_and_after(season.deals, season.coaching, outcome_rules.window_days)
    return outcome_links(season.frame.measures, scores(season), wins, outcome_rules)


def scores(season: Season) -> ScorePair:
    """Baseline and last cycle as parts of the scale."""
    last = season.cycles.period(len(season.names) - 1)
    return ScorePair.of(stack([season.baseline, last]))


def print_outcomes(report: OutcomeReport) -> None:
    """The link table."""
    print(
        f"\nOutcome link: {report.deals_before} deals before, {report.deals_after} after, {report.deals_across} left out\n"
    )
    print("| criterion | rank correlation | odds ratio a tenth of the scale | p, Holm | verdict | reps needed |")
    print("|---|---|---|---|---|---|")
    for found in report.links:
        needed = found.n_needed or "-"
        print(
            f"| {found.criterion} | {shown(found.correlation)} | {shown(found.model)} | {found.p_holm:.3f} |"
            f" {found.verdict} | {needed} |"
        )


def print_deals(season: Season, rules: Rules) -> None:
    """The team's funnel, reps clearly behind it, and the proposal of weights."""
    funnel_rules = FunnelRules.model_validate(rules["funnel"])
    team = funnel(season.deals, funnel_rules)
    print("\nFunnel of the team\n")
    for step in (*team.steps, *team.rule_steps):
        mark = "" if step.yardstick is None else f", 10-3-1 asks {step.yardstick:.2f}: {step.against}"
        print(f"  {step.start} to {step.end}: {shown(step.conversion)}{mark}")
    print(f"  coach first: {coach_first(team).reason}")
    for own in funnels_by_rep(season.deals, funnel_rules):
        first = coach_first(own, team, len(season.frame.reps))
        if first.step is not None:
            print(f"  {own.who}: {first.reason}")
    pair, after = scores(season).value, np.asarray(season.deals.opened) >= season.coaching[0, 1]
    rows = np.where(after[:, None], pair[1][season.deals.rep], pair[0][season.deals.rep])
    won = np.asarray(season.deals.outcome) == WON
    scored = DealScores(season.frame.measures, rows, np.ones_like(rows, dtype=bool), won, np.asarray(season.deals.rep))
    proposal = propose_weights(scored, WeightRules.model_validate(rules["weights"]))
    print(f"\nWeights (each deal with its rep's scores of that time): {proposal.reason}")
    print(f"  log loss a deal saved: {shown(proposal.gain, 4)}")


def shown(value: Statistic, digits: int = 2) -> str:
    """A number with its interval and n, or why there is none."""
    match value:
        case Estimate(low=float(low), high=float(high)):
            return f"{value.value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f}, n={value.n})"
        case Estimate():
            return f"{value.value:.{digits}f} (n={value.n})"
        case _:
            return value.undefined


if __name__ == "__main__":
    main()
