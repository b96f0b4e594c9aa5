"""The sample's two finished rounds, and files that are not right."""

import pytest

from agent.db.ledger import SqlLedger
from agent.rubrics.store import Rubrics, RubricStates
from tests.builders import SAMPLE
from tests.cli.conftest import with_sample  # noqa: F401 - a fixture

RATINGS = SAMPLE / "calibration" / "ratings.csv"


@pytest.fixture
def imported(with_sample):  # noqa: F811
    """Round 1 on the wording before, round 2 on the one after it."""
    assert with_sample("rubric", "import", SAMPLE / "rubric-before.yaml").code == 0
    for number, rubric in (("1", "ledgerline-first"), ("2", "ledgerline-team")):
        ran = with_sample("calibrate", "import", RATINGS, "--rubric", rubric, "--round", number, "--json")
        assert ran.code == 0, ran.err
        assert [(r["number"], r["state"], len(r["calls"])) for r in ran.json["items"]] == [(int(number), "rated", 8)]
    return with_sample


@pytest.fixture
def closeread(tmp_path, capsys):
    from tests.cli.conftest import Shell

    return Shell(tmp_path / "empty", capsys)


def verdicts(shell, number):
    return {c["criterion"]: c for c in shell("calibrate", "report", number, "--json").json["criteria"]}


def test_round_one_fails_where_the_managers_differ_and_round_two_is_better(imported):
    first, second = verdicts(imported, 1), verdicts(imported, 2)
    assert {k for k, c in first.items() if c["verdict"] == "failed"} == {
        "success_measure_playback",
        "next_step_commitment",
    }
    assert {c["verdict"] for k, c in first.items()} == {"failed", "provisional"}
    sharpened = {"success_measure_playback", "next_step_commitment"}
    assert {k for k, c in second.items() if c["verdict"] == "passed"} == {"pricing_disclosure"}
    assert {c["verdict"] for k, c in second.items() if k != "pricing_disclosure"} == {"provisional"}
    for criterion, found in second.items():
        assert found["agreeing_in_round"] >= first[criterion]["agreeing_in_round"]
        assert found["calls"] == (8 if criterion in sharpened else 16), "a new wording starts at 0"
        assert found["wordings"] == (2 if criterion in sharpened else 1)
    assert first["success_measure_playback"]["agreement"]["value"] == 0.5
    assert second["success_measure_playback"]["agreement"]["value"] == 1.0


def test_the_report_ranks_by_disagreement_and_shows_both_sides(imported, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    report = imported("calibrate", "report", 1, "--json").json
    agreeing = [c["agreeing_in_round"] for c in report["criteria"]]
    assert agreeing == sorted(agreeing)
    worst = report["criteria"][0]
    assert worst["criterion"] == "success_measure_playback"
    assert [s["call"] for s in worst["splits"]] == ["dev-call-05", "dev-call-22", "dev-call-26", "dev-call-33"]
    assert {(r["rater"], r["judgement"]["value"]) for r in worst["splits"][0]["ratings"]} == {
        ("Nora Calloway", 0),
        ("Victor Lindgren", 1),
    }
    text = imported("calibrate", "report", 1).out
    for part in (
        "Nora Calloway",
        "Victor Lindgren",
        "dev-call-33",
        "failed",
        "4 of 8 calls",
        "8 to 88 %",
        "0.06",
        "error over",
    ):
        assert part in text


def test_the_second_manager_is_lenient_in_round_one_and_less_so_in_round_two(imported):
    first, second = (
        {r["rater"]: r for r in imported("calibrate", "report", n, "--json").json["raters"]} for n in (1, 2)
    )
    assert first["Victor Lindgren"]["leniency"]["low"] > 0
    assert first["Nora Calloway"]["leniency"]["high"] < 0
    assert "undefined" in first["Victor Lindgren"]["drift"]
    assert second["Victor Lindgren"]["drift"]["high"] < 0


def test_an_imported_round_says_that_nobody_saw_whether_it_was_blind(imported):
    assert "whether it was blind was not seen here" in imported("calibrate", "report", 1).out
    kinds = [e["kind"] for e in imported("calibrate", "audit", 1, "--json").json["items"]]
    assert kinds[:4] == ["opened", "imported", "submitted", "submitted"]


def test_the_same_file_again_is_refused(imported):
    again = imported("calibrate", "import", RATINGS, "--rubric", "ledgerline-team")
    assert again.code == 3
    assert "was in calibration round 1 already" in again.err
    assert imported("calibrate", "status", 3).code == 3


def test_a_round_that_the_file_does_not_have_is_refused(with_sample):  # noqa: F811
    ran = with_sample("calibrate", "import", RATINGS, "--round", "7")
    assert ran.code == 3
    assert "there is no round '7'" in ran.err


def test_two_rounds_pass_one_criterion_and_the_gate_says_what_becomes_of_the_others(imported):
    refused = imported("rubric", "deploy", "ledgerline-team")
    assert refused.code == 4
    assert "6 of 7 criteria have not passed" in refused.err
    assert "next_step_commitment: provisional after round 2: 7 of 8 calls agree" in refused.err
    assert "rubric deploy ledgerline-team --provisional" in refused.err
    deployed = imported("rubric", "deploy", "ledgerline-team", "--provisional", "--json")
    assert deployed.code == 0, deployed.err
    assert set(deployed.json["marks"].values()) == {"provisional"}
    assert "pricing_disclosure" not in deployed.json["marks"]
    confirmed = imported("calibrate", "import", SAMPLE / "calibration" / "round-3.csv", "--rubric", "ledgerline-team")
    assert confirmed.code == 0, confirmed.err
    assert imported("rubric", "show", "ledgerline-team", "--json").json["state"]["marks"] == {}


HEAD = "round,call_id,rater,criterion,value\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file is empty"),
        (HEAD, "there are no ratings"),
        (
            HEAD + "1,dev-call-01,ana,consequence_question,2\n1,dev-call-01,ben,consequence_question,1\n",
            ":2: '2' is not",
        ),
        (HEAD + "1,dev-call-99,ana,consequence_question,1\n", ":2: 'dev-call-99' is not in this workspace"),
        (HEAD + "1,dev-call-01,ana,consequence_question,1\n", ":2: round 1 has one person as a rater: ana"),
        (HEAD + "1,dev-call-01,,consequence_question,1\n", ":2: rater is empty"),
        (
            HEAD + "1,dev-call-01,ana,charm,1\n1,dev-call-01,ben,charm,1\n",
            ":2: ledgerline-team has no criterion 'charm'",
        ),
        (HEAD + "1,dev-call-01,ana\n", ":2: this row has 3 cells, the header 5"),
        (HEAD + 2 * "1,dev-call-01,ana,consequence_question,1\n", ":3: ana rated consequence_question of dev-call-01"),
    ],
)
def test_a_bad_file_is_one_clear_line_and_no_round(with_sample, tmp_path, text, says):  # noqa: F811
    path = tmp_path / "rounds.csv"
    path.write_text(text)
    ran = with_sample("calibrate", "import", path)
    assert ran.code == 3
    assert says in ran.err
    assert with_sample("calibrate", "status").code == 3


def test_other_column_names_are_mapped_and_empty_is_not_rated(with_sample, tmp_path):  # noqa: F811
    path = tmp_path / "rounds.csv"
    rows = "".join(f"{r},dev-call-0{n},{who},consequence_question,{v}\n" for r, n, who, v in CELLS)
    path.write_text("Runde,Call,rater,criterion,value\n" + rows)
    assert with_sample("calibrate", "import", path).code == 3
    wrong = with_sample("calibrate", "import", path, "--map", "Runde=number")
    assert wrong.code == 2
    mapped = with_sample("calibrate", "import", path, "--map", "Runde=round", "--map", "Call=call_id")
    assert mapped.code == 0, mapped.err
    found = verdicts(with_sample, 1)["consequence_question"]
    assert (found["verdict"], found["agreement"]["n"]) == ("no information", 2)
    assert found["applies"]["n"] == 2


CELLS = [
    ("a", 1, "ana", "1"),
    ("a", 1, "ben", "1"),
    ("a", 2, "ana", "n/a"),
    ("a", 2, "ben", "0"),
    ("a", 3, "ana", ""),
    ("a", 3, "ben", "0"),
]


def test_the_demo_calibrates_and_deploys_without_a_model(tmp_path, capsys):
    from agent.app.telling import unsaid
    from agent.calibration.rounds import calibration_reports
    from agent.start import cli_demo as demo
    from agent.start.demo_calibration import show_calibration
    from agent.start.sample import import_calibration, import_sample

    space = demo._demo_space(tmp_path)
    import_sample(space, unsaid)
    import_calibration(space, unsaid)
    import_calibration(space, unsaid)
    rubric = space.store[Rubrics].get("ledgerline-team")
    show_calibration(calibration_reports(space), space.store[RubricStates].of(rubric.id))
    out = capsys.readouterr().out
    assert "round 3" in out
    assert "22 of 24 calls" in out
    assert "Calibrated and deployed since" in out
    assert space.store[SqlLedger].totals() == []
    space.store.close()
