"""The manifest: columns, renames, dates, outcomes; each fault with its line, none stops the others."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from agent.core.errors import ImportProblem, UsageError
from agent.text.manifest import pairs, read_call_manifest, read_interview_manifest

HEADER = "interview_id,file,date,outcome,buyer,rep,account,stage_reached,deal_size_usd\n"
ROW = "i1,a.txt,2026-10-21,won,Dana Whitcombe,Priya Raman,Corvane,proposal,84000\n"


@pytest.fixture
def write(tmp_path: Path):  # type: ignore[no-untyped-def]
    def written(text: str | bytes) -> Path:
        path = tmp_path / "manifest.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return written


def test_a_row_is_typed_and_other_columns_are_details(write) -> None:  # type: ignore[no-untyped-def]
    manifest = read_interview_manifest(write(HEADER + ROW))
    (row,) = manifest.rows
    assert (row.line, row.id, row.file, row.date, row.outcome) == (2, "i1", "a.txt", date(2026, 10, 21), "won")
    assert (row.buyer, row.rep, row.account, row.stage) == ("Dana Whitcombe", "Priya Raman", "Corvane", "proposal")
    assert row.details == {"deal_size_usd": "84000"}
    assert manifest.problems == ()


def test_calls_have_their_columns(write) -> None:  # type: ignore[no-untyped-def]
    text = 'File,Date,Rep,Customer,Industry,Deal ID,Region\nc/1.vtt,2026-10-02,Priya Raman,"A, B",freight,deal-7,EU\n'
    (row,) = read_call_manifest(write(text)).rows
    assert (row.id, row.file, row.customer, row.industry, row.deal) == ("1", "c/1.vtt", "A, B", "freight", "deal-7")
    assert row.details == {"Region": "EU"}


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_excels_separators_and_encodings(write, mark: str, encoding: str) -> None:  # type: ignore[no-untyped-def]
    text = "file,date,rep\r\nä.txt,2026-10-02,Zoë\r\n".replace(",", mark)
    (row,) = read_call_manifest(write(text.encode(encoding))).rows
    assert (row.file, row.rep, row.line) == ("ä.txt", "Zoë", 2)


def test_a_missing_column_says_how_to_map(write) -> None:  # type: ignore[no-untyped-def]
    path = write("File,Date,Opportunity Owner\na.txt,2026-10-02,Priya Raman\n")
    with pytest.raises(ImportProblem) as caught:
        read_call_manifest(path)
    assert caught.value.at_the_terminal() == (
        f"{path}:1: the column rep is missing (add it, or say which of yours it is: File, Date, Opportunity Owner); "
        'say --map "Opportunity Owner=rep"'
    )
    (row,) = read_call_manifest(path, {"Opportunity Owner": "rep"}).rows
    assert row.rep == "Priya Raman"


def test_a_renamed_column_wins_over_one_of_the_fields_name(write) -> None:  # type: ignore[no-untyped-def]
    text = "file,date,rep,Closer\na.txt,2026-10-02,SDR,Priya Raman\n"
    (row,) = read_call_manifest(write(text), {"Closer": "rep"}).rows
    assert (row.rep, row.details) == ("Priya Raman", {"rep": "SDR"})


def test_renames_that_cannot_be(write) -> None:  # type: ignore[no-untyped-def]
    path = write("file,date,rep\na.txt,2026-10-02,Priya Raman\n")
    with pytest.raises(ImportProblem, match="no column 'Owner' in the manifest"):
        read_call_manifest(path, {"Owner": "rep"})
    with pytest.raises(UsageError, match="'rep' cannot be the field 'owner': there is none; there are file, date, rep"):
        read_call_manifest(path, {"rep": "owner"})
    with pytest.raises(UsageError, match="two columns are to be the field 'rep'"):
        read_call_manifest(path, {"rep": "rep", "file": "rep"})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-10-21", date(2026, 10, 21)),
        ("2026-10-21T14:30:00Z", date(2026, 10, 21)),
        ("2026-10-21 00:00:00", date(2026, 10, 21)),
        ("2026/10/21", date(2026, 10, 21)),
        ("21.10.2026", date(2026, 10, 21)),
        ("21/10/2026", date(2026, 10, 21)),
        ("10/21/2026", date(2026, 10, 21)),
        ("5/5/2026", date(2026, 5, 5)),
        ("21/10/26", date(2026, 10, 21)),
        ("03.04.2026", date(2026, 4, 3)),
        ("46316", date(2026, 10, 21)),
        ("Wed Oct 21 2026", date(2026, 10, 21)),
        ("2026-10-21 10:00 PST", date(2026, 10, 21)),
        ("21 October 2026", date(2026, 10, 21)),
        ("Oct 21, 2026", date(2026, 10, 21)),
        ("21-Oct-2026", date(2026, 10, 21)),
    ],
)
def test_dates_that_can_be_read_in_one_way(write, written: str, meant: date) -> None:  # type: ignore[no-untyped-def]
    (row,) = read_call_manifest(write(f'file,date,rep\na.txt,"{written}",Priya Raman\n')).rows
    assert row.date == meant


def test_what_was_held_was_held_by_now(write) -> None:  # type: ignore[no-untyped-def]
    today = datetime.now(UTC).date()
    ahead = today + timedelta(days=3)
    manifest = read_call_manifest(write(f"file,date,rep\na.txt,{ahead},Priya Raman\nb.txt,{today},Priya Raman\n"))
    (problem,) = manifest.problems
    assert f"'{ahead}' is still to come" in str(problem)
    assert [row.date for row in manifest.rows] == [today]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("03/04/2026", "can be read in two ways: 2026-03-04 or 2026-04-03"),
        ("31/31/2026", "'31/31/2026' is not a date"),
        ("2026-02-30", "is not a date"),
        ("soon", "is not a date"),
        ("", "date is empty"),
    ],
)
def test_dates_that_cannot(write, written: str, says: str) -> None:  # type: ignore[no-untyped-def]
    manifest = read_call_manifest(write(f"file,date,rep\na.txt,{written},Priya Raman\nb.txt,2026-10-02,Priya Raman\n"))
    (problem,) = manifest.problems
    assert says in str(problem)
    assert problem.line == 2
    assert [row.file for row in manifest.rows] == ["b.txt"]


@pytest.mark.parametrize(
    ("written", "outcome"),
    [
        *dict.fromkeys(
            ("won", "win", "closed won", "closedwon", "closed-won", "w", "success", "deal won"), "won"
        ).items(),
        *dict.fromkeys(
            ("lost", "loss", "closed lost", "closedlost", "closed-lost", "l", "lose", "deal lost"), "lost"
        ).items(),
        *dict.fromkeys(("Closed Won", "5 - Closed Won", "Closed Won (Sales Pipeline)", "Closed/Won"), "won").items(),
        *dict.fromkeys(("CLOSED_LOST", "Closed Lost - Price", "lost to competitor"), "lost").items(),
    ],
)
def test_outcomes(write, written: str, outcome: str) -> None:  # type: ignore[no-untyped-def]
    (row,) = read_interview_manifest(write(HEADER + ROW.replace(",won,", f",{written},"))).rows
    assert row.outcome == outcome


def test_an_outcome_that_is_none(write) -> None:  # type: ignore[no-untyped-def]
    (problem,) = read_interview_manifest(write(HEADER + ROW.replace(",won,", ",disqualified,"))).problems
    assert "the outcome 'disqualified' is neither won nor lost (write won, lost, no decision or churned)" in str(
        problem
    )


@pytest.mark.parametrize(
    "name", ["../a.txt", "/etc/passwd", "a/../../b.txt", "C:\\a.txt", "..\\a.txt", "\\\\host\\a.txt"]
)
def test_a_way_out_of_the_directory_is_refused(write, name: str) -> None:  # type: ignore[no-untyped-def]
    manifest = read_call_manifest(write(f"file,date,rep\n{name},2026-10-02,Priya Raman\n"))
    assert manifest.rows == ()
    assert "is outside the directory" in str(manifest.problems[0])


def test_two_rows_with_one_id_or_one_file(write) -> None:  # type: ignore[no-untyped-def]
    rows = "c1,a.txt,2026-10-02,P\nc1,b.txt,2026-10-02,P\nc3,A.txt,2026-10-02,P\n"
    manifest = read_call_manifest(write("call_id,file,date,rep\n" + rows))
    assert [row.id for row in manifest.rows] == ["c1"]
    assert [(p.line, p.what) for p in manifest.problems] == [
        (3, "the id 'c1' stands already on line 2"),
        (4, "the file 'A.txt' stands already on line 2"),
    ]


def test_lines_are_counted_through_quoted_line_ends(write) -> None:  # type: ignore[no-untyped-def]
    text = 'file,date,rep,notes\na.txt,2026-10-02,P,"two\nlines"\n\nb.txt,soon,P,\n'
    (problem,) = read_call_manifest(write(text)).problems
    assert problem.line == 5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the manifest is empty"),
        ("file,date,rep,rep\n", "two columns are called 'rep'"),
        ('file,date,rep\n"a.txt,2026-10-02,P\n', ":2: not CSV: unexpected end of data"),
        (b"PK\x03\x04\0\0", "this is a binary file"),
    ],
)
def test_a_manifest_that_cannot_be_used_at_all(write, text: str | bytes, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ImportProblem, match=re.escape(says)):
        read_call_manifest(write(text))


def test_several_buyers_are_separated_by_semicolons(write) -> None:  # type: ignore[no-untyped-def]
    (row,) = read_interview_manifest(write(HEADER + ROW.replace("Dana Whitcombe", "Dana Whitcombe; Kenji Ito ;"))).rows
    assert row.buyers == ("Dana Whitcombe", "Kenji Ito")
    (problem,) = read_interview_manifest(write(HEADER + ROW.replace("Dana Whitcombe", ";"))).problems
    assert problem.what == "buyer is empty in this row"


def test_more_cells_than_columns(write) -> None:  # type: ignore[no-untyped-def]
    (problem,) = read_call_manifest(write("file,date,rep\na.txt,2026-10-02,Lee, Ann\n")).problems
    assert "this row has 4 cells, the header 3 (put quotation marks around" in str(problem)


def test_pairs_of_the_command_line() -> None:
    assert pairs("--speakers", ["Speaker 1=rep", " a=b = Ann Lee "]) == {"Speaker 1": "rep", "a=b": "Ann Lee"}
    for wrong in ("rep", "=rep", "rep="):
        with pytest.raises(UsageError, match=r'--speakers wants LEFT=RIGHT, for example --speakers "Speaker 1=rep"'):
            pairs("--speakers", [wrong])


def test_windows_1252_and_a_workbook_are_read(write, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (row,) = read_call_manifest(write(b"file,date,rep\na.txt,2026-10-02,Zo\xeb\n")).rows
    assert row.rep == "Zoë"
    book = openpyxl.Workbook()
    for cells in (
        ["Calls of March"],
        ["File", "Date", "Rep", "Deal ID"],
        ["a.txt", datetime(2026, 10, 2), "Priya Raman", 12],
    ):
        book.active.append(cells)
    book.save(tmp_path / "calls.xlsx")
    manifest = read_call_manifest(tmp_path / "calls.xlsx")
    (row,) = manifest.rows
    assert (row.line, row.file, row.date, row.rep, row.deal) == (3, "a.txt", date(2026, 10, 2), "Priya Raman", "12")
    assert manifest.left_out == ("line 1, above the header, was left out: 'Calls of March'",)


def test_a_day_above_12_decides_the_columns_order_and_what_stays_open_is_asked_once(write) -> None:  # type: ignore[no-untyped-def]
    rows = "a.txt,03/04/2026,P\nb.txt,05/04/2026,P\n"
    (problem,) = read_call_manifest(write("file,date,rep\n" + rows)).problems
    assert problem.what.endswith("2026-03-04 or 2026-04-03; 1 more rows have such dates")
    assert "--dates" in problem.at_the_terminal()
    path = write("file,date,rep\n" + rows + "c.txt,21/04/2026,P\n")
    assert [row.date.isoformat() for row in read_call_manifest(path).rows] == ["2026-04-03", "2026-04-05", "2026-04-21"]
    told = read_call_manifest(write("file,date,rep\n" + rows), dates="month_first").rows
    assert [row.date.isoformat() for row in told] == ["2026-03-04", "2026-05-04"]
