"""CSV in: what fits is stored once, what does not is one line each."""

import pytest
from sqlalchemy import select

from agent.calibration.store import Rounds
from agent.db.schema import ratings
from agent.ratings.counted import Counting
from agent.ratings.import_file import read_ratings
from agent.ratings.model import Rated, Rating
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics
from agent.settings import Settings
from agent.uploads.reading import store_ratings
from agent.workspace import Workspace
from tests.builders import SAMPLE, criterion, rubric

HEAD = "call_id,date,rep,criterion,value,status\n"


@pytest.fixture
def space(tmp_path):
    made = Workspace(Settings.read(tmp_path / "space", {}))
    yield made
    made.store.close()


def imported(space, tmp_path, text, criteria=("asks_cost",)):
    path = tmp_path / "given.csv"
    path.write_text(text)
    stored = space.store[Rubrics].add(rubric(*map(criterion, criteria)))
    intake = read_ratings(path, stored)
    return store_ratings(space, intake, path, stored.id), intake


def test_what_is_written_in_bulk_is_what_single_ratings_would_be(space, tmp_path):
    imported(
        space, tmp_path, HEAD + "c1,2026-03-01,Rae,asks_cost,1,rated\nc2,2026-03-02,Rae,asks_cost,,not_applicable\n"
    )
    with space.store.engine.connect() as connection:
        rows = connection.execute(select(ratings.c.id, ratings.c.body)).all()
    assert [Rating.model_validate_json(body).id for _, body in rows] == [ident for ident, _ in rows]
    assert len(rows) == 2
    rating = space.store[Ratings].current(["c1"])[0]
    assert (rating.rater, rating.judgement) == ("import:given", Rated(value=1))


def test_the_same_again_changes_nothing_and_a_correction_supersedes(space, tmp_path):
    first = HEAD + "c1,2026-03-01,Rae,asks_cost,1,rated\n"
    assert imported(space, tmp_path, first)[0] == {"new": 1}
    assert imported(space, tmp_path, first)[0] == {"unchanged": 1}
    assert imported(space, tmp_path, first.replace(",1,", ",0,"))[0] == {"changed": 1}
    (now,) = space.store[Ratings].current(["c1"])
    assert now.judgement.value == 0
    assert now.supersedes
    assert imported(space, tmp_path, first)[0] == {"changed": 1}
    assert space.store[Ratings].current(["c1"])[0].judgement.value == 1


def test_every_bad_row_is_one_line_and_an_unknown_criterion_one_for_all_its_rows(space, tmp_path):
    rows = [
        "c1,2026-03-01,Rae,asks_cost,1,rated",
        "c2,2026-03-01,Rae,asks_cost,7,rated",
        "c3,31.02.2026,Rae,asks_cost,1,rated",
        "c4,2026-03-01,,asks_cost,1,rated",
        "c5,2026-03-01,Rae,asks_cost,,rated",
        "c6,2026-03-01,Rae,asks_cost,1,maybe",
        "c1,2026-03-01,Rae,asks_cost,0,rated",
        "c1,2026-03-02,Rae,asks_cost,0,rated",
        "c8,2026-03-01,Rae,charm,1,rated",
        "c9,2026-03-01,Rae,charm,1,rated",
        "c10,2026-03-01,Rae",
    ]
    done, intake = imported(space, tmp_path, HEAD + "\n".join(rows) + "\n")
    assert done == {"new": 1}
    assert [problem.line for problem in intake.problems] == [3, 4, 5, 6, 7, 8, 9, 12, 10]
    assert "2 rows are left out" in str(intake.problems[-1])


def test_a_call_that_is_stored_with_another_rep_is_refused(space, tmp_path):
    imported(space, tmp_path, HEAD + "c1,2026-03-01,Rae,asks_cost,1,rated\n")
    done, intake = imported(space, tmp_path, HEAD + "c1,2026-03-01,Sam,asks_cost,0,rated\n")
    assert done == {}
    assert "stored as a call of Rae" in str(intake.problems[0])


def test_ratings_need_a_rubric(closeread, tmp_path):
    (tmp_path / "r.csv").write_text(HEAD + "c1,2026-03-01,Rae,asks_cost,1,rated\n")
    assert closeread("ratings", "import", tmp_path / "r.csv").code == 3
    assert "there is no rubric yet" in closeread.err
    assert len(closeread.err.strip().splitlines()) == 1


def test_a_blind_rounds_ratings_are_not_counted_for_anybody(space, tmp_path):
    from datetime import UTC, datetime

    from agent.calibration.model import CalibrationRound

    imported(space, tmp_path, HEAD + "c1,2026-03-01,Rae,asks_cost,1,rated\nc2,2026-03-01,Rae,asks_cost,1,rated\n")
    found = space.store[Rubrics].newest()
    assert space.store[Counting].calls(found).calls == ["c1", "c2"]
    opened = CalibrationRound(
        number=1, rubric=found.id, raters=("ann", "bo"), calls=("c1",), opened_at=datetime.now(UTC)
    )
    space.store[Rounds].open(opened, {})
    assert space.store[Counting].calls(found).calls == ["c2"]
    (said,) = space.store[Counting].uncounted(found)
    assert said == "1 call is left out as long as calibration round 1 is blind"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("d1,Rae,2026-02-01,2026-01-01,lead,lost,5", "before it was opened"),
        ("d1,Rae,2026-01-01,,lead,lost,5", "closed is empty"),
        ("d1,Rae,2026-01-01,2026-02-01,moon,lost,5", "'moon' is not known"),
        ("d1,Rae,2026-01-01,2026-02-01,lead,maybe,5", "not won, lost, open"),
        ("d1,Rae,2026-01-01,2026-02-01,won,lost,5", "put one of them right"),
        ("d1,Rae,3/4/2026,2026-05-01,lead,lost,5", "two ways"),
        ("d1,Rae,2026-01-01,2026-02-01,lead,lost,much", "not a number"),
        ("d1,,2026-01-01,2026-02-01,lead,lost,5", "rep is empty"),
    ],
)
def test_a_wrong_deal_is_one_clear_line(closeread, tmp_path, row, said):
    path = tmp_path / "deals.csv"
    path.write_text(f"deal_id,rep,opened,closed,furthest_stage,outcome,amount_usd\n{row}\n")
    assert closeread("deals", "import", path).code == 3
    problems = [line for line in closeread.err.splitlines() if line.startswith("problem:")]
    assert len(problems) == 1
    assert said in problems[0]
    assert "deals.csv:2" in problems[0]


def test_a_salesforce_report_comes_in_by_its_own_columns(closeread, tmp_path):
    path = tmp_path / "report.csv"
    path.write_text(
        "Opportunity ID,Opportunity Owner,Created Date,Close Date,Stage,Amount,Last Stage\n"
        '006A,Rae Ito,1/5/2026,2/20/2026,Closed Won,"$12,000",\n'
        "006B,Rae Ito,1/9/2026,3/4/2026,Closed Lost,9000,Proposal/Price Quote\n"
        "006C,Sam Roe,2/1/2026,6/30/2026,Needs Analysis,,\n"
    )
    assert closeread("deals", "import", path, "--preset", "salesforce").code == 0
    deals = {d["id"]: d for d in closeread("deals", "list", "--json").json["items"]}
    assert (deals["006A"]["stage"], deals["006A"]["amount_usd"], deals["006A"]["opened"]) == (
        "won",
        12000,
        "2026-01-05",
    )
    assert deals["006B"]["stage"] == ""
    assert (deals["006C"]["stage"], deals["006C"]["outcome"], deals["006C"]["closed"]) == ("meeting", "open", None)
    more = closeread("deals", "import", path, "--preset", "salesforce", "--map", "Last Stage=furthest_stage")
    assert "1 changed" in more.out
    assert {d["id"]: d["stage"] for d in closeread("deals", "list", "--json").json["items"]}["006B"] == "proposal"


def test_a_hubspot_export_comes_in_by_its_own_columns(closeread, tmp_path):
    path = tmp_path / "deals.csv"
    path.write_text(
        "Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Create Date\n"
        "91,Big,Contract Sent,2026-07-01 10:22,Rae Ito,500,2026-03-04 09:00\n"
        "92,Small,Closed Won,2026-05-01 10:22,Rae Ito,,2026-03-04 09:00\n"
    )
    assert closeread("deals", "import", path, "--preset", "hubspot").code == 0
    found = [(d["stage"], d["outcome"]) for d in closeread("deals", "list", "--json").json["items"]]
    assert found == [("proposal", "open"), ("won", "won")]
    assert closeread("deals", "import", path, "--preset", "sugar").code == 5
    assert "hubspot" in closeread.err


def test_coaching_cycles_do_not_overlap_and_name_known_criteria(closeread, tmp_path):
    closeread("rubric", "import", SAMPLE / "rubric.yaml")
    path = tmp_path / "coaching.csv"
    path.write_text(
        "rep,cycle,start,end,criteria\n"
        "Rae,one,2026-03-01,2026-03-31,consequence_question; discovery_depth\n"
        "Rae,two,2026-03-20,2026-04-30,consequence_question\n"
        "Sam,one,2026-03-01,2026-03-31,charm\n"
        "Sam,two,2026-05-01,2026-04-01,discovery_depth\n"
    )
    assert closeread("coaching", "import", path).code == 3
    said = closeread.err
    assert "before one ends" in said
    assert "'charm'" in said
    assert "before it starts" in said
    (kept,) = closeread("coaching", "list", "--json").json["items"]
    assert kept["criteria"] == ["consequence_question", "discovery_depth"]
