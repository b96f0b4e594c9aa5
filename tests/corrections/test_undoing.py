"""Taking an upload back weeks later, when models have read what it brought and people have corrected it since."""

from datetime import UTC, datetime

import pytest

from agent.calls.store import Calls
from agent.core.errors import Conflict, NotFound
from agent.corrections import undoing
from agent.corrections.verbs import correct_speakers, replace_words, settle_sides
from agent.db.audit import AuditLog
from agent.patterns.store import Extractions
from agent.patterns.updating import age
from agent.patterns.verbs import current
from agent.people.verbs_names import change_name
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.text.importers import Source
from agent.uploads.model import UploadedDocument
from agent.uploads.store import Uploads
from tests.builders import owner, rubric
from tests.patterns.made import extracted
from tests.uploads.bringing import Bringing, manifest, text


@pytest.fixture(name="ops")
def _ops(site):
    return Bringing(site)


def brought(ops, *rows, **files):
    """The id of an upload of calls."""
    parts = [manifest(*rows, header="file,date,rep,account"), *(text(f"{n}.txt", t.encode()) for n, t in files.items())]
    return ops.store(ops.bring(parts, "call")).rpartition("/")[2]


def two_calls(ops):
    words = {ident: f"Rae: About {ident}?\nCus: Yes.\n" for ident in ("x1", "x2")}
    return brought(ops, *(f"{ident}.txt,2026-03-04,Rae,Acme" for ident in words), **words)


def rate(site, call, rater):
    rating = Rating(
        call=call,
        criterion="asks_cost",
        rater=rater,
        judgement=Rated(value=1),
        provenance=Provenance(rubric=rubric().id),
        at=datetime.now(UTC),
    )
    site.space.store[Ratings].add([rating])


def test_calls_go_with_what_models_read_where_that_is_asked_for_and_never_with_what_people_did(site, ops):
    ident, api = two_calls(ops), site.program("ops_lead")
    rate(site, "x1", "model:test/model")
    rate(site, "x2", "ops_lead")
    preview = api.get(f"/api/v1/uploads/{ident}/undo").json()
    assert (preview["removed"], preview["kept"].keys()) == ([], {"x1", "x2"})
    assert preview["along"] == {"x1": "1 rating rests on it"}
    with pytest.raises(Conflict, match=r"nothing of up-\w+ can be taken back"):
        undoing.take_back(owner(site.space), ident)
    page = ops.get(f"/uploads/{ident}").text
    assert "1 stays because of what models read in it" in page
    assert '<input type="checkbox" name="along"' in page
    done = api.post(f"/api/v1/uploads/{ident}/undo?along=true").json()
    assert (done["removed"], done["kept"]) == (["x1"], {"x2": "1 rating rests on it"})
    with pytest.raises(NotFound):
        site.space.store[Calls].get("x1")
    assert site.space.store[Ratings].current(["x1"]) == []
    assert [r.rater for r in site.space.store[Ratings].current(["x2"])] == ["ops_lead"]
    assert site.space.store[AuditLog].page(limit=1)[0].action == "upload_undone"


def test_the_page_takes_them_along_too(site, ops):
    ident = two_calls(ops)
    for call in ("x1", "x2"):
        rate(site, call, "model:test/model")
    assert ops.post(f"/uploads/{ident}/undo", along="true").status_code == 303
    assert site.space.store[Uploads].get(ident).undone is not None
    assert "There is nothing left of it to take back." in ops.get(f"/uploads/{ident}").text


def test_interviews_leave_the_patterns_in_one_step_and_leave_no_words(closeread):
    closeread("uploads", "list")
    from agent.settings import Settings
    from agent.workspace import Workspace

    space = Workspace(Settings.read(closeread.folder))
    extracted(space)
    went = [UploadedDocument(id=one, how="new", file=f"{one}.txt") for one in ("won-2", "won-3")]
    ident = space.store[Uploads].begin("interview", "ops", "i.csv", went).id
    space.store[Uploads].settle(ident, went, {"new": 2})
    before, extractions = current(space).pattern("asked_cost"), len(space.store[Extractions].history())
    said = closeread("uploads", "undo", ident, "--dry-run").out
    assert said, closeread.err
    assert said.startswith(
        "0 would be removed, 0 would be put back as before, 2 stay\nwon-2: patterns were found in it"
    )
    assert said.strip().endswith(f"closeread uploads undo {ident} --along")
    assert closeread("uploads", "undo", ident).code == 8
    assert closeread("uploads", "undo", ident, "--along", "--dry-run").out.startswith("2 would be removed, 0 would")
    assert closeread("uploads", "undo", ident, "--along").out.strip() == "2 removed, 0 put back as before, 0 stay"
    after = current(space).pattern("asked_cost")
    assert (after.won.count, after.won.of) == (before.won.count - 2, before.won.of - 2)
    assert len(space.store[Extractions].history()) == extractions + 1
    assert age(space).in_words == ""
    with space.store.engine.connect() as connection:
        said = "".join(connection.exec_driver_sql("SELECT body FROM transcripts").scalars())
        left = connection.exec_driver_sql("SELECT id FROM interviews").scalars().all()
    assert said
    assert not {"won-2", "won-3"} & set(left)
    space.store.close()


def test_what_people_changed_since_stays_when_facts_are_put_back(site, ops):
    """An upload said another day and account; then a side was said, the words replaced and the rep renamed."""
    who, calls = owner(site.space), site.space.store[Calls]
    words = "Rae: About it?\nCus: Yes.\nEd: I do the demo.\n"
    brought(ops, "x1.txt,2026-03-04,Rae,Acme", x1=words)
    second = brought(ops, "x1.txt,2026-03-09,Rae,Acme Inc", x1=words)
    settle_sides(who, "call", {"Ed": "other", "Cus": "customer"})
    change_name(who, "rep", "Rae", "Rae Ito")
    correct_speakers(who, "x1", "call", {"Cus": "Cyd"}, {})
    site.space.store[Uploads].undo(second)
    now = calls.get("x1")
    assert (now.date.isoformat(), now.account, now.rep) == ("2026-03-04", "Acme", "Rae Ito")
    assert now.transcript.roles == {"Rae": "rep", "Cyd": "customer", "Ed": "other"}
    assert calls.with_open_sides() == []
    assert [row.rep for row in calls.page() if row.id == "x1"] == ["Rae Ito"]


def test_sides_that_the_upload_itself_said_are_open_again(site, ops):
    words = "Rae: About it?\nCus: Yes.\nEd: I do the demo.\n"
    table = manifest("x1.txt,2026-03-04,Rae", header="file,date,rep")
    first = ops.store(ops.bring([table, text("x1.txt", words.encode())], "call"))
    said = manifest("x1.txt,2026-03-04,Rae,Ed=other; Cus=customer", header="file,date,rep,speakers")
    second = ops.store(ops.bring([said, text("x1.txt", words.encode())], "call")).rpartition("/")[2]
    calls = site.space.store[Calls]
    assert calls.with_open_sides() == []
    site.space.store[Uploads].undo(second)
    assert calls.with_open_sides() == ["x1"]
    assert site.space.store[Uploads].undo(first.rpartition("/")[2]).removed == ("x1",)


def test_words_replaced_since_go_with_the_upload_that_brought_the_call(site, ops):
    ident = two_calls(ops)
    source = Source("right.txt", b"Rae: What does it cost you?\nCus: A lot, I should say.\n")
    replace_words(owner(site.space), "x1", "call", source)
    assert site.space.store[Uploads].undo(ident).removed == ("x1", "x2")
    with site.space.store.engine.connect() as connection:
        bodies = "".join(connection.exec_driver_sql("SELECT body FROM transcripts").scalars())
        versions = connection.exec_driver_sql("SELECT document FROM word_versions").scalars().all()
    assert "About x1?" not in bodies
    assert "A lot, I should say." not in bodies
    assert "x1" not in versions


def test_uploads_from_before_the_after_image_was_kept_leave_speakers_alone(site, ops):
    import json

    who, words = owner(site.space), "Rae: About it?\nCus: Yes.\nEd: I do the demo.\n"
    brought(ops, "x1.txt,2026-03-04,Rae,Acme", x1=words)
    second = brought(ops, "x1.txt,2026-03-09,Rae,Acme Inc", x1=words)
    settle_sides(who, "call", {"Ed": "other", "Cus": "customer"})
    with site.space.store.engine.begin() as connection:
        body = json.loads(connection.exec_driver_sql(f"SELECT body FROM uploads WHERE id = '{second}'").scalar_one())
        del body["after"]
        connection.exec_driver_sql("UPDATE uploads SET body = ? WHERE id = ?", (json.dumps(body), second))
    site.space.store[Uploads].undo(second)
    now = site.space.store[Calls].get("x1")
    assert (now.account, now.transcript.roles["Ed"]) == ("Acme", "other")
