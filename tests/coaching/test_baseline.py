from agent.evals.error_rates import counts_of
from agent.stats.correction import ErrorCounts
from tests.builders import SAMPLE


def test_a_baseline_is_drawn_from_the_days_before_coaching_and_can_be_repeated(season):
    first = season("baseline", "make", "--seed", "3", "--json").json
    assert {b["rep"] for b in first} == {b["rep"] for b in season("baseline", "make", "--json").json}
    assert all((b["end"], b["seed"], b["provisional"]) == ("2026-03-31", 3, False) for b in first)
    again = season("baseline", "make", "--seed", "3", "--json").json
    assert [b["calls"] for b in again] == [b["calls"] for b in first]


def test_a_picked_list_is_refused_unless_it_is_marked(season):
    assert season("baseline", "make", "--rep", "Tom Becker", "--calls", "hist-0049,hist-0050").code == 4
    assert "--manual" in season.err


def test_too_few_calls_are_provisional_and_say_how_many_are_missing(closeread, tmp_path):
    closeread("rubric", "import", SAMPLE / "rubric.yaml")
    rows = "".join(f"c{day},2026-03-{day:02},Rae,consequence_question,{day % 2},rated\n" for day in range(1, 7))
    (tmp_path / "r.csv").write_text(f"call_id,date,rep,criterion,value,status\n{rows}")
    closeread("ratings", "import", tmp_path / "r.csv")
    (made,) = closeread("baseline", "make", "--json").json
    assert (made["provisional"], made["missing"], len(made["calls"])) == (True, 4, 6)
    (picked,) = closeread("baseline", "make", "--rep", "rae", "--calls", "c1,c3", "--manual", "--json").json
    assert (picked["manual"], picked["seed"], picked["calls"]) == (True, None, ["c1", "c3"])
    assert closeread("baseline", "make", "--rep", "Rae", "--calls", "c99", "--manual").code == 3
    assert "c99" in closeread.err


def test_profiles_name_a_state_only_where_the_interval_decides(season):
    shown = season("baseline", "show", "--rep", "tom becker", "--json").json
    (row,) = shown["items"]
    states = {p["criterion"]: (p["score"]["value"], p["score"]["n"], p["state"]) for p in row["cells"]}
    assert states["stakeholder_expansion"][2] == "consistently absent"
    assert states["next_step_commitment"] == (
        8 / 12,
        12,
        "cannot tell",
    )  # what ten calls can tell: docs/method/verdicts.md
    handled = next(p for p in row["cells"] if p["criterion"] == "objection_handling")
    assert handled["score"]["n"] + handled["not_applicable"] == 12
    assert 0 < row["total"]["value"] < 1
    assert "rubric ledgerline-team" in shown["team"]["weights"]


def test_team_gaps_stand_before_own_ones_and_say_how_likely_luck_makes_them(season):
    report = season("gaps", "--period", "baseline", "--json").json
    shared = {gap["criterion"]: gap for gap in report["team"]}
    assert len(shared["stakeholder_expansion"]["reps"]) == 17
    assert all(gap["by_luck"] < 0.001 and gap["beyond_luck"] for gap in report["team"])
    assert all(len(gap["typical"]) == 2 for gap in report["own"] if gap["severity"] == "consistently absent")
    said = season("gaps").out
    assert said.index(" of 18 reps") < said.index("Samir Haddad: consistently absent")
    assert "Luck alone would show one in" in said


def test_a_models_errors_are_read_from_a_suites_confusion_table():
    table = {"0": {"0": 18, "1": 2, "failed": 1}, "1": {"0": 3, "1": 17, "failed": 0}}
    assert counts_of(table) == ErrorCounts(present_found=17, present=20, absent_left=18, absent=20)
    assert counts_of({"0": {"0": 18, "1": 2}}) is None


def test_every_command_after_the_scores_has_help_that_says_something(closeread):
    for command in ("deals", "coaching", "baseline", "gaps", "coach", "outcomes", "weights", "funnel", "check"):
        assert closeread(command, "--help").code == 0
        assert "Usage" in closeread.out
