"""Each file is read once, and an import at the terminal is an upload like any other."""

import pytest

import agent.text.importers as importers
from agent.calls.store import Calls
from agent.db.audit import AuditLog
from agent.interviews.store import Interviews
from agent.outcomes.store import Deals
from agent.settings import Settings
from agent.text import csv_rows
from agent.uploads.store import Uploads
from agent.workspace import Workspace
from tests.uploads.bringing import TALK, Bringing, manifest, named, text

ROWS = [f"{name}.txt,2026-03-04,won,Bo Li,Rae" for name in "abc"]
THREE = [manifest(*ROWS), *(text(f"{name}.txt", named(number)) for number, name in enumerate("abc"))]


@pytest.fixture(name="ops")
def _ops(site):
    return Bringing(site)


@pytest.fixture(name="read")
def _read(monkeypatch):
    """The names of files in the order they are read."""
    names, real = [], importers.transcript_of

    def counted(where, lines, speakers=None):
        names.append(where.rpartition("/")[2])
        return real(where, lines, speakers)

    monkeypatch.setattr(importers, "transcript_of", counted)
    return names


def test_looking_and_storing_read_each_file_once(site, ops, read):
    place = ops.bring(THREE)
    assert "Store these 3 interviews" in ops.get(place).text
    ops.get(f"{place}?speakers=a.txt")
    ops.store(place)
    assert {i.id for i in site.space.store[Interviews].all()} >= {"a", "b", "c"}
    assert sorted(read) == ["a.txt", "b.txt", "c.txt"]


def test_what_is_said_about_one_file_has_this_one_read_again(ops, read):
    place = ops.bring([manifest(*ROWS), *THREE[1:3], text("c.txt", TALK)])
    assert "Say who speaks in 1 file" in ops.get(place).text
    ops.post(f"{place}/speakers", **{"label-0": "c.txt:Speaker 2", "part-0": "buyer"})
    page = ops.get(place).text
    assert "Store these 3 interviews" in page
    assert "Say who speaks" not in page
    ops.post(f"{place}/files", [text("a.txt", named(9))])
    ops.store(place)
    assert sorted(read) == ["a.txt", "a.txt", "b.txt", "c.txt", "c.txt"]


def test_the_api_reads_each_file_once(site, read):
    assert site.program("ops_lead").post("/api/v1/interviews/import", files=THREE).json()["counts"]["new"] == 3
    assert sorted(read) == ["a.txt", "b.txt", "c.txt"]


def test_an_import_at_the_terminal_is_read_once_logged_listed_and_taken_back(closeread, tmp_path, read):
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text(f"Rae: What does {name} cost?\nCus: A lot.\n")
    (tmp_path / "m.csv").write_text("file,date,rep\na.txt,2026-10-01,Rae\nb.txt,2026-10-01,Rae\n")
    made = closeread("calls", "import", tmp_path, "--manifest", tmp_path / "m.csv", "--json").json
    assert (made["counts"]["new"], read) == (2, ["a.txt", "b.txt"])
    ident = made["upload"]["id"]
    assert [row["id"] for row in closeread("uploads", "list", "--json").json["items"]] == [ident]
    assert [d["id"] for d in closeread("uploads", "show", ident, "--json").json["documents"]] == ["a", "b"]
    assert closeread("uploads", "undo", ident, "--json").json["removed"] == ["a", "b"]
    space = Workspace(Settings.read(closeread.folder))
    log = space.store[AuditLog]
    assert [line.facts["new"] for line in log.page(action="uploaded")] == [2]
    assert log.page(action="upload_undone")[0].person.endswith("at the command line")
    assert (space.store[Calls].all(), space.store[Uploads].get(ident).undoable) == ([], False)
    space.store.close()


def test_rows_imported_at_the_terminal_are_logged(closeread, tmp_path):
    (tmp_path / "d.csv").write_text("deal_id,rep,opened,closed,outcome\nd1,Rae,2026-03-04,2026-04-04,lost\n")
    made = closeread("deals", "import", tmp_path / "d.csv", "--json").json
    assert made["upload"]["kind"] == "deals"
    assert made["notes"] == [
        "1 lost deal does not say how far it came; it counts for win rates, and the funnel gives bounds for the steps that depend on it"
    ]


def test_a_table_is_parsed_once_however_often_one_looks(site, ops, monkeypatch):
    parsed, real = [], csv_rows._parsed
    monkeypatch.setattr(csv_rows, "_parsed", lambda source: parsed.append(1) or real(source))
    rows = b"deal_id,rep,opened,closed,outcome\nonce-1,Rae,2026-01-02,2026-02-03,won\n"
    place = ops.bring([("files", ("deals.csv", rows, "text/csv"))], "deals")
    ops.get(place)
    ops.get(place)
    ops.store(place)
    assert len(parsed) == 1


def test_a_table_whose_columns_are_chosen_is_parsed_once_from_bringing_it_to_storing_it(site, ops, monkeypatch):
    parsed, real = [], csv_rows._parsed
    monkeypatch.setattr(csv_rows, "_parsed", lambda source: parsed.append(1) or real(source))
    rows = b"Opportunity;Owner;Begun;Ended;Result\nchosen-1;Rae;2026-01-02;2026-02-03;won\n"
    place = ops.bring([("files", ("deals.csv", rows, "text/csv"))], "deals")
    assert "no column is chosen for" in ops.get(place).text
    chosen = {"deal_id": "Opportunity", "rep": "Owner", "opened": "Begun", "closed": "Ended", "outcome": "Result"}
    columns = {f"column-{ours}": theirs for ours, theirs in chosen.items()}
    ops.post(f"{place}/table", kind="deals", manifest="deals.csv", **columns)
    assert "Store this deal" in ops.get(place).text
    ops.store(place)
    assert "chosen-1" in {deal.id for deal in site.space.store[Deals].all()}
    assert len(parsed) == 1
