import asyncio
import json
import shlex

import pytest

from tests.llm.stub import Stub, says
from tests.text.formats import EXPECTED, FOLDER, UNNAMED


def test_every_file_of_the_formats_folder_has_a_line(closeread):
    found = {row["file"]: row for row in closeread("formats", FOLDER, "--json").json["items"]}
    assert closeread.code == 3
    for name, (form, speakers, _) in EXPECTED.items():
        assert (found[name]["turns"], found[name]["speakers"]) == (5, list(speakers))
        assert found[name]["format"] == form or name == "one.zip"
    failed = {name for name, row in found.items() if row["problem"]}
    assert failed == {*UNNAMED, "scanned.pdf", "calls.zip/calls.csv", "gong_page.json"}
    lines = closeread("formats", FOLDER).out.splitlines()
    assert len([line for line in lines if "  note  " not in line]) == len(found)
    assert "zoom.vtt  webvtt  5 turns  Priya Raman, Dana Whitcombe" in lines
    assert f"{len(failed)} of {len(found)} files" in closeread.err


def test_a_folder_without_fault_ends_with_0_and_speakers_can_be_said(closeread, tmp_path):
    (tmp_path / "whisper.json").write_bytes((FOLDER / "whisper.json").read_bytes())
    assert closeread("formats", tmp_path).code == 3
    assert closeread("formats", tmp_path, "--speakers", "?=Dana").code == 0
    assert closeread.out.startswith("whisper.json  whisper  ")
    assert closeread.out.endswith("  Dana\nwhisper.json  note  only one speaker is heard: Dana\n")
    assert closeread("formats", tmp_path / "nowhere").code == 3


def test_an_import_says_a_line_for_every_file(closeread, tmp_path):
    (tmp_path / "a.txt").write_text("Rae: Hello there.\nCus: Hello.\n")
    (tmp_path / "b.vtt").write_bytes((FOLDER / "zoom.vtt").read_bytes())
    (tmp_path / "m.csv").write_text("file,date,rep\na.txt,2026-10-01,Rae\nb.vtt,2026-10-01,Priya Raman\n")
    lines = closeread("calls", "import", tmp_path, "--manifest", tmp_path / "m.csv").out.splitlines()
    assert lines == [
        "a  new  text  2 turns  Rae (rep), Cus (customer)",
        "b  new  webvtt  5 turns  Priya Raman (rep), Dana Whitcombe (customer)",
        "2 imported: 2 new",
    ]
    again = closeread("calls", "import", tmp_path, "--manifest", tmp_path / "m.csv").out.splitlines()
    assert again[0].startswith("a  unchanged  text")


SAID = ("Hi, this is Rae from Ledgerline.", "We close our books on the eighth.", "Let me show you our dashboard.")


def part(label, *turns, part):
    lines = [{"turn": turn, "quote": SAID[turn]} for turn in turns]
    return {"label": label, "lines": lines, "reason": "As it says.", "part": part}


@pytest.fixture
def labelled(tmp_path):
    text = f'speaker,text\nSpeaker 1,"{SAID[0]}"\n$(date),"{SAID[1]}"\nSpeaker 1,"{SAID[2]}"\n'
    (tmp_path / "a.csv").write_text(text)
    (tmp_path / "m.csv").write_text("file,date,rep\na.csv,2026-10-01,Rae\n")
    return tmp_path


async def test_speakers_are_proposed_with_their_lines_and_nothing_is_stored(closeread, labelled, monkeypatch):
    reply = {"speakers": [part("Speaker 1", 0, 2, part="rep"), part("$(date)", 1, 0, part="customer")]}
    async with Stub(says(json.dumps(reply))) as stub:
        monkeypatch.setenv("CLOSEREAD_MODEL", "openai/stub-1")
        monkeypatch.setenv("CLOSEREAD_API_BASE", f"{stub.base}/v1")
        where = ("calls", "speakers", labelled, "--manifest", labelled / "m.csv")
        ran = await asyncio.to_thread(closeread, *where)
    assert ran.code == 0
    assert "  Speaker 1: rep? As it says.\n" in ran.out
    assert f"    turn 2, Speaker 1: “{SAID[2]}”\n" in ran.out
    assert '    to confirm: --speakers "Speaker 1=rep"\n' in ran.out
    assert "    to confirm: --speakers '$(date)=customer'\n" in ran.out  # a label is no command
    assert closeread("calls", "list", "--json").json["items"] == []
    told = ("--manifest", labelled / "m.csv", "--speakers", "Speaker 1=rep")
    assert "Rae (rep)" in closeread("calls", "import", labelled, *told).out


async def test_a_proposal_that_rests_on_nothing_ends_with_the_command_that_asks_anew(closeread, labelled, monkeypatch):
    """What the model leaves open by itself is no failure; the command that is named, followed, asks again."""
    lost = {**part("Speaker 1", 0, part="rep"), "lines": [{"turn": 0, "quote": "Nobody said this."}] * 2}
    wrong = {"speakers": [lost, part("$(date)", part="unknown")]}
    right = {"speakers": [part("Speaker 1", 0, 2, part="rep"), part("$(date)", part="unknown")]}
    async with Stub(*(says(json.dumps(reply)) for reply in (wrong, wrong, right))) as stub:
        monkeypatch.setenv("CLOSEREAD_MODEL", "openai/stub-1")
        monkeypatch.setenv("CLOSEREAD_API_BASE", f"{stub.base}/v1")
        ran = await asyncio.to_thread(
            closeread, "calls", "speakers", labelled, "--manifest", labelled / "m.csv", "--map", "date=date"
        )
        assert ran.code == 6
        assert "  Speaker 1: no proposal: " in ran.out
        assert "no proposal for Speaker 1: what the model said rests on words that are not there" in ran.err
        command = " ".join(ran.err.split()).partition("run: closeread ")[2]
        assert command == f"calls speakers {labelled} --manifest {labelled / 'm.csv'} --map date=date"
        again = await asyncio.to_thread(closeread, *shlex.split(command))
        assert len(stub.raw) == 3
    assert again.code == 0, again.err
    assert "  Speaker 1: rep? As it says.\n" in again.out


async def test_a_label_that_is_somebody_else_in_another_file_is_confirmed_for_its_file(
    closeread, labelled, monkeypatch
):
    (labelled / "b.csv").write_text((labelled / "a.csv").read_text().replace("dashboard.", "dashboard. Right?"))
    (labelled / "m.csv").write_text("file,date,rep\na.csv,2026-10-01,Rae\nb.csv,2026-10-01,Rae\n")
    customer = part("$(date)", 1, 0, part="customer")
    replies = [{"speakers": [part("Speaker 1", 0, 2, part=one), customer]} for one in ("rep", "other")]
    async with Stub(*(says(json.dumps(reply)) for reply in replies)) as stub:
        monkeypatch.setenv("CLOSEREAD_MODEL", "openai/stub-1")
        monkeypatch.setenv("CLOSEREAD_API_BASE", f"{stub.base}/v1")
        where = ("calls", "speakers", labelled, "--manifest", labelled / "m.csv", "--json")
        rows = (await asyncio.to_thread(closeread, *where)).json["items"]
    options = sorted(row["speakers"][0]["option"].partition(":")[2].partition("=")[0] for row in rows)
    assert options == ["Speaker 1", "Speaker 1"]
    assert {row["speakers"][1]["option"] for row in rows} == {"--speakers '$(date)=customer'"}
    told = ("--manifest", labelled / "m.csv", "--speakers", "a.csv:Speaker 1=rep", "--speakers", "b.csv:$(date)=rep")
    out = closeread("calls", "import", labelled, *told).out
    assert "a  new  csv  3 turns  Rae (rep), $(date) (customer)" in out
    assert "b  new  csv  3 turns  Speaker 1 (customer), Rae (rep)" in out


def test_a_dry_run_counts_only_the_files_that_match_nobody(closeread, labelled, monkeypatch):
    monkeypatch.setenv("CLOSEREAD_MODEL", "openai/stub-1")
    where = ("calls", "speakers", labelled, "--manifest", labelled / "m.csv", "--dry-run", "--json")
    assert closeread(*where).json["requests"] == 1
    assert closeread(*where, "--speakers", "Speaker 1=rep").json["requests"] == 0
