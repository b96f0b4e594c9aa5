"""Recordings beside transcripts are named wherever files are brought, and never read or unpacked as a whole."""

import io
import json
import zipfile

import pytest

from agent.core.errors import ImportProblem
from agent.text.importers import read_source, transcript_in
from agent.text.importers.base import Source
from tests.uploads.bringing import Bringing, manifest, named, text

WAV = b"RIFF\x24\x08\x00\x00WAVEfmt " + bytes(200)
CALLS = "file,date,rep\n"
TALK = "Rae: What does it cost you?\nCus: A lot.\n"
NOTE = "1 recording left out, transcribe first: sub/talk.m4a"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "talk.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(100))
    (tmp_path / "a.txt").write_text(TALK)
    (tmp_path / "m.csv").write_text(f"{CALLS}a.txt,2026-10-01,Rae\n")
    return tmp_path


def zipped(folder, target):
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for path in folder.rglob("*"):
            if path.is_file() and path != target:
                made.write(path, path.relative_to(folder))
    return target


def test_a_folder_and_a_zip_name_them_and_import_the_rest(closeread, folder, tmp_path):
    closeread("calls", "import", folder, "--manifest", folder / "m.csv")
    assert (closeread.code, NOTE in closeread.err) == (0, True)
    packed = zipped(folder, tmp_path / "all.zip")
    assert NOTE in closeread("calls", "import", packed, "--manifest", "m.csv").err


def test_a_row_that_names_one_is_a_problem_with_what_to_do(closeread, folder):
    (folder / "m.csv").write_text(f"{CALLS}a.txt,2026-10-01,Rae\ntalk.m4a,2026-10-01,Rae\n")
    closeread("calls", "import", folder, "--manifest", folder / "m.csv")
    assert closeread.code == 3
    assert (
        "this is a recording, not a transcript (bind a model to the role transcriber, or transcribe it and import the transcript)"
        in closeread.err
    )
    assert "left out" not in closeread.err


def test_formats_and_the_made_manifest_name_them(closeread, folder):
    found = {row["file"]: row["problem"] for row in closeread("formats", folder, "--json").json["items"]}
    assert "this is a recording" in found["sub/talk.m4a"]
    rows = {row["file"]: row for row in closeread("calls", "manifest", folder, "--json").json["items"]}
    assert rows["sub/talk.m4a"]["problem"] == "this is a recording, not a transcript"


def test_the_page_and_the_api_name_them(site):
    ops = Bringing(site)
    files = [manifest("a.txt,2026-03-04,won,Bo Li,Rae"), text("a.txt", named(1)), text("talk.wav", WAV)]
    place = ops.bring(files)
    assert "1 recording left out, transcribe first: talk.wav" in ops.get(place).text
    done = site.program("ops_lead").post("/api/v1/interviews/import", files=files).json()
    assert (done["counts"]["new"], done["notes"][0]) == (1, "1 recording left out, transcribe first: talk.wav")
    alone = ops.bring([text("talk.wav", WAV)])
    facts = {"outcome": "won", "date": "2026-10-01", "buyer": "Bo", "rep": "Rae"}
    ops.post(f"{alone}/facts", **{"name-0": "talk.wav"}, **{f"0-{name}": value for name, value in facts.items()})
    assert "this is a recording, not a transcript" in ops.get(alone).text


@pytest.mark.parametrize("data", [WAV, b"ID3\x03" + bytes(50), b"OggS\0\x02", b"\x1a\x45\xdf\xa3" + bytes(40)])
def test_one_is_known_by_its_first_bytes_too(data):
    with pytest.raises(ImportProblem, match="this is a recording"):
        transcript_in(Source("talk.txt", data))


def test_a_large_one_is_neither_read_nor_unpacked(tmp_path, site):
    big = tmp_path / "big.mp4"
    with big.open("wb") as file:
        file.truncate(200 * 2**20)
    assert len(read_source(big).data) <= 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.write(big, "big.mp4")
        made.writestr("a.txt", TALK)
        made.writestr("m.csv", f"{CALLS}a.txt,2026-10-01,Rae\n")
    sent = [("files", ("all.zip", packed.getvalue(), "application/zip"))]
    done = site.program("ops_lead").post("/api/v1/calls/import", files=sent)
    assert json.loads(done.text)["notes"] == ["1 recording left out, transcribe first: big.mp4"]
