"""Directories and zips with their manifest: who is who, and one problem for each file or row that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.calls.intake import load_calls
from agent.core.errors import ImportProblem
from agent.interviews.intake import load_interviews
from agent.text.unmatched import unmatched
from tests.text.formats import FOLDER

SAMPLE = Path(__file__).resolve().parents[2] / "sample" / "ledgerline"
CALLS = "call_id,file,date,rep,customer\n"


def put(directory: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return directory / "calls.csv"


def test_the_sample_is_read_without_a_problem() -> None:
    interviews = load_interviews(SAMPLE / "interviews", SAMPLE / "interviews" / "interviews.csv")
    calls = load_calls(SAMPLE / "calls", SAMPLE / "calls" / "calls.csv")
    assert (len(interviews.loaded), interviews.problems) == (18, ())
    assert (len(calls.loaded), calls.problems) == (40, ())
    assert sorted({i.outcome for i in interviews.loaded}) == ["lost", "won"]
    for interview in interviews.loaded:
        assert interview.transcript.speakers_as("buyer") == set(interview.buyer.split("; "))
        assert len(interview.transcript.speakers_as("interviewer")) == 1
    for call in calls.loaded:
        assert call.transcript.speakers_as("rep") == {call.rep}
        assert call.transcript.speakers_as("customer") == set(call.customer.split(", "))
        assert set(call.details) == {"industry"}


def test_one_problem_each_and_the_rest_is_loaded(tmp_path: Path) -> None:
    rows = "c1,good.txt,2026-10-02,Ann,Bob\nc2,gone.txt,2026-10-02,Ann,Bob\nc3,bad.txt,2026-10-02,Ann,Bob\n"
    rows += "c4,other.txt,2026-10-02,Ann,Bob\nc5,../out.txt,2026-10-02,Ann,Bob\nc6,late.txt,soon,Ann,Bob\n"
    talk = "Ann: Hello.\nBob: Hello.\n"
    manifest = put(
        tmp_path,
        {
            "calls.csv": CALLS + rows,
            "good.txt": talk,
            "bad.txt": "Hello.\nHow are you?\n",
            "other.txt": "Speaker 1: Hello.\nSpeaker 2: Hello.\n",
            "late.txt": talk,
            "deep/extra.vtt": "WEBVTT\n",
            "deals.csv": "deal,amount\n1,2\n",
            "turns.csv": "speaker,text\nAnn,Hello.\n",
            "README.md": "# Read me",
            ".hidden.txt": talk,
        },
    )
    intake = load_calls(tmp_path, manifest)
    assert [(call.id, call.sides_open) for call in intake.loaded] == [("c1", False), ("c4", True)]
    assert sorted((Path(p.where).name, p.line, p.what.split(":")[0]) for p in intake.problems) == [
        ("bad.txt", 1, "no speaker"),
        ("calls.csv", 3, "there is no file 'gone.txt'"),
        ("calls.csv", 6, "the file '../out.txt' is outside the directory"),
        ("calls.csv", 7, "'soon' is not a date"),
        ("extra.vtt", None, f"the manifest {manifest} does not name this file, so it was not imported"),
        ("turns.csv", None, f"the manifest {manifest} does not name this file, so it was not imported"),
    ]


def test_an_unknown_rep_is_resolved_by_a_role_or_a_name(tmp_path: Path) -> None:
    text = "Speaker 1: Hello.\nSpeaker 2: Hi.\nSpeaker 3: Me too.\n"
    manifest = put(tmp_path, {"calls.csv": CALLS + "c1,a.txt,2026-10-02,Ann Lee,Bob\n", "a.txt": text})
    intake = load_calls(tmp_path, manifest)
    assert (intake.problems, intake.loaded[0].open_sides) == ((), ("Speaker 1", "Speaker 2", "Speaker 3"))
    assert "sides open: Speaker 1, Speaker 2, Speaker 3 (nobody is called Ann Lee)" in intake.notes[0][-1]
    for told, rep in (("rep", "Ann Lee"), ("Ann Lee", "Ann Lee"), ("ann  lee", "ann lee")):
        (call,) = load_calls(tmp_path, manifest, speakers={"speaker 2": told}).loaded
        assert call.transcript.speakers == ("Speaker 1", rep, "Speaker 3")
        assert call.transcript.roles == {rep: "rep"}, "of several other voices nobody is given a side"


def test_two_labels_of_the_rep_keep_their_names(tmp_path: Path) -> None:
    text = "Speaker 1: Hello.\nSpeaker 2: Hi.\n"
    manifest = put(tmp_path, {"calls.csv": CALLS + "c1,a.txt,2026-10-02,Ann Lee,Bob\n", "a.txt": text})
    (call,) = load_calls(tmp_path, manifest, speakers={"Speaker 1": "rep", "Speaker 2": "rep"}).loaded
    assert call.transcript.roles == {"Speaker 1": "rep", "Speaker 2": "rep"}


def test_names_are_compared_without_case_and_white_space(tmp_path: Path) -> None:
    text = "ANN  LEE: Hello.\nBob: Hi.\n"
    manifest = put(tmp_path, {"calls.csv": CALLS + "c1,a.txt,2026-10-02,Ann Lee,Bob\n", "a.txt": text})
    (call,) = load_calls(tmp_path, manifest).loaded
    assert call.transcript.roles == {"ANN LEE": "rep", "Bob": "customer"}


def test_a_roster_names_unknown_reps_and_colleagues(tmp_path: Path) -> None:
    text = "Ann: Hello.\nSam: I do the demo.\nBob: Hi.\n"
    rows = "c1,a.txt,2026-10-02,Ann,Bob\nc2,b.txt,2026-10-02,Anne,Bob\n"
    manifest = put(tmp_path, {"calls.csv": CALLS + rows, "a.txt": text, "b.txt": text})
    intake = load_calls(tmp_path, manifest, roster=["Ann", "Sam"])
    assert intake.loaded[0].transcript.roles == {"Ann": "rep", "Sam": "other", "Bob": "customer"}
    assert [(p.line, p.what) for p in intake.problems] == [(3, "unknown rep 'Anne': not among Ann, Sam")]


def test_where_the_buyer_is_not_heard_everybody_stays_open(tmp_path: Path) -> None:
    header = "file,date,outcome,buyer,rep\n"
    manifest = put(tmp_path, {"calls.csv": header + "a.txt,2026-10-02,won,Dana,Ann\n", "a.txt": "Q: Why?\nA: Well.\n"})
    (interview,) = load_interviews(tmp_path, manifest).loaded
    assert interview.open_sides == ("Q", "A")
    (interview,) = load_interviews(tmp_path, manifest, speakers={"A": "buyer"}).loaded
    assert interview.transcript.roles == {"Q": "interviewer", "Dana": "buyer"}


def test_a_column_says_who_is_who_in_its_file(tmp_path: Path) -> None:
    files = {name: "Speaker 1: Hello.\nSpeaker 2: Hi.\n" for name in ("a.txt", "b.txt")}
    rows = 'c1,a.txt,2026-10-02,Ann Lee,"Speaker 1=rep; Speaker 2=customer"\nc2,b.txt,2026-10-02,Ann Lee,Ann and Bob\n'
    header = "call_id,file,date,rep,speakers\n"
    manifest = put(tmp_path, {"calls.csv": header + rows, **files})
    settled, free = load_calls(tmp_path, manifest).loaded
    assert settled.transcript.roles == {"Ann Lee": "rep", "Speaker 2": "customer"}
    assert (free.open_sides, free.details) == (("Speaker 1", "Speaker 2"), {"speakers": "Ann and Bob"})
    (settled, _) = load_calls(tmp_path, manifest, speakers={"a.txt:Speaker 2": "other"}).loaded
    assert settled.transcript.roles["Speaker 2"] == "other", "what is said of one file goes before its row"


def test_a_lone_voice_is_not_taken_for_the_customer_where_the_rep_is_not_heard(tmp_path: Path) -> None:
    manifest = put(tmp_path, {"calls.csv": CALLS + "c1,a.txt,2026-10-02,Ann Lee,\n", "a.txt": "S: Hi.\nS: You.\n"})
    assert load_calls(tmp_path, manifest).loaded[0].open_sides == ("S",)
    manifest = put(tmp_path, {"calls.csv": CALLS + "c1,a.txt,2026-10-02,Ann Lee,S\n"})
    (problem,) = load_calls(tmp_path, manifest).problems
    assert problem.what == "nobody in this file is the rep 'Ann Lee'; speakers: 'S'"


def test_several_buyers_each_have_to_speak(tmp_path: Path) -> None:
    header, text = "file,date,outcome,buyer,rep\n", "Gareth: Why?\nDana: Well.\nKenji: Twice.\n"
    row = "a.txt,2026-10-02,won,{},Ann\n"
    manifest = put(tmp_path, {"calls.csv": header + row.format("Dana; Kenji"), "a.txt": text})
    (interview,) = load_interviews(tmp_path, manifest).loaded
    assert interview.transcript.roles == {"Gareth": "interviewer", "Dana": "buyer", "Kenji": "buyer"}
    manifest = put(tmp_path, {"calls.csv": header + row.format("Dana; Kenji Ito")})
    (interview,) = load_interviews(tmp_path, manifest).loaded
    assert interview.transcript.roles == {"Dana": "buyer"}, "Gareth or Kenji may be Kenji Ito"
    (interview,) = load_interviews(tmp_path, manifest, speakers={"Kenji": "buyer"}).loaded
    assert interview.transcript.roles == {"Gareth": "interviewer", "Dana": "buyer", "Kenji Ito": "buyer"}


def test_a_zip_is_read_like_a_directory_with_its_manifest_inside() -> None:
    intake = load_calls(FOLDER / "calls.zip", Path("calls.csv"))
    assert [call.id for call in intake.loaded] == ["c1", "c2"]
    assert intake.problems == ()


def test_a_link_out_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("Ann: Hello.\n")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").symlink_to(tmp_path / "secret.txt")
    manifest = put(tmp_path / "in", {"calls.csv": CALLS + "c1,a.txt,2026-10-02,Ann,Bob\n"})
    intake = load_calls(tmp_path / "in", manifest)
    assert intake.loaded == ()
    assert "is a link out of" in str(intake.problems[0])


def test_the_whole_folder_of_formats_gives_one_result_a_file(tmp_path: Path) -> None:
    names = sorted(path.name for path in FOLDER.iterdir())
    rows = "".join(f"{name},{name},2026-10-02,Priya Raman,Dana Whitcombe\n" for name in names)
    manifest = put(tmp_path, {"calls.csv": CALLS + rows})
    labels = ["Speaker 1", "SPEAKER_00", "Speaker A", "spk_0", "ch_0", "AGENT", "Channel 0", "Q"]
    intake = load_calls(FOLDER, manifest, speakers=dict.fromkeys(labels, "rep"))
    assert len(intake.loaded) + len(intake.problems) == len(names)
    assert len(intake.loaded) >= 40


@pytest.mark.parametrize("load", [load_interviews, load_calls])
def test_what_is_not_there_is_said(load, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ImportProblem, match="there is no such directory or zip"):
        load(tmp_path / "gone", tmp_path / "calls.csv")
    with pytest.raises(ImportProblem, match="cannot be read: No such file"):
        load(tmp_path, tmp_path / "calls.csv")


def test_of_several_voices_beside_the_buyer_nobody_is_given_a_side(tmp_path: Path) -> None:
    header, text = "file,date,outcome,buyer,rep\n", "Gareth: Why?\nDana: Well.\nKenji: Twice.\nGareth: So.\n"
    row = "a.txt,2026-10-02,won,Dana,Ann\n"
    manifest = put(tmp_path, {"calls.csv": header + row, "a.txt": text})
    intake = load_interviews(tmp_path, manifest)
    (interview,) = intake.loaded
    assert interview.transcript.roles == {"Dana": "buyer"}
    assert interview.open_sides == ("Gareth", "Kenji")
    assert any(note.startswith("sides open: Gareth, Kenji") for note in intake.notes[0])
    found, _ = unmatched("interview", tmp_path, manifest)
    assert [one.file for one in found] == ["a.txt"]
    (told,) = load_interviews(tmp_path, manifest, speakers={"a.txt:Kenji": "buyer"}).loaded
    assert told.transcript.roles == {"Gareth": "interviewer", "Dana": "buyer", "Kenji": "buyer"}
    named = put(
        tmp_path, {"calls.csv": "file,date,outcome,buyer,rep,interviewer\na.txt,2026-10-02,won,Dana,Ann,Gareth\n"}
    )
    (named_one,) = load_interviews(tmp_path, named).loaded
    assert named_one.open_sides == ("Kenji",)
