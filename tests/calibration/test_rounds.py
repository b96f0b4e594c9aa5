"""Opening, rating, submitting, correcting, closing: what is final stays final, and the log keeps all of it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from agent.calibration.store import Rounds
from agent.db.schema import round_log
from tests.calibration.conftest import everywhere, hand_in, write_ratings

TWO = ("call-00", "call-01")


@pytest.fixture
def opened(closeread):
    assert closeread("calibrate", "open", "--raters", "ana,ben", "--calls", ",".join(TWO)).code == 0
    return closeread


@pytest.fixture
def submitted(opened, tmp_path):
    hand_in(opened, tmp_path, "ana", everywhere(TWO, 1, 2))
    hand_in(opened, tmp_path, "ben", everywhere(TWO, lambda place: place, 4))
    return opened


@pytest.mark.parametrize(
    ("raters", "says"),
    [
        ("ana", "two or more people, got ana"),
        ("ana,model", "two or more people, got ana"),
        ("model", "two or more people, got nobody"),
        ("ana,ana", "ana stands twice"),
        ("ana,ben,model:x", "no person"),
    ],
)
def test_a_round_without_two_people_is_refused_in_words(closeread, raters, says):
    ran = closeread("calibrate", "open", "--raters", raters)
    assert ran.code == 2
    assert says in ran.err
    assert closeread("calibrate", "status").code == 3


def test_calls_of_an_earlier_round_are_refused_and_never_picked(opened):
    again = opened("calibrate", "open", "--raters", "ana,cho", "--calls", "call-01,call-02")
    assert again.code == 3
    assert "call-01: already rated in calibration round 1" in again.err
    picked = opened("calibrate", "open", "--raters", "ana,cho", "--pick", "18", "--json").json["calls"]
    assert not set(picked) & set(TWO)
    assert opened("calibrate", "open", "--raters", "ana,cho", "--pick", "1").code == 3


def test_an_unknown_call_opens_nothing(closeread):
    assert closeread("calibrate", "open", "--raters", "ana,ben", "--calls", "call-77").code == 3
    assert closeread("calibrate", "status").code == 3


def test_submitting_needs_every_rating(opened, tmp_path):
    hand_in(opened, tmp_path, "ana", everywhere(TWO[:1], 1, 2), submit=False)
    refused = opened("calibrate", "submit", "1", "--as", "ana")
    assert refused.code == 4
    assert "2 of 4 ratings are missing, first call-01 asks_cost" in refused.err
    status = opened("calibrate", "status", "1", "--json").json
    assert status["raters"][0] == {"name": "ana", "model": False, "submitted": False, "rated": 2}
    assert status["state"] == "rating"


def test_drafts_may_change_until_they_are_submitted(opened, tmp_path):
    hand_in(opened, tmp_path, "ana", everywhere(TWO, 0, 2), submit=False)
    hand_in(opened, tmp_path, "ana", everywhere(TWO, 1, 3))
    shown = opened("calibrate", "reveal", "1", "--as", "ana", "--json").json
    assert {(r["criterion"], r["judgement"]["value"]) for r in shown["items"]} == {("asks_cost", 1), ("depth", 3)}


def test_what_is_submitted_is_final(submitted, tmp_path):
    file = write_ratings(tmp_path / "late.csv", [["call-00", "depth", 5, "", ""]])
    late = submitted("calibrate", "rate", "1", "--as", "ana", "--file", file)
    assert late.code == 8
    assert "final" in late.err
    assert submitted("calibrate", "submit", "1", "--as", "ana").code == 8
    assert "state: rated" in submitted("calibrate", "status", "1").out


CORRECTION = ("--call", "call-00", "--criterion", "depth", "--value", "5")


def test_a_correction_is_a_new_rating_with_a_reason_and_leaves_the_verdict(submitted):
    before = submitted("calibrate", "report", "1", "--json").json
    assert submitted("calibrate", "correct", "1", "--as", "ana", *CORRECTION, "--reason", " ").code == 2
    assert submitted("calibrate", "correct", "1", "--as", "ana", *CORRECTION, "--reason", "turn 0 counts").code == 0
    again = ("--call", "call-00", "--criterion", "depth", "--value", "4")
    assert submitted("calibrate", "correct", "1", "--as", "ana", *again, "--reason", "second thoughts").code == 0
    after = submitted("calibrate", "report", "1", "--json").json
    assert after == before
    current = submitted("ratings", "list", "--call", "call-00", "--criterion", "depth", "--json").json["items"]
    assert {(r["rater"], r["value"], r["reason"]) for r in current} == {
        ("ana", 4, "second thoughts"),
        ("ben", 4, ""),
    }


def test_only_what_one_has_submitted_can_be_corrected(opened, tmp_path):
    early = opened("calibrate", "correct", "1", "--as", "ana", *CORRECTION, "--reason", "x")
    assert early.code == 2
    assert opened("calibrate", "correct", "1", "--as", "zed", *CORRECTION, "--reason", "x").code == 2
    hand_in(opened, tmp_path, "ana", everywhere(TWO, 1, 2))
    other = ("--call", "call-05", "--criterion", "depth", "--value", "5")
    assert opened("calibrate", "correct", "1", "--as", "ana", *other, "--reason", "x").code == 3


def test_a_stranger_cannot_rate(opened, tmp_path):
    file = write_ratings(tmp_path / "zed.csv", [["call-00", "depth", 5, "", ""]])
    ran = opened("calibrate", "rate", "1", "--as", "zed", "--file", file)
    assert ran.code == 2
    assert "'zed' is no rater of round 1; its raters are ana, ben" in ran.err
    assert opened("calibrate", "rate", "1", "--file", file).code == 2


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (["call-00", "depth", "6", "", ""], "ratings.csv:2: '6' is not a level of depth"),
        (["call-00", "depth", "good", "", ""], "'good' is not a level"),
        (["call-09", "depth", "3", "", ""], "no call of round 1"),
        (["call-00", "charm", "3", "", ""], "no criterion 'charm'"),
        (["call-00", "asks_cost", "1", "9", ""], "no turn '9'"),
        (["call-00", "asks_cost", "1", "1", ""], "turn 1 is Cus's"),
    ],
)
def test_a_bad_row_names_its_line_and_nothing_of_the_file_is_kept(opened, tmp_path, row, says):
    file = write_ratings(tmp_path / "ratings.csv", [row, ["call-01", "depth", "3", "", ""]])
    ran = opened("calibrate", "rate", "1", "--as", "ana", "--file", file)
    assert ran.code == 3
    assert says in ran.err
    assert opened("calibrate", "status", "1", "--json").json["raters"][0]["rated"] == 0


def test_one_rating_twice_in_a_file_is_refused(opened, tmp_path):
    file = write_ratings(tmp_path / "r.csv", [["call-00", "depth", "3", "", ""], ["call-00", "depth", "4", "", ""]])
    ran = opened("calibrate", "rate", "1", "--as", "ana", "--file", file)
    assert ran.code == 3
    assert "already on line 2" in ran.err


def test_report_and_adjudication_wait_for_everybody(opened, tmp_path):
    hand_in(opened, tmp_path, "ana", everywhere(TWO, 1, 2))
    for command in ("report", "adjudicate", "sharpen"):
        ran = opened("calibrate", command, "1", *(["--as", "ana"] if command == "adjudicate" else []))
        assert ran.code == 4
        assert "blind until ben" in ran.err


def test_the_log_tells_each_step_and_nobody_can_change_it(submitted, store):
    submitted("ratings", "list", "--call", "call-00", "--as", "ana")
    events = [(e["kind"], e["by"]) for e in submitted("calibrate", "audit", "1", "--json").json["items"]]
    assert events == [
        ("opened", ""),
        ("drafted", "ana"),
        ("submitted", "ana"),
        ("drafted", "ben"),
        ("submitted", "ben"),
        ("looked", "ana"),
    ]
    for change in ("UPDATE round_log SET body = ''", "DELETE FROM round_log"):
        with store.engine.connect() as connection, pytest.raises(DatabaseError, match="append-only"):
            connection.execute(text(change))
    assert len(submitted("calibrate", "audit", "1", "--json").json["items"]) == len(events)


def test_a_look_that_was_refused_is_logged_with_what_was_withheld(opened, tmp_path, store):
    hand_in(opened, tmp_path, "ben", everywhere(TWO, 1, 2))
    opened("score", "show", "call-00", "--as", "ana")
    opened("score", "show", "call-00")
    looks = [e for e in opened("calibrate", "audit", "--json").json["items"] if e["kind"] == "looked"]
    assert [(e["by"], e["facts"]["shown"], e["facts"]["withheld"]) for e in looks] == [("ana", 0, 2), ("", 0, 2)]
    with store.engine.connect() as connection:
        assert connection.execute(round_log.select()).all()


def test_differences_are_settled_beside_the_ratings(submitted):
    listed = submitted("calibrate", "adjudicate", "1")
    assert "asks_cost" in listed.out
    assert "3 open" in listed.err
    cell = ("--call", "call-00", "--criterion", "asks_cost")
    assert submitted("calibrate", "adjudicate", "1", "--as", "lead", *cell, "--value", "1").code == 2
    done = submitted(
        "calibrate",
        "adjudicate",
        "1",
        "--as",
        "lead",
        *cell,
        "--value",
        "1",
        "--turn",
        "0",
        "--reason",
        "it is a question",
    )
    assert done.code == 0, done.err
    split = next(
        s
        for c in submitted("calibrate", "report", "1", "--json").json["criteria"]
        if c["criterion"] == "asks_cost"
        for s in c["splits"]
    )
    assert split["adjudicated"]["judgement"]["value"] == 1
    assert [r["judgement"]["value"] for r in split["ratings"]] == [1, 0]
    agreed = ("--call", "call-01", "--criterion", "asks_cost", "--value", "0", "--reason", "x")
    assert submitted("calibrate", "adjudicate", "1", "--as", "lead", *agreed).code == 2


def test_after_closing_nothing_is_settled(submitted):
    assert submitted("calibrate", "close", "1", "--as", "lead").code == 0
    cell = ("--call", "call-00", "--criterion", "asks_cost", "--value", "1", "--reason", "late")
    assert submitted("calibrate", "adjudicate", "1", "--as", "lead", *cell).code == 8
    assert submitted("calibrate", "close", "1").code == 8


def test_giving_up_needs_a_reason_and_leaves_no_result(opened, tmp_path):
    hand_in(opened, tmp_path, "ana", everywhere(TWO, 1, 2))
    assert opened("calibrate", "close", "1", "--reason", "sneaking out").code == 4
    assert opened("calibrate", "close", "1", "--give-up").code == 2
    assert opened("calibrate", "close", "1", "--give-up", "--reason", "ben is ill", "--as", "ana").code == 0
    ran = opened("calibrate", "report", "1")
    assert ran.code == 4
    assert "given up when 1 of its people had submitted" in ran.err
    assert opened("calibrate", "open", "--raters", "ana,ben", "--calls", "call-00").code == 3


def test_the_model_rates_from_what_is_stored_or_the_round_does_not_open(closeread, store):
    refused = closeread("calibrate", "open", "--raters", "ana,ben,model", "--calls", "call-00")
    assert refused.code == 2
    assert "none is bound as rater" in refused.err
    assert store[Rounds].all() == []
