"""The season's verdicts against what was planted in it. Only this comparison reads the answer key."""

import json

from tests.builders import ROOT

TRUTH = json.loads((ROOT / "evals/answer_key/ledgerline/planted_truth.json").read_text())


def test_no_rep_without_a_lift_is_called_moved(season):
    still = {rep for rep, planted in TRUTH.items() if planted["true_lift_per_cycle"] == 0}
    rows = season("coach", "track", "--json").json["items"]
    assert len({r["rep"] for r in rows} & still) == 6
    assert [r for r in rows if r["rep"] in still and r["verdict"] == "moved"] == []


def test_every_rep_with_a_large_lift_is_called_moved(season):
    lifted = {rep for rep, planted in TRUTH.items() if planted["true_lift_per_cycle"] >= 0.22}
    rows = season("coach", "track", "--json").json["items"]
    assert lifted <= {r["rep"] for r in rows if r["verdict"] == "moved"}


def test_who_has_moved_is_shown_with_the_cycle_that_decided_and_today_beside_it(season):
    rows = [r for r in season("coach", "track", "--json").json["items"] if r["verdict"] == "moved" and r["last"]]
    assert rows
    assert all(r["difference"]["low"] > 0 for r in rows)  # the sample has no behavior to avoid
    (andre,) = [r for r in rows if (r["rep"], r["criterion"]) == ("Andre Baptiste", "stakeholder_expansion")]
    assert andre["moved_in"] == "cycle_2"
    assert andre["today"]["low"] < 0 < andre["today"]["value"]  # his last cycle alone would not have told
    assert round(12 * andre["reached"]["value"]) == 7
    said = " ".join(season("coach", "track", "--rep", "Andre Baptiste").out.split())
    assert "7 of 12 calls +58 points (+9 to +81); now +33 points (" in said


def test_each_row_has_what_the_contract_says(season):
    rows = season("coach", "track", "--rep", "Tom Becker", "--json").json["items"]
    assert [(r["criterion"], r["cycle"]) for r in rows] == [
        (criterion, f"cycle_{n}")
        for criterion in ("consequence_question", "success_measure_playback")
        for n in (1, 2, 3)
    ]
    for row in rows:
        assert set(row["difference"]) >= {"value", "low", "high"}
        assert row["difference"]["low"] <= row["difference"]["value"] <= row["difference"]["high"]
        assert (row["calls_needed"] is None) == (row["verdict"] != "cannot_tell")
        assert {"value", "n"} <= set(row["baseline"]) & set(row["now"])
        assert row["expected_rise"]["value"] < 0.2


def test_only_a_rep_who_surely_did_not_move_is_asked_why(season):
    """`cannot tell` is evidence of nothing, so nothing is laid to an approach or a definition by it."""
    rows = season("coach", "track", "--json").json["items"]
    latest = {(r["rep"], r["criterion"]): r for r in rows}  # rows come in the order of the cycles
    asked = {(r["rep"], r["criterion"]) for r in rows if r["diagnosis"]}
    assert asked
    assert {latest[pair]["verdict"] for pair in asked} == {"not_moved"}
    assert not any(r["diagnosis"] for r in rows if r["verdict"] == "moved")


def test_without_coaching_it_says_what_to_run(closeread, tmp_path):
    from tests.builders import SAMPLE

    closeread("rubric", "import", SAMPLE / "rubric.yaml")
    (tmp_path / "r.csv").write_text(
        "call_id,date,rep,criterion,value,status\nc1,2026-03-01,Rae,consequence_question,1,rated\n"
    )
    closeread("ratings", "import", tmp_path / "r.csv")
    assert closeread("coach", "track").code == 3
    assert "closeread coaching import" in closeread.err


def test_a_sparkline_has_a_bar_a_period_on_the_criterions_scale():
    from agent.coaching.cli_tracking import sparkline
    from agent.core.statistic import Estimate, Undefined

    values = [Estimate(value=v, n=5) for v in (0.0, 0.5, 1.0)]
    assert sparkline([*values, Undefined(undefined="no rated call")], 0, 1) == "▁▅█·"
    assert sparkline([Estimate(value=1.0, n=5)], 1, 5) == "▁"
