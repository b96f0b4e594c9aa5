import json
from collections import Counter

import pytest

from agent.core.errors import ImportProblem
from agent.core.statistic import Estimate
from agent.evals.loading import read_suite
from agent.evals.long_call import END, MIDDLE, START, long_call
from agent.evals.report import report_of
from agent.evals.running import CODE, Plan, run_suite
from agent.evals.schemas import schema_text, schemas
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import ROOT

SUITES = ["ledgerline", "criteria", "quotes", "hostile"]


def shipped(name):
    return read_suite(ROOT / "evals" / name)


@pytest.mark.parametrize("name", SUITES)
def test_shipped_suites_read(name):
    made = shipped(name)
    assert made.file.about
    assert all(case.references or case.import_problem for case in made.cases)
    assert made.id == shipped(name).id


def test_the_published_schemas_are_current():
    for name, schema in schemas().items():
        path = ROOT / "docs" / "schema" / name
        assert path.read_text() == schema_text(schema), f"stale: run closeread eval schema ({path})"
        assert json.loads(path.read_text())["$schema"].endswith("2020-12/schema")


def test_the_criteria_suite_holds_the_guides_own_two():
    made = shipped("criteria")
    right = {case.id: next(r.value for r in case.references if r.criterion == "passes") for case in made.cases}
    said = {case.id: case.criterion.description for case in made.cases}
    assert right["builds-rapport"] == 0
    assert said["builds-rapport"].startswith("Builds rapport")
    assert right["consequence-question"] == 1
    assert len(right) >= 24
    assert Counter(right.values())[0] >= 12 <= Counter(right.values())[1]
    assert {c.split for c in made.cases} == {"dev", "test"}
    assert {c.id for c in made.cases if c.must_pass} == {"builds-rapport", "consequence-question"}


def test_the_hostile_suite_has_a_near_miss_for_every_criterion():
    made = shipped("hostile")
    near = [case for case in made.cases if "near_miss" in case.tags]
    assert len(near) == len(made.criteria) == 7
    assert {case.id for case in made.cases if "injection" in case.tags} <= {c.id for c in made.cases if c.must_pass}
    empty = next(case for case in made.cases if case.id == "empty-call")
    assert "the file is empty" in empty.refused
    assert len(next(c for c in made.cases if c.id == "one-speaker").call.transcript.speakers) == 1


def test_the_long_call_has_its_evidence_at_both_ends_and_in_the_middle():
    made = long_call("Rae")
    words = [len(turn.text.split()) for turn in made.turns]
    assert 59_000 <= sum(words) <= 61_000
    at = {text: next(turn.index for turn in made.turns if turn.text == text) for text in (START, MIDDLE, END)}
    before = {text: sum(words[:turn]) / sum(words) for text, turn in at.items()}
    assert before[START] < 0.01
    assert 0.4 < before[MIDDLE] < 0.6
    assert before[END] > 0.99
    assert made.id == long_call("Rae").id
    assert all(made.turns[turn].speaker == "Rae" for turn in at.values())


async def test_the_quotes_suite_passes():
    made = shipped("quotes")
    run = await run_suite(Plan(made, made.cases, CODE, None), 1, lambda: None)
    report = report_of(run, {})
    assert report.failures == []
    assert report.criteria[0].n == len(made.cases) == 17
    assert report.criteria[0].evidence.precision.value == 1.0


async def test_the_ledgerline_run_is_answered_from_recordings(tmp_path):
    made = shipped("ledgerline")
    environment = {"CLOSEREAD_MODEL": "openai/relay"}
    url = f"sqlite:///{tmp_path / 'c.db'}"
    space = Workspace(Settings(tmp_path, url, environment, replay=ROOT / "evals" / "recordings" / "ledgerline"))
    async with space.roles("rater") as roles:
        run = await run_suite(Plan(made, made.cases, roles["rater"], space.prompt("rate_call@1")), 8, lambda: None)
    assert run.unanswered == {}
    assert run.spending.answered["recording"] >= 40
    assert len(run.answers) == 280
    report = report_of(run, {})
    assert all(c.n == 40 for c in report.criteria)
    assert all(isinstance(c.human_ceiling["exact"].value, float) for c in report.criteria)
    wrong = [f for f in report.failures]
    assert len(wrong) == sum(40 - round(c.exact.value * 40) for c in report.criteria)


def write(
    folder, suite, case="", rubric="criteria:\n  - {id: asks, description: Asks what it costs., scale: binary}\n"
):
    (folder / "cases").mkdir(exist_ok=True)
    (folder / "suite.yaml").write_text(suite)
    (folder / "r.yaml").write_text(rubric)
    if case:
        (folder / "cases" / "a.yaml").write_text(case)
    return folder


SUITE = "kind: calls\nabout: a\nrubric: r.yaml\nprompt: rate_call\ncases: cases\n"
CASE = (
    'id: a\nrep: Rae\ntranscript: "Rae: What does it cost you?\\nCus: Much."\nexpect: {asks: {value: 1, turns: [0]}}\n'
)


def test_a_small_suite_reads(tmp_path):
    made = read_suite(write(tmp_path, SUITE, CASE))
    assert made.cases[0].references[0].turns == (0,)
    assert made.cases[0].call.transcript.speakers_as("rep") == {"Rae"}


@pytest.mark.parametrize(
    ("suite", "case", "said"),
    [
        (SUITE + "gate: {}\n", CASE, "gate"),
        ("kind: [\n", CASE, "is not YAML"),
        ("kind: calls\nabout: a\n", CASE, "needs rubric"),
        (SUITE, "", "there are no cases"),
        (SUITE, CASE.replace("asks:", "other:"), "no such criterion"),
        (SUITE, CASE.replace("value: 1", "value: 3"), "3 is not a level"),
        (SUITE, CASE.replace("[0]", "[9]"), "numbered 0 to 1"),
        (SUITE, CASE.replace("turns: [0]", "quotes: [nobody ever said this]"), "nowhere in the transcript"),
        (SUITE, CASE.replace("rep: Rae", "rep: Bob"), "nobody called 'Bob'"),
        (SUITE, CASE.replace("transcript:", "file: nowhere.txt #"), "cannot be read"),
        (SUITE + "tags: {t: [b]}\n", CASE, "no case b"),
        (SUITE, f"cases:\n- {json.dumps({'id': 'a', 'rep': 'R', 'transcript': 'R: x y'})}\n" * 1, ""),
    ],
)
def test_a_wrong_suite_is_one_clear_line(tmp_path, suite, case, said):
    write(tmp_path, suite, case)
    if not said:
        assert read_suite(tmp_path).cases[0].references == ()
        return
    with pytest.raises(ImportProblem, match=said) as problem:
        read_suite(tmp_path)
    assert "\n" not in str(problem.value)


def test_an_import_that_has_to_fail_and_does_not_is_a_failure(tmp_path):
    case = 'id: a\nrep: Rae\ntranscript: "Rae: Hello."\nimport_problem: the file is empty\n'
    made = read_suite(write(tmp_path, SUITE, case))
    run = _run_nothing(made)
    assert run.refused == {"a": "import took it, and had to refuse it"}
    assert [f.expected for f in report_of(run, {}).failures] == ["an import error"]


def _run_nothing(made):
    import asyncio

    return asyncio.run(run_suite(Plan(made, made.cases, CODE, None), 1, lambda: None))


def test_the_ceiling_of_the_sample_is_that_of_its_two_managers():
    from agent.evals.yardsticks import human_ceiling

    made = shipped("ledgerline")
    for criterion in made.criteria:
        references = [r for c in made.cases for r in c.references if r.criterion == criterion.id]
        found = human_ceiling(criterion, references)["exact"]
        assert isinstance(found, Estimate)
        assert found.n == 16
