"""Recordings on the upload page: what they cost is said, a job hears them, and then they are looked at like any file."""

import asyncio
import io
from zipfile import ZipFile

import pytest

from agent.app.queue.kinds import kind
from agent.app.queue.store import Jobs
from agent.calls.store import Calls
from agent.db.audit import AuditLog
from agent.speech.store import Recordings
from tests.speech.conftest import bind
from tests.speech.saying import spoken
from tests.uploads.bringing import Bringing

pytestmark = spoken


@pytest.fixture
def brought(site, calls):
    """The ops lead, and the page of a recording that was brought with its manifest."""
    ops = Bringing(site)
    files = [
        ("files", ("m.csv", (calls / "m.csv").read_bytes(), "text/csv")),
        ("files", ("call.mp3", (calls / "call.mp3").read_bytes(), "audio/mpeg")),
    ]
    return ops, ops.bring(files, "call")


def work(site, job):
    """What a worker does with the job."""
    told = []
    asyncio.run(kind("hear").work(site.space, site.space.store[Jobs].get(job), told.append))
    return told


def test_a_recording_is_heard_by_a_job_and_then_stored(site, brought, ear):
    ops, place = brought
    assert "no model that hears is set up" in ops.get(place).text
    bind(site.space.settings.workspace, ear)
    page = ops.get(place).text
    assert "1 recording, 0.5 minutes of sound, less than $0.01, heard by openai/whisper-1 on this machine" in page
    assert "may_leave" not in page
    started = ops.post(f"{place}/hear", budget="1.50")
    assert started.status_code == 303
    job = started.headers["location"].removeprefix("/jobs/")
    assert [line.subject for line in site.space.store[AuditLog].page(None, 3) if line.action == "job_started"] == [job]
    assert "being heard" in ops.get(place).text
    assert ops.post(f"{place}/hear").status_code == 409
    assert [one.done for one in work(site, job)] == [0, 1]
    shown = ops.get(place).text
    assert "Channel 1" in shown
    assert "Recordings</h2>" not in shown
    stored = ops.store(place)
    assert "call.mp3" in ops.get(stored).text
    call = site.space.store[Calls].get("call")
    assert [turn.speaker for turn in call.transcript.turns] == ["Channel 1", "Channel 2"]
    assert site.space.store[Recordings].of([call.transcript.id]).size > 0
    assert "<audio" in ops.get("/calls/call").text
    assert "Hearing recordings" in ops.get(f"/jobs/{job}").text


def test_the_page_asks_before_sound_with_names_in_it_leaves(site, brought):
    ops, place = brought
    (site.space.settings.workspace / "config").mkdir(exist_ok=True)
    models = site.space.settings.workspace / "config" / "models.yaml"
    models.write_text('roles: {transcriber: {model: openai/whisper-1, api_base: "http://192.0.2.1/v1"}}')
    assert "the sound may be sent to 192.0.2.1 as it is" in ops.get(place).text
    refused = ops.post(f"{place}/hear")
    assert refused.status_code == 422
    assert "sound would leave as it is to 192.0.2.1" in refused.text
    assert ops.post(f"{place}/hear", may_leave="true").status_code == 303


def test_a_file_without_sound_is_a_problem_and_the_rest_is_heard(site, brought, ear):
    ops, place = brought
    bind(site.space.settings.workspace, ear)
    table = b"file,date,rep,customer\ncall.mp3,2026-03-01,Rae,Cleo\nbad.wav,2026-03-02,Rae,Cleo\n"
    more = [("files", ("bad.wav", b"RIFF" + bytes(900), "audio/wav")), ("files", ("m.csv", table, "text/csv"))]
    ops.post(f"{place}/files", more)
    job = ops.post(f"{place}/hear").headers["location"].removeprefix("/jobs/")
    work(site, job)
    page = ops.get(place).text
    assert "the sound cannot be read" in page
    assert "Channel 1" in page
    assert "Recordings</h2>" not in page


def test_the_api_hears_recordings_in_a_zip_in_one_go(site, calls, ear):
    packed = io.BytesIO()
    with ZipFile(packed, "w") as made:
        made.write(calls / "call.mp3", "call.mp3")
    files = [
        ("files", ("calls.zip", packed.getvalue(), "application/zip")),
        ("files", ("m.csv", (calls / "m.csv").read_bytes(), "text/csv")),
    ]
    api = site.program("ops_lead")
    unbound = api.post("/api/v1/calls/import", files=files).json()
    assert "this is a recording, not a transcript" in unbound["detail"]
    bind(site.space.settings.workspace, ear)
    made = api.post("/api/v1/calls/import", files=files).json()
    assert made["counts"]["new"] == 1
    assert len(ear.arrived) == 2
    assert site.space.store[Recordings].of([site.space.store[Calls].get("call").transcript.id]).size > 0


def test_the_api_sends_no_sound_with_names_in_it_unless_it_may(site, calls):
    (site.space.settings.workspace / "config").mkdir(exist_ok=True)
    models = site.space.settings.workspace / "config" / "models.yaml"
    models.write_text('roles: {transcriber: {model: openai/whisper-1, api_base: "http://192.0.2.1/v1"}}')
    files = [
        ("files", (name, (calls / name).read_bytes(), "application/octet-stream")) for name in ("m.csv", "call.mp3")
    ]
    refused = site.program("ops_lead").post("/api/v1/calls/import", files=files)
    assert refused.status_code == 422
    assert "sound would leave as it is to 192.0.2.1" in refused.text
