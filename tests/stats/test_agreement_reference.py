"""Agreement statistics against published values, AnnoMI and an independent implementation of alpha."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.statistic import Estimate, Statistic
from agent.stats.agreement.alpha import krippendorff_alpha
from agent.stats.agreement.icc import icc
from agent.stats.agreement.kappas import (
    brennan_prediger,
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    gwet_ac,
    scott_pi,
)
from agent.stats.agreement.plain import exact_agreement, weighted_agreement
from agent.stats.rating_table import MISSING, Metric, RatingTable, rating_table

CASES = {
    case["name"]: case
    for case in json.loads((Path(__file__).parents[1] / "data" / "agreement_cases.json").read_text(encoding="utf-8"))
}
ANNOMI = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "annomi"

identity: dict[str, Callable[[RatingTable], Statistic]] = {
    "percent_agreement": lambda t: exact_agreement(t, None),
    "gwet_ac": lambda t: gwet_ac(t, None),
    "fleiss_kappa": lambda t: fleiss_kappa(t, None),
    "krippendorff_alpha": lambda t: krippendorff_alpha(t, None, "nominal"),
    "brennan_prediger": lambda t: brennan_prediger(t, None),
    "conger_kappa": lambda t: conger_kappa(t, None),
    "cohen_kappa": lambda t: cohen_kappa(t, None),
    "scott_pi": lambda t: scott_pi(t, None),
}
quadratic: dict[str, Callable[[RatingTable], Statistic]] = {
    "percent_agreement": lambda t: weighted_agreement(t, None, "quadratic"),
    "gwet_ac": lambda t: gwet_ac(t, None, "quadratic"),
    "fleiss_kappa": lambda t: fleiss_kappa(t, None, "quadratic"),
    "krippendorff_alpha": lambda t: krippendorff_alpha(t, None, "interval"),
    "brennan_prediger": lambda t: brennan_prediger(t, None, "quadratic"),
    "conger_kappa": lambda t: conger_kappa(t, None, "quadratic"),
}
linear = {"cohen_kappa": lambda t: cohen_kappa(t, None, "linear")}
distances = {m: (lambda t, m=m: krippendorff_alpha(t, None, m)) for m in ("nominal", "ordinal", "interval", "ratio")}
correlations = {
    f"ICC{f}{k}": (lambda t, f=f, k=k: icc(t, None, f, bool(k))) for f in ("1", "2", "3") for k in ("", "k")
}
FIVE, THREE, TEN = range(1, 6), range(3), range(1, 11)
SETTINGS: dict[str, tuple[Any, Metric, dict[str, Any]]] = {
    "fleiss1971_diagnoses": (FIVE, "nominal", identity),
    "sas_3x3": (THREE, "nominal", identity),
    "sas_3x3_linear": (THREE, "ordinal", linear),
    "irrCAC_cac.raw4raters_identity": (FIVE, "nominal", identity),
    "irrCAC_cac.raw4raters_quadratic": (FIVE, "interval", quadratic),
    "krippendorff_2011_4x12": (FIVE, "ratio", distances),
    "artstein_poesio_100x2": (THREE, "nominal", identity),
    "shrout_fleiss_1979": (TEN, "interval", correlations),
}


def pairs_of_contingency(cells: list[list[float]]) -> list[list[int]]:
    return [[i, j] for i, row in enumerate(cells) for j, count in enumerate(row) for _ in range(int(count))]


def test_every_case_has_its_settings() -> None:
    assert set(CASES) == set(SETTINGS)


@pytest.mark.parametrize(
    ("case", "name"), [(case, name) for case in sorted(CASES) for name in sorted(CASES[case]["expected"])]
)
def test_published_value(case: str, name: str) -> None:
    levels, metric, statistics = SETTINGS[case]
    data = CASES[case]["data"]
    rows = pairs_of_contingency(data) if CASES[case]["kind"].startswith("contingency") else data
    result = statistics[name](rating_table(rows, levels, metric))
    assert isinstance(result, Estimate)
    assert result.value == pytest.approx(CASES[case]["expected"][name], abs=CASES[case]["tolerance"])


@cache
def annomi_ratings() -> dict[str, dict[str, list[str]]]:
    """attribute -> unit -> values of the raters, read where the file lies."""
    file = ANNOMI / "ratings.csv"
    if not file.exists():
        pytest.skip("the AnnoMI ratings are not on this machine (../shared/data/annomi)")
    table: dict[str, dict[str, list[str]]] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            table.setdefault(row["attribute"], {}).setdefault(row["item"], []).append(row["value"])
    return table


@pytest.mark.parametrize(
    ("attribute", "kappa"),
    [
        ("main_therapist_behaviour", 0.7365),
        ("client_talk_type", 0.4669),
        ("therapist_input_exists", 0.6441),
        ("therapist_input_subtype", 0.5117),
        ("reflection_exists", 0.6596),
        ("reflection_subtype", 0.4961),
        ("question_exists", 0.8687),
        ("question_subtype", 0.7397),
    ],
)
def test_fleiss_kappa_of_annomi(attribute: str, kappa: float) -> None:
    units = list(annomi_ratings()[f"PAPER_{attribute}"].values())
    levels = sorted({value for unit in units for value in unit})
    result = fleiss_kappa(rating_table(units, levels, "nominal"), None)
    assert isinstance(result, Estimate)
    assert result.value == pytest.approx(kappa, abs=5e-5)
    assert result.n == len(units)


def test_high_agreement_with_no_agreement_beyond_chance() -> None:
    """Seven conversations, ten raters, "is anything reflected?": nearly always yes."""
    votes: dict[str, list[int]] = {}
    for turn, values in annomi_ratings()["reflects"].items():
        conversation = votes.setdefault(turn.split(":")[0], [0] * 10)
        votes[turn.split(":")[0]] = [max(a, int(b)) for a, b in zip(conversation, values, strict=True)]
    table = rating_table(list(votes.values()), (0, 1), "nominal")
    found = [statistic(table, None) for statistic in (exact_agreement, krippendorff_alpha, gwet_ac)]
    assert [round(s.value, 2) for s in found if isinstance(s, Estimate)] == [0.92, 0.05, 0.91]


def test_levels_come_from_the_scale_and_not_from_the_ratings() -> None:
    """Nobody gave a 3 or a 4, yet 2 and 5 stay three points apart: by position among levels seen they would be one."""
    rows = [[2, 2], [2, 1], [2, 1], [2, 1], [1, 2], [5, 5], [1, 2], [2, 2], [5, 5], [2, 1]]
    by_scale = cohen_kappa(rating_table(rows, range(1, 6), "ordinal"), None, "quadratic")
    as_seen = cohen_kappa(rating_table(rows, (1, 2, 5), "ordinal"), None, "quadratic")
    by_position = cohen_kappa(rating_table([[str(x) for x in r] for r in rows], "125", "ordinal"), None, "quadratic")
    assert isinstance(by_scale, Estimate)
    assert isinstance(as_seen, Estimate)
    assert isinstance(by_position, Estimate)
    first, second = np.array(rows, dtype=float).T
    disagreement = float(((first - second) ** 2).mean() / ((first[:, None] - second[None, :]) ** 2).mean())
    assert by_scale.value == pytest.approx(1 - disagreement)
    assert as_seen.value == pytest.approx(by_scale.value)
    assert abs(by_position.value - by_scale.value) > 0.4


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval", "ratio"])
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_alpha_equals_the_krippendorff_package(metric: Metric, seed: int) -> None:
    package = pytest.importorskip("krippendorff")
    rng = np.random.default_rng(seed)
    codes = rng.integers(MISSING, 4, size=(rng.integers(3, 15), rng.integers(2, 5)))
    ours = krippendorff_alpha(RatingTable(codes, (1, 2, 3, 5), metric), None)
    if isinstance(ours, Estimate):
        ratings = np.where(codes == MISSING, np.nan, np.array([1.0, 2, 3, 5])[codes])
        theirs = package.alpha(ratings.T, value_domain=[1.0, 2, 3, 5], level_of_measurement=metric)
        assert ours.value == pytest.approx(theirs, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_for_two_raters_and_no_gaps_the_coefficients_meet(seed: int) -> None:
    codes = np.random.default_rng(seed).integers(0, 4, size=(12, 2))
    table = RatingTable(codes, (1, 2, 3, 4), "interval")
    assert conger_kappa(table, None).model_dump(include={"value"}) == pytest.approx(
        cohen_kappa(table, None).model_dump(include={"value"})
    )
    assert fleiss_kappa(table, None).model_dump(include={"value"}) == pytest.approx(
        scott_pi(table, None).model_dump(include={"value"})
    )
    alpha, pi = krippendorff_alpha(table, None, "nominal"), scott_pi(table, None)
    assert isinstance(alpha, Estimate)
    assert isinstance(pi, Estimate)
    assert alpha.value == pytest.approx(
        1 - (1 - pi.value) * (1 - 1 / 24)
    )  # the two differ by 1 - 1/(number of ratings)


def test_weighted_scott_is_irrcacs():
    """The 3 x 3 table of irrCAC (Gwet's abstractors: 100 subjects), scott2.table with quadratic weights: 0.8921093."""
    counts = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
    rows = [(a, b) for a, row in enumerate(counts) for b, times in enumerate(row) for _ in range(times)]
    found = scott_pi(RatingTable(np.array(rows), (1, 2, 3), "ordinal"), None, "quadratic")
    assert found.value == pytest.approx(0.8921093, abs=5e-8)
