from xml.etree.ElementTree import parse

import pytest

from agent.evals.archive import Archive
from agent.evals.report import report_of
from agent.ratings.model import Rated
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics
from tests.builders import ROOT, SAMPLE


@pytest.fixture
def recorded(closeread, monkeypatch):
    monkeypatch.setenv("CLOSEREAD_MODEL", "openai/relay")
    monkeypatch.setenv("CLOSEREAD_REPLAY", str(ROOT / "evals" / "recordings" / "ledgerline"))
    return closeread


def archive(shell):
    return Archive(shell.folder / "evals")


def test_suites_are_listed(closeread):
    listed = closeread("eval", "list", "--json").json
    kinds = {s["name"]: s["kind"] for s in listed["items"]}
    assert kinds == {
        "ledgerline": "calls",
        "criteria": "criteria",
        "quotes": "quotes",
        "fairness": "calls",
        "hostile": "hostile",
        "hostile_more": "hostile",
        "interviews": "interviews",
        "notes": "notes",
        "drafts": "drafts",
        "languages": "calls",
        "languages_notes": "notes",
    }
    assert closeread("eval", "runs", "--json").json["items"] == []


def test_a_broken_suite_does_not_hide_the_others(closeread):
    folder = closeread.folder / "evals" / "suites" / "mine"
    folder.mkdir(parents=True)
    (folder / "suite.yaml").write_text("kind: calls\n")
    problems = {s["name"]: s["problem"] for s in closeread("eval", "list", "--json").json["items"]}
    assert len(problems) == 1 + len(list((ROOT / "evals").glob("*/suite.yaml")))
    assert "about" in problems.pop("mine")
    assert set(problems.values()) == {""}
    closeread("eval", "list")
    assert "about" in closeread.err
    assert closeread("eval", "run", "mine").code == 3


def test_a_run_without_any_model(closeread, tmp_path):
    ran = closeread("eval", "run", "quotes", "--json", "--junit", tmp_path / "q.xml", "--html", tmp_path / "q.html")
    assert ran.code == 0
    report = ran.json
    assert report["failures"] == []
    assert report["criteria"][0]["exact"]["value"] == 1.0
    assert "undefined" in report["criteria"][0]["flip_rate"]
    assert parse(tmp_path / "q.xml").getroot().get("failures") == "0"
    assert "<table>" in (tmp_path / "q.html").read_text()
    assert closeread("eval", "show", report["run"]).code == 0
    assert "located" in closeread.out


def test_the_way_from_a_run_to_a_closed_gate(recorded):
    good = recorded("eval", "run", "ledgerline", "--prompt", "rate_call@1", "--json").json
    assert good["n_cases"] == 40
    assert recorded("eval", "gate", "ledgerline").code == 4
    assert "no baseline" in recorded.err
    accepted = recorded("eval", "accept", good["run"], "--by", "Ann", "--reason", "first", "--json").json
    assert (accepted["by"], accepted["prompt"]) == ("Ann", good["prompt"])
    assert recorded("eval", "gate", "ledgerline", "--json").json["passed"] is True
    assert recorded.code == 0
    worse = _worse(archive(recorded).run(good["run"]).run)
    archive(recorded).keep(worse, report_of(worse, {}))
    closed = recorded("eval", "gate", "ledgerline", "--run", worse.id)
    assert closed.code == 4
    assert "next_step_commitment" in closed.err
    assert "dev-call-" in closed.err
    assert "Do not ship." in closed.out
    found = recorded("eval", "compare", good["run"], worse.id, "--json").json
    verdicts = {c["criterion"]: c["verdict"] for c in found["criteria"]}
    assert verdicts["next_step_commitment"] == "worse"
    assert verdicts["stakeholder_expansion"] == "same"
    assert {f["change"] for f in found["flips"]} == {"worse"}
    assert all(f["first_quotes"] for f in found["flips"])


def _worse(run):
    """The same run by a rater that never sees a next step."""
    answers = tuple(
        a.model_copy(update={"judgement": Rated(value=0), "reason": "none"})
        if a.criterion == "next_step_commitment"
        else a
        for a in run.answers
    )
    return run.model_copy(update={"answers": answers})


def test_dry_runs_count_requests(recorded):
    for arguments, requests in (
        (["ledgerline"], 40),
        (["ledgerline", "--tag", "eight", "--draws", "3"], 24),
        (["ledgerline", "--tag", "eight", "--per-criterion"], 56),
        (["hostile"], 20),
        (["criteria"], 30),
        (["quotes"], 0),
    ):
        assert recorded("eval", "run", *arguments, "--dry-run", "--json").json["requests"] == requests


def test_what_is_not_recorded_is_no_result(recorded):
    assert recorded("eval", "run", "criteria").code == 6
    assert "no case was answered" in recorded.err
    assert recorded("eval", "runs", "--json").json["items"] == []


def test_another_model_takes_the_place_of_the_bound_one(recorded):
    assert recorded("eval", "run", "ledgerline", "--model", "openai/other", "--cases", "dev-call-01").code == 6
    assert "openai/other" in recorded.err


def test_words_that_do_not_fit_together(closeread):
    assert closeread("eval", "run", "quotes", "--per-criterion").code == 2
    assert closeread("eval", "run", "quotes", "--draws", "2").code == 2
    assert closeread("eval", "add", "x").code == 2
    assert closeread("eval", "run", "nowhere").code == 3
    assert "there are" in closeread.err
    assert closeread("eval", "show", "ev-000").code == 3
    assert closeread("eval", "show", "../../secrets").code == 3
    assert closeread("eval", "run", "quotes", "--cases", "nobody").code == 3


def test_csv_scores_become_a_suite_that_runs(recorded):
    scores = ROOT / "evals" / "answer_key" / "ledgerline" / "manual_scores.csv"
    made = [
        "--calls",
        SAMPLE / "calls",
        "--manifest",
        SAMPLE / "calls" / "calls.csv",
        "--rubric",
        SAMPLE / "rubric.yaml",
    ]
    assert recorded("eval", "import", "csv", scores, *made, "--name", "mine", "--map", "quotes=quotes").code == 0
    report = recorded("eval", "run", "mine", "--cases", "dev-call-01,dev-call-02", "--json").json
    assert report["n_cases"] == 2
    assert "undefined" in report["criteria"][0]["human_ceiling"]["exact"]
    assert recorded("eval", "import", "csv", scores, *made, "--name", "mine").code == 8


def test_what_of_a_csv_of_scores_is_no_row_is_told_at_the_import_and_at_each_run(recorded, tmp_path):
    scores = tmp_path / "scores.csv"
    written = (ROOT / "evals" / "answer_key" / "ledgerline" / "manual_scores.csv").read_text()
    scores.write_text(f"Scores of the spring\n\n{written}")
    where = ("--calls", SAMPLE / "calls", "--manifest", SAMPLE / "calls" / "calls.csv")
    told = ("--rubric", SAMPLE / "rubric.yaml", "--name", "titled", "--map", "quotes=quotes")
    assert "Scores of the spring" in recorded("eval", "import", "csv", scores, *where, *told).out
    recorded("eval", "run", "titled", "--cases", "dev-call-01", "--json")
    assert (recorded.code, "Scores of the spring" in recorded.err) == (0, True)


def test_settled_ratings_of_calibration_become_cases(with_sample):
    assert with_sample("eval", "add", "settled", "--from-calibration").code == 3
    assert with_sample("calibrate", "import", SAMPLE / "calibration" / "ratings.csv").code == 0
    added = with_sample("eval", "add", "settled", "--from-calibration", "--json").json
    assert added["cases"] == 16
    assert added["ratings"] > 80
    assert with_sample("eval", "add", "settled", "--from-calibration").code == 0
    assert with_sample("eval", "add", "split", "--from-disputes").code == 3
    assert "settled" in {s["name"] for s in with_sample("eval", "list", "--json").json["items"]}


def test_the_review_list_puts_differing_readings_first(with_sample):
    from datetime import UTC, datetime

    from agent.ratings.model import Provenance, Rating
    from agent.settings import Settings
    from agent.workspace import Workspace

    store = Workspace(Settings.read(with_sample.folder)).store
    given = [("dev-call-01", 0, 1), ("dev-call-02", 0, 1), ("dev-call-02", 1, 0)]
    store[Ratings].add(
        [
            Rating(
                call=call,
                criterion="consequence_question",
                rater="model:m",
                judgement=Rated(value=value),
                provenance=Provenance(rubric=store[Rubrics].newest().id, prompt="p", model="m", draw=draw),
                at=datetime(2026, 1, 1, tzinfo=UTC),
            )
            for call, draw, value in given
        ]
    )
    store.close()
    listed = with_sample("ratings", "list", "--review", "--json").json["items"]
    assert [(r["call"], r["confidence"]) for r in listed] == [
        ("dev-call-02", "low"),
        ("dev-call-02", "low"),
        ("dev-call-01", "one reading"),
    ]


def test_prompts_without_a_draft_are_not_released(closeread):
    assert closeread("prompts", "release", "check_criterion").code == 3
    assert "no draft" in closeread.err
