"""Uploads through the pages and the API: looked at first, stored, taken back; nothing lost and nothing let out."""

from __future__ import annotations

import io
import os
import re
import time
import zipfile
from datetime import UTC, date, datetime

import pytest
from openpyxl import Workbook

from agent.app.queue.store import Jobs
from agent.calls.store import Calls
from agent.core.errors import DiskFull, ImportProblem, InputError, NotFound
from agent.db.audit import AuditLog
from agent.interviews.store import Interviews
from agent.outcomes.store import Deals
from agent.people.store import People, Tokens
from agent.profiles.store import CoachingPeriods
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.text.shelf import Loose
from agent.uploads.made_manifest import made_rows, manifest_workbook
from agent.uploads.staging import MAX_FILES, StagingArea, safe_name, sweep
from agent.uploads.store import Uploads
from tests.builders import rubric
from tests.uploads.bringing import TALK, Bringing, manifest, named, text

COLUMNS = {f"column-{field}": field for field in ("file", "date", "outcome", "buyer", "rep")}
TWO = [
    manifest("a.txt,2026-03-04,won,Bo Li,Rae", "b.txt,2026-03-05,lost,Bo Li,Sam"),
    text("a.txt", named(1)),
    text("b.txt", named(2)),
]


def zipped(**members):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return data.getvalue()


@pytest.fixture(name="ops")
def _ops(site):
    return Bringing(site)


def area(site, role="ops_lead"):
    return StagingArea(site.space.settings.workspace, site.people[role].id)


def waiting(site):
    return [name for staged in area(site).all() for name in area(site).names(staged.id)]


# Through the pages.


def test_files_with_a_manifest_are_looked_at_and_then_stored(site, ops):
    place = ops.bring(TWO)
    page = ops.get(place).text
    assert "Store these 2 interviews" in page
    assert "2 turns: Ann (interviewer), Bo Li (buyer)" in page
    assert len(site.space.store[Interviews].all()) == 1  # nothing is stored by looking
    done = ops.store(place)
    assert {i.id for i in site.space.store[Interviews].all()} == {"int-1", "a", "b"}
    assert waiting(site) == []
    upload = site.space.store[Uploads].get(done.rpartition("/")[2])
    assert (upload.counts["new"], upload.by, upload.source) == (2, "ops_lead", "interviews.csv")
    assert "is removed" in ops.get(done).text
    (line,) = site.space.store[AuditLog].page(action="uploaded")
    assert line.facts == {"kind": "interview", "new": 2}


def test_a_zip_with_a_folder_inside_and_litter_is_found_by_the_manifest(site, ops):
    members = {"out/a.txt": named(1), "out/i.csv": b"file,date,outcome,buyer,rep\na.txt,2026-03-04,won,Bo Li,Rae\n"}
    place = ops.bring([("files", ("x.zip", zipped(**members, **{"__MACOSX/a.txt": b"x", ".DS_Store": b"x"}), ""))])
    assert waiting(site) == ["out/a.txt", "out/i.csv"]
    ops.store(place)
    assert site.space.store[Interviews].get("a").rep == "Rae"


def test_other_names_of_columns_are_guessed_shown_and_can_be_chosen(site, ops):
    table = manifest(
        "a.txt;Rae Kim;Closed Won;Bo Li;2026-03-04", header="Transcript File;Opportunity Owner;Won/Lost;Talked to;When"
    )
    place = ops.bring([table, text("a.txt", named(1))])
    page = ops.get(place).text
    assert "Choose the column for buyer" in page
    assert "<td>Closed Won</td>" in page
    guessed = {"file": "Transcript File", "rep": "Opportunity Owner", "outcome": "Won/Lost", "date": "When"}
    columns = {f"column-{field}": column for field, column in (guessed | {"buyer": "Talked to"}).items()}
    for field, column in guessed.items():
        assert f'<option selected value="{column}" lang="">' in page, field
    ops.post(f"{place}/table", kind="interview", manifest="interviews.csv", **columns)
    assert "Store this interview" in ops.get(place).text
    ops.store(place)
    assert site.space.store[Interviews].get("a").outcome == "won"


def test_without_a_manifest_a_form_says_what_each_file_is(site, ops):
    place = ops.bring([text("acme-won-2026-03-04.txt", named(1)), text("other.txt", named(2))])
    page = ops.get(place).text
    assert "Fill in the form" in page
    assert 'value="2026-03-04"' in page  # out of the file's name
    first = {"name-0": "acme-won-2026-03-04.txt", "0-buyer": "Bo Li", "0-outcome": "won", "0-date": "2026-03-04"}
    ops.post(f"{place}/facts", **first, **{"name-1": "other.txt", "all-rep": "Rae"})
    page = ops.get(place).text
    assert "Store this interview; 1 is not described yet: it stays here" in page
    location = ops.store(place)
    assert location == place
    assert site.space.store[Interviews].get("acme-won-2026-03-04").rep == "Rae"
    assert waiting(site) == ["acme-won-2026-03-04.txt", "other.txt"]
    ops.post(f"{place}/facts", **{"name-0": "other.txt", "0-buyer": "Nobody Known"})
    assert "<td>unknown" not in ops.get(place).text
    page = ops.get(place).text
    assert "date is empty" in page
    assert "outcome is empty" not in page, "one problem a row: the first cell that is missing"


def test_a_shared_value_that_is_refused_is_put_right_once(site, ops):
    """Two files share a date in the future: it is asked for in its own field again, not row by row."""
    place = ops.bring([text("one.txt", named(1)), text("two.txt", named(2)), text("three.txt", named(3))])
    rows = {"name-0": "one.txt", "0-buyer": "Bo Li", "name-1": "two.txt", "1-buyer": "Bo Li"}
    both = {"all-outcome": "won", "all-rep": "Rae"}
    ops.post(f"{place}/facts", **rows, **both, **{"all-date": "2099-01-01"})
    page = ops.get(place).text
    assert "is still to come" in page
    assert re.findall(r'name="(?:\w+)-date" value="([^"]*)"', page) == ["2099-01-01", "", "", ""]
    assert 'value="won" selected' in page.partition('name="all-outcome"')[2].partition("</select>")[0]
    ops.post(f"{place}/facts", **rows, **both, **{"all-date": "2026-03-04"})
    ops.store(place)
    assert [str(site.space.store[Interviews].get(one).date) for one in ("one", "two")] == ["2026-03-04"] * 2
    later = {"name-0": "three.txt", "0-buyer": "Bo Li", "0-outcome": "lost", "all-rep": "Sam", "all-date": "2026-03-09"}
    ops.post(f"{place}/facts", **later)
    ops.store(place)
    assert site.space.store[Interviews].get("three").rep == "Sam"
    assert site.space.store[Interviews].get("one").rep == "Rae"


def test_what_has_a_problem_stays_and_what_is_right_is_stored(site, ops):
    rows = ("a.txt,2026-03-04,won,Bo Li,Rae", "b.txt,2026-03-05,maybe,Bo Li,Sam", "c.txt,2026-03-05,lost,Bo Li,Sam")
    place = ops.bring([manifest(*rows), text("a.txt", named(1)), text("b.txt", named(2)), text("stray.txt", TALK)])
    page = ops.get(place).text
    assert "Store this interview; 3 have problems: they stay here" in page
    assert "interviews.csv<small>, line 3</small>" in page
    assert "is neither won nor lost" in page
    assert str(site.space.settings.workspace) not in page
    assert ops.store(place) == place
    assert len(waiting(site)) == 4
    ops.post(f"{place}/files", [manifest(*rows[:1], rows[1].replace("maybe", "lost"))])
    assert "Store this interview; 1 has a problem" in ops.get(place).text


def test_the_same_again_changes_nothing_and_other_words_are_refused(site, ops):
    ops.store(ops.bring(TWO))
    place = ops.bring(TWO)
    assert "Finish: everything is stored already" in ops.get(place).text
    assert ops.store(place) == "/upload"
    assert len(site.space.store[Uploads].page()) == 1
    place = ops.bring([TWO[0], text("a.txt", named(7)), TWO[2]])
    assert "a is already stored with other words" in ops.get(place).text


def test_nothing_to_store_is_said_and_keeps_the_files(site, ops):
    place = ops.bring([manifest("a.txt,2026-03-04,maybe,Bo Li,Rae"), text("a.txt", named(1))])
    answer = ops.post(f"{place}/store")
    assert answer.status_code == 422
    assert "neither won nor lost" in answer.text
    assert len(waiting(site)) == 2
    ops.post(f"{place}/discard")
    assert waiting(site) == []


OUT = ["../out.txt", "a/../../out.txt", "/etc/out.txt"]


@pytest.mark.parametrize("name", [*OUT, "C:\\out.txt", "a\x07.txt", "x" * 201])
def test_a_name_that_leads_out_is_no_name(name):
    with pytest.raises(InputError):
        safe_name(name)


@pytest.mark.parametrize("name", OUT)
def test_a_file_whose_name_leads_out_is_refused_and_written_nowhere(site, ops, name):
    sent = ops.post("/upload", [text(name, TALK)], kind="call")
    assert sent.status_code == 409
    assert "leads out of the folder" in sent.text
    assert list(site.space.settings.workspace.parent.rglob("*out.txt")) == []


def test_litter_is_left_out():
    assert [safe_name(n) for n in (".DS_Store", "a/.git/b", "Thumbs.db", "__MACOSX/a.txt")] == [None] * 4
    assert safe_name("a\\b//c.txt") == "a/b/c.txt"


BAD_ZIPS = {
    "a way out": (zipped(**{"../../out.txt": TALK}), "leads out"),
    "no zip": (b"PK\x03\x04 and then nothing", "broken or cut"),
    "a zip in a zip": (zipped(**{"in.zip": b"PK"}), "another zip"),
}


@pytest.mark.parametrize("kind", BAD_ZIPS)
def test_a_zip_that_cannot_be_used_leaves_nothing(site, kind):
    data, said = BAD_ZIPS[kind]
    here = area(site)
    staged = here.begin("call")
    with pytest.raises((InputError, ImportProblem), match=said):
        here.add(staged.id, "it.zip", io.BytesIO(data))
    assert here.names(staged.id) == []
    assert sorted(p.name for p in here.folder(staged.id).parent.iterdir()) == ["files", "state.json"]


def test_a_zip_bomb_is_stopped_by_what_comes_out_of_it(site, monkeypatch):
    import agent.uploads.staging as staging

    monkeypatch.setattr(staging, "MAX_BYTES", 1_000_000)
    here = area(site)
    staged = here.begin("call")
    bomb = zipped(**{"a.txt": b"0" * 3_000_000})
    assert len(bomb) < 10_000
    with pytest.raises(InputError, match="unpacks to more"):
        here.add(staged.id, "bomb.zip", io.BytesIO(bomb))
    with pytest.raises(InputError, match="at once"):
        here.add(staged.id, "big.txt", io.BytesIO(b"0" * 1_000_001))
    assert here.names(staged.id) == []


def test_too_many_files_are_refused(site):
    here = area(site)
    staged = here.begin("call")
    members = {f"{n}.txt": b"x" for n in range(MAX_FILES - 1)}
    here.add(staged.id, "some.zip", io.BytesIO(zipped(**members)))
    here.add(staged.id, "last.txt", io.BytesIO(b"x"))
    with pytest.raises(InputError, match="more than 2,000 files"):
        here.add(staged.id, "one more.txt", io.BytesIO(b"x"))
    here.add(staged.id, "last.txt", io.BytesIO(b"another"))  # the same name takes its place


def test_nobody_reaches_anothers_files(site, ops):
    place = ops.bring(TWO)
    ident = place.rpartition("/")[2]
    second = site.space.store[People].create("Second", "second@example.com", "ops_lead")
    token = site.space.store[Tokens].create("ops_lead", person=second.id).secret
    other = site.anonymous()
    other.headers["Authorization"] = f"Bearer {token}"
    assert other.get(place).status_code == 404
    assert other.post(f"{place}/store").status_code == 404
    assert other.get(f"/upload/..%2f{ident}").status_code == 404
    assert len(waiting(site)) == 3
    for owner in ("../pe-1", "pe-1/..", ""):
        with pytest.raises(InputError):
            StagingArea(site.space.settings.workspace, owner)
    with pytest.raises(NotFound):
        area(site).get("../../secret-key")


def test_what_nobody_touched_for_a_day_is_removed(site):
    here = area(site)
    old, young = here.begin("call"), here.begin("call")
    for path in (here.folder(old.id).parent, here.folder(old.id).parent / "state.json"):
        os.utime(path, (time.time() - 90_000,) * 2)
    here.begin("interview")
    assert {staged.id for staged in here.all()} >= {young.id}
    assert old.id not in {staged.id for staged in here.all()}
    assert sweep(site.space.settings.workspace) == 0


def test_a_full_disk_is_said_and_keeps_what_was_there(site):
    class Full(io.BytesIO):
        def read(self, size=-1):
            raise OSError(28, "No space left on device")

    here = area(site)
    staged = here.begin("call")
    here.add(staged.id, "a.txt", io.BytesIO(TALK))
    with pytest.raises(DiskFull):
        here.add(staged.id, "b.txt", Full())
    assert here.names(staged.id) == ["a.txt"]


def test_scripts_bring_many_files_in_several_requests(site, ops):
    headers = {"Accept": "application/json", "X-CSRF-Token": ops.secret}
    first = ops.browser.post("/upload", data={"kind": "interview"}, files=TWO[:2], headers=headers)
    assert first.status_code == 201
    place = f"/upload/{first.json()['id']}"
    second = ops.browser.post(f"{place}/files", files=[TWO[2], text("../x", b"")], headers=headers).json()
    assert (second["files"], len(second["problems"])) == (3, 1)
    assert "Store these 2 interviews" in ops.get(place).text


# Tables.


def test_deals_are_mapped_looked_at_and_imported(site, ops):
    rows = "Opportunity ID,Opportunity Owner,Created Date,Close Date,Won,Amount\nd1,Rae,3/4/2026,5/4/2026,won,$10\nd2,Rae,2026-03-04,,perhaps,\n"
    place = ops.bring([("files", ("deals.csv", rows.encode(), "text/csv"))], "deals")
    page = ops.get(place).text
    assert "can be read in two ways" in page
    chosen = {
        "column-deal_id": "Opportunity ID",
        "column-rep": "Opportunity Owner",
        "column-opened": "Created Date",
        "column-closed": "Close Date",
        "column-outcome": "Won",
        "column-amount_usd": "Amount",
    }
    for name, column in chosen.items():
        assert re.search(f'name="{name}">.*?<option selected value="{column}" lang="">', page, re.S), name
    ops.post(f"{place}/table", kind="deals", manifest="deals.csv", dates="day_first", **chosen)
    assert "Store this deal; 1 has a problem" in ops.get(place).text
    ops.store(place)
    (deal,) = site.space.store[Deals].all()
    assert (deal.opened, deal.amount_usd) == (date(2026, 4, 3), 10.0)
    (upload,) = site.space.store[Uploads].page()
    assert (upload.kind, upload.counts["new"], upload.undoable) == ("deals", 1, True)


@pytest.mark.parametrize("name", ["nobody", "../../secrets", "salesforce/../salesforce"])
def test_a_map_that_is_not_there_is_no_file_to_look_for(site, ops, name):
    rows = b"deal_id,rep,opened,closed,outcome\nd1,Rae,2026-03-04,,open\n"
    answer = site.program("ops_lead").post(
        "/api/v1/imports/deals", data={"preset": name}, files=[("file", ("deals.csv", rows, "text/csv"))]
    )
    assert answer.status_code == 422
    assert "there are: dynamics, hubspot, pipedrive, salesforce, zoho" in answer.json()["detail"]
    place = ops.bring([("files", ("deals.csv", rows, "text/csv"))], "deals")
    assert ops.post(f"{place}/table", kind="deals", manifest="deals.csv", preset=name).status_code == 422


def test_an_export_of_a_crm_is_read_by_its_map(site, ops):
    rows = b"Opportunity ID,Opportunity Owner,Created Date,Close Date,Stage,Amount\nd1,Rae,3/4/2026,4/20/2026,Closed Won,10\n"
    place = ops.bring([("files", ("deals.csv", rows, "text/csv"))], "deals")
    ops.post(f"{place}/table", kind="deals", manifest="deals.csv", preset="salesforce")
    assert "Store this deal" in ops.get(place).text, ops.get(place).text
    ops.store(place)
    (deal,) = site.space.store[Deals].all()
    assert (deal.outcome, deal.opened) == ("won", date(2026, 3, 4))


def test_ratings_and_coaching_cycles_are_imported(site, ops):
    ratings = (
        b"call_id,date,rep,criterion,value\nother-1,2026-03-04,Rae,asks_cost,1\nother-1,2026-03-04,Rae,unknown,1\n"
    )
    place = ops.bring([("files", ("ratings.csv", ratings, "text/csv"))], "ratings")
    page = ops.get(place).text
    assert "no criterion &#39;unknown&#39;" in page
    assert "choose another rubric" in page.lower()
    ops.store(place)
    assert [r.rater for r in site.space.store[Ratings].current(["other-1"])] == ["import:ratings"]
    cycles = b"Rep,Period,From,Until,Focus\nRae,c1,2026-01-01,2026-02-01,asks_cost\n"
    ops.store(ops.bring([("files", ("cycles.csv", cycles, "text/csv"))], "coaching"))
    (period,) = site.space.store[CoachingPeriods].all()
    assert (period.cycle, period.criteria) == ("c1", ("asks_cost",))


# Taking back.


def rated(call):
    return Rating(
        call=call,
        criterion="asks_cost",
        rater="ops_lead",
        judgement=Rated(value=1),
        provenance=Provenance(rubric=rubric().id),
        at=datetime.now(UTC),
    )


def calls_upload(ops, *idents, rep="Rae"):
    rows = [f"{ident}.txt,2026-03-04,{rep}" for ident in idents]
    files = [text(f"{ident}.txt", f"{rep}: About {ident}?\nCus: Yes.\n".encode()) for ident in idents]
    return ops.store(ops.bring([manifest(*rows, header="file,date,rep"), *files], "call")).rpartition("/")[2]


def test_an_upload_is_taken_back_except_what_something_rests_on(site, ops):
    ident = calls_upload(ops, "x1", "x2", "x3")
    store = site.space.store
    store[Ratings].add([rated("x1")])
    store[Jobs].create("score", {}, "ops", ["x2"])
    page = ops.get(f"/uploads/{ident}").text
    assert "stays: 1 rating rests on it" in page
    answer = site.program("ops_lead").post(f"/api/v1/uploads/{ident}/undo").json()
    assert answer["removed"] == ["x3"]
    assert answer["kept"].keys() == {"x1", "x2"}
    assert re.fullmatch(r"job-\w+ has it in its list", answer["kept"]["x2"])
    assert {c.id for c in store[Calls].all()} >= {"x1", "x2"}
    with pytest.raises(NotFound):
        store[Calls].get("x3")
    again = site.program("ops_lead").post(f"/api/v1/uploads/{ident}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert store[Uploads].get(ident).undone is None


def test_facts_that_an_upload_changed_are_put_back(site, ops):
    first = calls_upload(ops, "x1")
    site.space.store[Ratings].add([rated("x1")])
    facts = manifest("x1.txt,2026-07-08,Rae", header="file,date,rep")
    second = ops.store(ops.bring([facts, text("x1.txt", b"Rae: About x1?\nCus: Yes.\n")], "call")).rpartition("/")[2]
    store = site.space.store
    assert store[Calls].get("x1").date == date(2026, 7, 8)
    assert second in store[Uploads].kept(first)["x1"]
    assert store[Uploads].undo(second).restored == ("x1",)
    assert store[Calls].get("x1").date == date(2026, 3, 4)
    assert [row.date for row in store[Calls].page() if row.id == "x1"] == [date(2026, 3, 4)]
    assert store[Uploads].get(second).undone is not None


def test_the_words_of_a_removed_call_go_unless_another_has_the_same(site, ops):
    words = b"Rae: The very same?\nCus: Yes.\n"
    header, store = "file,date,rep,call_id", site.space.store
    one = ops.store(ops.bring([manifest("s.txt,2026-03-04,Rae,s1", header=header), text("s.txt", words)], "call"))
    two = ops.store(ops.bring([manifest("s.txt,2026-03-04,Rae,s2", header=header), text("s.txt", words)], "call"))
    store[Uploads].undo(one.rpartition("/")[2])
    assert store[Calls].get("s2").transcript.turns[0].text == "The very same?"
    store[Uploads].undo(two.rpartition("/")[2])
    fresh = ops.store(ops.bring([manifest("s.txt,2026-03-04,Rae,s3", header=header), text("s.txt", words)], "call"))
    assert store[Uploads].get(fresh.rpartition("/")[2]).counts["new"] == 1


def test_an_upload_that_died_half_way_can_be_taken_back(site):
    from agent.uploads.model import UploadedDocument
    from tests.builders import call

    store = site.space.store
    begun = store[Uploads].begin(
        "call", "ops_lead", "2 files", [UploadedDocument(id=i, how="new") for i in ("h1", "h2")]
    )
    store[Calls].add(call("h1"))
    done = store[Uploads].undo(begun.id)
    assert (done.removed, done.kept) == (("h1",), {"h2": "it is not there any more"})


# Through the API.


def test_the_api_checks_stores_lists_and_undoes(site):
    api = site.program("ops_lead")
    checked = api.post("/api/v1/interviews/import", data={"check_only": "true"}, files=TWO).json()
    assert (checked["upload"], checked["counts"]) == (None, {"new": 2})
    assert {line["file"]: line["how"] for line in checked["lines"]} == {"a.txt": "new", "b.txt": "new"}
    assert len(site.space.store[Interviews].all()) == 1
    stored = api.post("/api/v1/interviews/import", files=TWO).json()
    ident = stored["upload"]["id"]
    assert stored["upload"]["counts"]["new"] == 2
    (listed,) = api.get("/api/v1/uploads").json()["items"]
    assert listed["id"] == ident
    assert api.post(f"/api/v1/uploads/{ident}/undo").json()["removed"] == ["a", "b"]
    assert list((site.space.settings.workspace / "staging").glob("*/st-*")) == []


def test_the_api_takes_columns_and_speakers(site):
    files = [manifest("a.txt,2026-03-04,won,Bo Li,Rae", header="doc,on,result,who,seller"), text("a.txt", TALK)]
    said = {
        "manifest": "interviews.csv",
        "columns": '{"doc": "file", "on": "date", "who": "buyer"}',
        "speakers": '{"Speaker 2": "buyer", "a.txt:Speaker 1": "interviewer"}',
    }
    answer = site.program("ops_lead").post("/api/v1/interviews/import", data=said, files=files)
    assert answer.status_code == 201, answer.text
    assert site.space.store[Interviews].get("a").buyer == "Bo Li"


@pytest.mark.parametrize(
    ("data", "files", "said"),
    [
        ({"columns": "[1]"}, TWO, "columns is no JSON object"),
        ({"speakers": "{"}, TWO, "speakers is no JSON object"),
        ({"columns": '{"nowhere": "rep"}'}, TWO, "no column is chosen for: rep"),
        ({}, TWO[1:], "no file here is a manifest"),
        ({"manifest": "other.csv"}, TWO, "not among those you brought"),
        ({}, [text("../../a.txt", TALK)], "leads out"),
    ],
)
def test_the_api_says_what_is_wrong_and_leaves_nothing(site, data, files, said):
    answer = site.program("ops_lead").post("/api/v1/interviews/import", data=data, files=files)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert list((site.space.settings.workspace / "staging").glob("*/st-*")) == []
    assert len(site.space.store[Interviews].all()) == 1


def test_who_may_not_upload_is_refused_before_the_files_are_read(site):
    for role in ("manager", "viewer", "rep"):
        assert site.program(role).post("/api/v1/calls/import", files=TWO).status_code == 403
    assert not (site.space.settings.workspace / "staging").exists()


def test_what_there_is_to_know_beside_the_lines_is_shown_and_a_manifest_may_say_how_its_dates_are_read(site, ops):
    place = ops.bring([manifest("a.txt,3/4/2026,won,Bo Li,Rhea"), text("a.txt", named(1))])
    page = ops.get(place).text
    assert "month first: 4 March" in page
    ops.post(f"{place}/table", kind="interview", manifest="interviews.csv", dates="day_first", **COLUMNS)
    assert "New reps: Rhea" in ops.get(place).text
    ops.store(place)
    assert site.space.store[Interviews].get("a").date == date(2026, 4, 3)


def test_tables_that_lie_beside_the_files_are_named_and_are_no_problem(site, ops):
    """A filled-in manifest.xlsx beside another manifest, and a list of something else."""
    rows = list(made_rows("interview", Loose(filled_folder(site))))
    beside = ("files", ("manifest.xlsx", manifest_workbook("interview", rows), "application/octet-stream"))
    place = ops.bring([*TWO, beside, ("files", ("prices.csv", b"item,price\nseat,10\n", "text/csv"))])
    page = ops.get(place).text
    assert "Left alone, without turns in it: manifest.xlsx, prices.csv." in page
    assert "does not name this file" not in page
    assert "Store these 2 interviews" in page


def filled_folder(site):
    folder = site.space.settings.workspace / "made"
    folder.mkdir()
    (folder / "a.txt").write_bytes(TALK)
    return folder


def test_a_manifest_as_offices_save_it_is_found_by_the_page(site, ops):
    """A cover sheet, a title above the header, German heads, files without their ending or in another case."""
    book = Workbook()
    book.worksheets[0].append(["Fill in one row for each interview."])
    sheet = book.create_sheet("Interviews")
    for row in (
        ["Win-loss Q1"],
        ["Transkript", "Datum", "Ergebnis", "Käufer", "Verkäufer", "Firma"],
        ["A", datetime(2026, 3, 4), "Gewonnen", "Bo Li", "Rae", "Acme"],
        ["sub\\B.TXT", datetime(2026, 3, 5), "verloren", "Bo Li", "Sam", "Beta"],
    ):
        sheet.append(row)
    saved = io.BytesIO()
    book.save(saved)
    table = ("files", ("Liste.xlsx", saved.getvalue(), "application/octet-stream"))
    place = ops.bring([table, text("a.txt", named(1)), text("sub/b.txt", named(2))])
    page = ops.get(place).text
    assert "Liste.xlsx: the first of 2 rows" in page
    assert "Store these 2 interviews" in page
    ops.store(place)
    stored = {one.account: (one.outcome, one.rep) for one in site.space.store[Interviews].all() if one.account}
    assert stored["Acme"] == ("won", "Rae")
    assert stored["Beta"] == ("lost", "Sam")


def test_notes_offer_no_change_of_who_speaks(site, ops):
    notes = b'I met Bo Li on Tuesday. Bo Li said: "Nobody asked who signs." He sounded tired.\n'
    files = [
        manifest("a.txt,2026-03-04,won,Bo Li,Rae,notes", header="file,date,outcome,buyer,rep,kind"),
        text("a.txt", notes),
    ]
    place = ops.bring(files)
    assert "Store this interview" in ops.get(place).text
    assert "Change who speaks" not in ops.get(place).text
    ops.store(place)
    page = ops.get("/interviews/a/correct").text
    assert "Whose words are quoted" in page
    assert 'value="Bo Li"' in page
    assert "told by the interviewer" not in page
