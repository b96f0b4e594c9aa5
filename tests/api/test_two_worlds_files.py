"""Two worlds that differ only in what a viewer may not see give the same files and streams too: every document in every
format, tables of pages, lists as files, the events of a job; for each role."""

import io
import zipfile
from datetime import date

import lxml.html
import openpyxl
import pypdf
import pytest
from sqlalchemy import insert

from agent.app.queue.store import Jobs
from agent.calibration.model import CalibrationRound, Draft
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.coaching.model import Session
from agent.coaching.store import Coaching
from agent.coaching.verbs import make_plan
from agent.db.schema_jobs import jobs
from agent.disputes.model import Dispute
from agent.disputes.store import Disputes
from agent.ratings.model import Rated
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics
from tests.api.conftest import made_site
from tests.api.season import fill_season
from tests.api.test_two_worlds import _RANDOM, AT, rated
from tests.builders import call

pytestmark = pytest.mark.slow
FORMATS = ("docx", "pdf", "md", "html", "xlsx", "csv")
WORDS = ("CANARY-alpha", "CANARY-beta")


def sams(site, number):
    """Another rep's things: more calls, other levels, a session, a dispute, a plan."""
    store, rubric = site.space.store, site.space.store[Rubrics].get("season").id
    for at in range(2 + 4 * number):
        made = call(f"sam-{at}", "Sam", ("Sam", f"{WORDS[number]} {at}: what does it cost?"), ("Cus", "Nine."))
        store[Calls].add(made.model_copy(update={"account": WORDS[number], "customer": WORDS[number]}))
        store[Ratings].add([rated(made.id, rubric, number)])
    store[Coaching].log(Session(rep="Sam", date=date(2026, 4, 3 + number), note=WORDS[number], at=AT))
    first = rated("sam-0", rubric, number)
    facts = {"rating": first.id, "call": "sam-0", "criterion": "asks_cost", "rep": "Sam", "by": "Sam", "at": AT}
    store[Disputes].open(Dispute(id="di-sam", comment=WORDS[number], **facts))
    if number:
        make_plan(site.who("manager"), "Sam", ["asks_cost"])


def hidden(site, number):
    """What somebody else handed in in a round that is still blind."""
    store, rubric = site.space.store, site.space.store[Rubrics].get("season").id
    opened = CalibrationRound(
        number=1, rubric=rubric, raters=("manager", "Ben"), calls=("s-0-00", "s-1-01"), opened_at=AT
    )
    found = store[Rounds].open(opened, {})
    drafts = [
        Draft(call=one, criterion=criterion, judgement=Rated(value=number), reason=WORDS[number])
        for one in opened.calls
        for criterion in ("asks_cost", "names_next")
    ]
    store[Rounds].save(found, "Ben", drafts)
    store[Rounds].submit(found, "Ben", ["asks_cost", "names_next"], AT)


WORLDS = {"rep": sams, "manager": hidden, "viewer": hidden, "ops_lead": hidden}


def addresses():
    """Files, tables of pages, and streams; those that a role may not have are refused alike in both worlds."""
    asked = "rubric=season"
    for form in FORMATS:
        for period in ("", "&period=all"):  # without one, over a cycle that the calls in question are not of
            yield f"/api/v1/documents/scorecard?rep=Rae&{asked}&format={form}{period}"
            yield f"/api/v1/documents/team-report?{asked}&format={form}{period}"
            yield f"/api/v1/documents/summary?{asked}&format={form}{period}"
        yield f"/api/v1/rubrics/season/guide?format={form}"
        yield f"/api/v1/rounds/1/record?format={form}"
        yield f"/api/v1/plans/Rae/brief?format={form}"
    yield f"/api/v1/documents/report?{asked}"
    yield "/api/v1/jobs/job-both/events"
    for form in ("csv", "xlsx"):
        yield f"/calls?{asked}&file={form}"
        for page in ("/profiles", "/profiles/Rae", "/coaching/movement", "/coaching/Rae", "/outcomes", "/disputes"):
            yield f"{page}?{asked}&table=1.{form}"
        yield f"/profiles?{asked}&period=all&table=1.{form}"
        yield f"/profiles/Rae?{asked}&period=all&table=1.{form}"
    for page in (
        "/profiles/Rae",
        "/coaching/Rae",
        "/calls/s-0-00",
        "/calls/s-0-02",
        "/calls?rep=Rae",
        "/calibration/1",
    ):
        yield page
    for form in ("docx", "pdf"):
        yield f"/profiles/Rae/scorecard?{asked}&format={form}"
        yield f"/coaching/Rae/brief?format={form}"


def text_of(answer):
    """What a person reads in it."""
    kind, content = answer.headers.get("content-type", ""), answer.content
    if "wordprocessing" in kind:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            return "\n".join(
                file.read(name).decode()
                for name in sorted(file.namelist())
                if name.startswith("word/") and name.endswith(".xml")
            )
    if "spreadsheet" in kind:
        book = openpyxl.load_workbook(io.BytesIO(content))
        return "\n".join(str([cell.value for cell in row]) for sheet in book for row in sheet.iter_rows())
    if "pdf" in kind:
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    return lxml.html.tostring(lxml.html.fromstring(answer.text), encoding="unicode") if "html" in kind else answer.text


def seen(folder, role, number):
    with made_site(folder) as site:
        fill_season(site, reps=("Rae", "Sam", "Ann"))
        make_plan(site.who("manager"), "Rae", ["asks_cost"])
        job = {
            "id": "job-both",
            "kind": "score",
            "state": "done",
            "priority": 100,
            "by": "ops_lead",
            "at": AT.isoformat(),
        }
        more = {
            "started": AT.isoformat(),
            "ended": AT.isoformat(),
            "reason": "",
            "body": '{"params": {"rubric": "x"}, "calls": 0}',
        }
        with site.space.store.engine.begin() as connection:
            connection.execute(insert(jobs).values(**job, **more))
        assert site.space.store[Jobs].get("job-both").calls == 0
        WORLDS[role](site, number)
        program, browser = site.program(role), site.browser(role)
        found = {}
        for path in addresses():
            answer = (program if path.startswith("/api/") else browser).get(path)
            found[path] = (answer.status_code, _RANDOM.sub("·", text_of(answer)))
    return found


@pytest.mark.parametrize("role", WORLDS)
def test_files_and_streams_do_not_tell_the_worlds_apart(tmp_path, role):
    first, second = (seen(tmp_path / str(number), role, number) for number in (0, 1))
    assert {path for path, (_, text) in (first | second).items() if "CANARY" in text} == set()
    assert {path: _where(first[path], second[path]) for path in first if first[path] != second[path]} == {}
    right = [path for path, (status, _) in first.items() if status == 200]
    assert len(right) >= (20 if role == "rep" else 35), right


def _where(one, other):
    if one[0] != other[0]:
        return one[0], other[0]
    at = next(i for i, (a, b) in enumerate(zip(one[1] + "\0", other[1] + "\1", strict=False)) if a != b)
    return one[1][max(0, at - 60) : at + 60], other[1][max(0, at - 60) : at + 60]


def test_who_may_see_it_sees_the_difference(tmp_path):
    """Else the test above would compare nothing."""
    WORLDS["ops_lead"] = sams
    try:
        found = [seen(tmp_path / str(number), "ops_lead", number) for number in (0, 1)]
    finally:
        WORLDS["ops_lead"] = hidden
    differing = [path for path in found[0] if found[0][path] != found[1][path]]
    assert len(differing) >= 14, differing
