import csv
import json
from pathlib import Path

import pytest

from agent.core.errors import Conflict, ImportProblem, InputError
from agent.evals.annomi import CRITERIA, import_annomi
from agent.evals.loading import read_suite
from agent.evals.writing import suite_from_csv
from agent.evals.yardsticks import human_ceiling
from tests.builders import SAMPLE

ANNOMI = Path(__file__).resolve().parents[3] / "shared" / "data" / "annomi"


def made(folder, rows, columns=None, humans=None):
    scores = folder / "scores.csv"
    with scores.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    calls = SAMPLE / "calls"
    target = folder / "suites" / "own"
    return suite_from_csv(
        target, scores, calls, calls / "calls.csv", SAMPLE / "rubric.yaml", columns or {}, humans, "test"
    )


HEAD = ["call_id", "criterion", "value"]


def test_anybodys_scores_become_a_suite(tmp_path):
    rows = [HEAD, ["dev-call-01", "consequence_question", "0"], ["dev-call-02", "discovery_depth", "4"]]
    suite = made(tmp_path, rows)
    assert [c.id for c in suite.cases] == ["dev-call-01", "dev-call-02"]
    assert {c.split for c in suite.cases} == {"test"}
    assert suite.cases[1].references[0].turns is None  # no column with quotes: the turns are not known
    assert read_suite(suite.folder).id == suite.id
    with pytest.raises(Conflict, match="there is a suite already"):
        made(tmp_path, rows)


def test_their_columns_are_renamed_and_people_give_a_ceiling(tmp_path):
    humans = SAMPLE / "calibration" / "ratings.csv"
    rows = [
        ["Call", "criterion", "value"],
        *[[f"dev-call-{i:02d}", "stakeholder_expansion", "0"] for i in range(1, 41)],
    ]
    rows[1:] = [row for row in rows[1:] if row[0] != "dev-call-09"]
    with pytest.raises(ImportProblem, match="no column 'call_id'"):
        made(tmp_path / "a" if (tmp_path / "a").mkdir() is None else tmp_path, rows)
    (tmp_path / "b").mkdir()
    with pytest.raises(ImportProblem, match="no column 'Call'"):
        made(tmp_path / "b", rows, {"call": "Call"}, humans)  # the people's file has to have the same columns
    (tmp_path / "c").mkdir()
    rows[0] = HEAD
    suite = made(tmp_path / "c", rows, {}, humans)
    references = [r for c in suite.cases for r in c.references]
    assert human_ceiling(suite.criteria[3], references)["exact"].n > 10


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["dev-call-99", "consequence_question", "0"], "scores.csv:2: there is no call"),
        (["dev-call-01", "charm", "0"], "scores.csv:2: there is no criterion 'charm'"),
        (["dev-call-01", "consequence_question", "3"], "scores.csv:2: 3 is not a level"),
        (["dev-call-01", "consequence_question", "yes"], "scores.csv:2: 'yes' is neither"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(tmp_path, row, said):
    with pytest.raises(ImportProblem, match=said):
        made(tmp_path, [HEAD, row])


def test_scored_twice_and_nothing_scored_are_refused(tmp_path):
    twice = ["dev-call-01", "consequence_question", "0"]
    with pytest.raises(ImportProblem, match="scored twice"):
        made(tmp_path, [HEAD, twice, twice])
    (tmp_path / "b").mkdir()
    with pytest.raises(ImportProblem, match="no rows"):
        made(tmp_path / "b", [HEAD])
    with pytest.raises(InputError, match="no field 'score'"):
        made(tmp_path, [HEAD, twice], {"score": "value"})


def test_annomi_becomes_a_suite_with_the_ceiling_of_ten_experts(tmp_path):
    if not ANNOMI.is_dir():
        pytest.skip("the AnnoMI data are not beside this checkout; they are never copied into it")
    suite = import_annomi(ANNOMI, tmp_path / "annomi", 20)
    seven = [c for c in suite.cases if "ten_raters" in c.tags]
    assert (len(suite.cases), len(seven)) == (27, 7)
    assert {c.split for c in seven} == {"test"}
    # the data's own description gives these for one expert against the majority of the other nine
    known = {"asks_open_question": 0.82, "reflects": 0.83, "gives_information": 0.63, "gives_advice": 0.65}
    for criterion in suite.criteria:
        found = human_ceiling(criterion, [r for c in seven for r in c.references if r.criterion == criterion.id])
        assert found["exact"].n == 7
        if criterion.id in known:
            assert found["evidence_f1"].value == pytest.approx(known[criterion.id], abs=0.02)
    assert len(suite.criteria) == len(CRITERIA)


def test_a_folder_without_annomi_is_named(tmp_path):
    with pytest.raises(ImportProblem, match=r"conversations\.jsonl.*cannot be read"):
        import_annomi(tmp_path, tmp_path / "out", 20)
    assert not (tmp_path / "out").exists()


def test_a_small_file_of_that_shape_is_read(tmp_path):
    turns = [
        {"id": 0, "speaker": "therapist", "text": "How are you: well?"},
        {"id": 3, "speaker": "client", "text": "Ok."},
    ]
    task = {"conversation": "annomi-1", "criterion": "asks_open_question", "gold": 1, "evidence": [3], "flags": []}
    (tmp_path / "conversations.jsonl").write_text(json.dumps({"id": "annomi-1", "turns": turns}))
    (tmp_path / "tasks.jsonl").write_text(json.dumps({**task, "split": "multi", "votes": {"0": 1, "1": 0}}))
    (tmp_path / "ratings.csv").write_text(
        "attribute,item,rater,value\nasks_open_question,1:3,0,1\nasks_open_question,1:3,1,0\n"
    )
    suite = import_annomi(tmp_path, tmp_path / "out", 5)
    reference = suite.cases[0].references[0]
    assert reference.turns == (1,)  # turns are numbered by place, not by the data's own ids
    assert reference.humans == {"0": 1, "1": 0}
    assert reference.human_turns == {"0": (1,), "1": ()}
    assert suite.cases[0].call.transcript.turns[0].text == "How are you: well?"
