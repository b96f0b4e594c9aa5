"""Which column of somebody else's table is which field."""

import re

import pytest

from agent.core.errors import ImportProblem
from agent.outcomes.deal_file import DEAL_FIELDS
from agent.text.columns import guess, preview
from agent.text.importers import Source
from agent.text.manifest import CALL_FIELDS, INTERVIEW_FIELDS, pairs, read_call_manifest
from agent.text.shelf import Loose


def table(text):
    return preview(Source("t.csv", text.encode()))


def test_our_own_names_win_over_what_looks_alike():
    found = guess(table("id,Owner,Rep,Date,file\n1,x,y,2026-01-02,a.txt\n"), CALL_FIELDS)
    assert found == {"call_id": "id", "rep": "Rep", "date": "Date", "file": "file"}


def test_columns_are_told_by_what_stands_in_them():
    text = "What;Who;Verdict;On\nA.TXT;Bo;Closed Won;3/4/2026\nsub/b.txt;Bo;lost;2026-01-02\n"
    found = guess(table(text), INTERVIEW_FIELDS, files=["in/a.txt", "b.txt"])
    assert found == {"file": "What", "outcome": "Verdict", "date": "On"}


def test_each_column_fills_one_field_and_each_field_has_one_column():
    found = guess(table("Opportunity ID,Opportunity Owner,Stage,Amount,Close Date,Created Date,Won\n"), DEAL_FIELDS)
    assert found == {
        "deal_id": "Opportunity ID",
        "rep": "Opportunity Owner",
        "stage": "Stage",
        "amount_usd": "Amount",
        "closed": "Close Date",
        "opened": "Created Date",
        "outcome": "Won",
    }


def test_an_empty_column_is_told_by_its_name_only():
    assert guess(table("a,b\n,\n"), INTERVIEW_FIELDS, files=["a.txt"]) == {}


def test_a_preview_is_as_wide_as_its_header_and_counts_all_rows():
    found = table("a,b\n1\n1,2,3\n" + "x,y\n" * 98)
    assert found.rows[:2] == (("1", ""), ("1", "2"))
    assert (len(found.rows), found.total) == (50, 100)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\xff", b'a,"b\n'])
def test_what_is_no_table_is_named(data):
    with pytest.raises(ImportProblem, match=r"t\.csv"):
        preview(Source("t.csv", data))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("won/a.txt", "won/a.txt"),
        ("./won/a.txt", "won/a.txt"),
        ("won\\a.txt", "won/a.txt"),
        ("b.txt", "lost/b.txt"),
        ("B.TXT", "lost/b.txt"),
        ("export/b.txt", "lost/b.txt"),
        ("b", "lost/b.txt"),
        ("a.txt", None),  # there are two
        ("b.pdf", None),
        ("../b.txt", "lost/b.txt"),  # a name like any other: it is compared, never opened
        ("", None),
    ],
)
def test_a_dropped_file_is_found_by_the_end_of_its_name(tmp_path, name, found):
    for path in ("won/a.txt", "lost/a.txt", "lost/b.txt"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("words")
    (tmp_path.parent / "b.txt").write_text("outside")
    source = Loose(tmp_path).get(name)
    assert (source.name if source else None) == found
    assert source is None or source.data == b"words"


def test_what_is_missing_is_proposed_by_the_names_of_columns() -> None:
    table = b"Calls of Q1,,\n\nFile name,Call date,Verk\xc3\xa4ufer\ncall1.txt,2026-03-14,Bo Ray\nGrand Totals (1 record),,\n"
    with pytest.raises(ImportProblem, match="the columns file, date, rep are missing") as missing:
        read_call_manifest(Source("calls.csv", table))
    assert missing.value.line == 3
    advice = '--map "File name=file" --map "Call date=date" --map "Verkäufer=rep"'
    assert missing.value.advice.option == advice
    manifest = read_call_manifest(Source("calls.csv", table), pairs("--map", re.findall('"([^"]+)"', advice)))
    assert [(row.file, row.rep) for row in manifest.rows] == [("call1.txt", "Bo Ray")]
    assert manifest.problems == ()
    assert [left[:40] for left in manifest.left_out] == [
        "line 1, above the header, was left out: ",
        "line 5, below the table, was left out: '",
    ]
