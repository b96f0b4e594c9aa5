"""Plain text and captions: what opens a turn, what does not, whose words they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agent.core.errors import ImportProblem
from agent.text.importers import Source, read_transcript, read_transcript_bytes, reading_of

SAMPLE = Path(__file__).resolve().parents[2] / "sample" / "ledgerline"


def said(text: str, name: str = "call.txt", **options: object) -> list[tuple[str, str, float | None]]:
    transcript = read_transcript_bytes(text.encode(), name, **options)  # type: ignore[arg-type]
    return [(turn.speaker, turn.text, turn.start) for turn in transcript.turns]


def test_every_line_of_the_sample_is_one_turn_unchanged() -> None:
    files = sorted(SAMPLE.glob("*/*.txt"))
    assert len(files) == 58
    for path in files:
        rows = [
            re.fullmatch(r"\[(\d\d):(\d\d):(\d\d)\] ([^:]+):(.*)", row) for row in path.read_text().splitlines() if row
        ]
        wanted = [(m[4], m[5].strip(), 3600 * int(m[1]) + 60 * int(m[2]) + int(m[3])) for m in rows if m]
        assert len(wanted) == len(rows)
        assert [(turn.speaker, turn.text, turn.start) for turn in read_transcript(path).turns] == wanted


def test_a_colon_in_somebodys_words_opens_no_turn() -> None:
    text = "Ann: Two things.\nFirst: the price.\nand I said: no way\nBob: Look: it's 10:30.\nAnn: Fine.\n"
    assert said(text) == [
        ("Ann", "Two things. First: the price. and I said: no way", None),
        ("Bob", "Look: it's 10:30.", None),
        ("Ann", "Fine.", None),
    ]


def test_under_headings_with_times_a_colon_opens_no_turn_of_a_stranger() -> None:
    text = "Ann Lee  0:03\nAgenda: prices.\nBob Roy: that was you.\n\nBob Roy  0:10\nYes.\n"
    assert said(text) == [
        ("Ann Lee", "Agenda: prices.", 3.0),
        ("Bob Roy", "that was you.", None),
        ("Bob Roy", "Yes.", 10.0),
    ]


def test_a_line_without_its_time_among_timed_lines_is_a_turn() -> None:
    text = "[00:00:01] Ann: Hello.\nBob: Hello.\n[00:00:05] Ann: Well.\n"
    assert said(text) == [("Ann", "Hello.", 1.0), ("Bob", "Hello.", None), ("Ann", "Well.", 5.0)]


def test_a_clock_time_in_somebodys_words_opens_no_turn() -> None:
    text = "Ann Lee  0:03\nWe start at\nMonday 10:30\nor later.\n\nBob  0:10\nYes.\n"
    with_clock = said(text.replace("Monday 10:30", "on monday 10:30"))
    assert with_clock[0] == ("Ann Lee", "We start at on monday 10:30 or later.", 3.0)


def test_two_lines_of_one_speaker_are_two_turns_in_text_and_one_in_captions() -> None:
    assert said("Ann: One.\nAnn: Two.\n") == [("Ann", "One.", None), ("Ann", "Two.", None)]
    cue = "00:0{}.000 --> 00:0{}.000\nAnn: {}\n\n"
    captions = "WEBVTT\n\n" + cue.format(1, 2, "One.") + cue.format(2, 3, "Um.") + cue.format(3, 4, "Two.")
    assert said(captions, "a.vtt") == [("Ann", "One. Um. Two.", 1.0)]


LABELS = """
    Ann / Ann van der Berg / O'Neill / d'Arcy / de Souza / José Núñez / 王小明 / Speaker 1 / speaker 2 / spk_0 / SPEAKER_00
    Q / Dr. Ann Lee Jr. / Ann (Acme) / Ann Lee, CFO / Anne-Marie / ann@acme.com / Customer / Ann | Acme / R2
"""


@pytest.mark.parametrize("label", [label.strip() for label in LABELS.replace("\n", "/").split("/") if label.strip()])
def test_labels_that_name_somebody(label: str) -> None:
    assert said(f"{label}: hello there\nBob: yes\n{label}: so\n") == [
        (label, "hello there", None),
        ("Bob", "yes", None),
        (label, "so", None),
    ]


def test_handles_in_lower_case_are_labels_if_every_line_has_one() -> None:
    assert said("jsmith: hi\nann_lee: hello: you\n") == [("jsmith", "hi", None), ("ann_lee", "hello: you", None)]
    with pytest.raises(ImportProblem, match="belong to nobody: 'jsmith: hi'"):
        said("jsmith: hi\nand then\n")


def test_words_above_the_first_speaker_are_left_out_and_told() -> None:
    read = reading_of(Source("a.txt", b"Call with Acme\nWell then.\nAnn: Hello.\nBob: Hi.\n"))
    assert [turn.text for turn in read.transcript.turns] == ["Hello.", "Hi."]
    assert read.notes == ("left out, above the first turn: 2 lines (5 words), the first: line 1, 'Call with Acme'",)


def test_a_label_above_the_first_believed_one_is_asked_about() -> None:
    with pytest.raises(ImportProblem, match="belong to nobody: 'ann lee: Hello") as caught:
        said("ann lee: Hello there.\nBob Ray: Hi.\nwhat is it\nBob Ray: So.\n")
    assert caught.value.line == 1


def test_words_with_a_time_and_no_name_belong_to_nobody() -> None:
    text = "[00:01] Ann: Hello.\n[00:02] and then some\n"
    with pytest.raises(ImportProblem, match="belong to nobody: 'and then some'") as caught:
        said(text)
    assert caught.value.line == 2
    same = said(text, speakers={"?": "same"})
    assert same == [("Ann", "Hello.", 1.0), ("Ann", "and then some", 2.0)]
    assert said(text, speakers={"?": "Bob"})[1] == ("Bob", "and then some", 2.0)
    with pytest.raises(ImportProblem, match="belong to nobody"):
        said("[00:02] and then some\n", speakers={"?": "same"})


def test_the_head_of_an_export_is_not_spoken_unless_its_label_speaks() -> None:
    assert said("Title: Sync\nDate: 2026-01-02\nHost: Ann\n---\n\nAnn: Hello.\n") == [("Ann", "Hello.", None)]
    assert said("Host: Welcome.\nAnn: Hello.\nHost: So.\n")[0] == ("Host", "Welcome.", None)


def test_the_word_transcript_on_a_line_of_its_own_may_be_said() -> None:
    assert said("Ann\nSend me the\nTranscript\n\nBob\nYes.\n") == [
        ("Ann", "Send me the Transcript", None),
        ("Bob", "Yes.", None),
    ]


def test_labels_are_mapped_to_roles_and_names() -> None:
    text = b"Speaker 1: Hello.\nSpeaker 2: Hi.\nSPEAKER  1: So.\n"
    mapped = read_transcript_bytes(text, "a.txt", speakers={"speaker 1": "rep", "Speaker 2": "Dana Whitcombe"})
    assert mapped.speakers == ("Speaker 1", "Dana Whitcombe", "SPEAKER 1")
    assert mapped.roles == {"Speaker 1": "rep", "SPEAKER 1": "rep"}


def test_a_captions_second_line_is_a_speaker_only_if_a_caption_opens_with_him() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\nANN: Two things.\nBudget: no.\nBOB: What?\n\n"
    text += "2\n00:00:03,000 --> 00:00:04,000\nBOB: Really: what?\n"
    assert said(text, "a.srt") == [("ANN", "Two things. Budget: no.", 1.0), ("BOB", "What? Really: what?", 1.0)]


def test_cross_talk_in_one_caption_keeps_each_voice() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>So we <v Bob>Sorry, go on.</v>\n"
    assert said(text, "a.vtt") == [("Ann", "So we", 1.0), ("Bob", "Sorry, go on.", 1.0)]


def test_a_blank_line_inside_a_caption_loses_no_words() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>So\n\nhere we are.</v>\n"
    assert said(text, "a.vtt") == [("Ann", "So here we are.", 1.0)]


def test_angle_brackets_that_are_no_tags_are_words() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>5 &lt; 6 and <laughs> I <3 it &amp; you</v>\n"
    assert said(text, "a.vtt") == [("Ann", "5 < 6 and <laughs> I <3 it & you", 1.0)]


def test_a_problem_names_file_line_and_remedy() -> None:
    with pytest.raises(ImportProblem) as caught:
        said("[00:00:10] Ann: hi\n\n[00:00:05] Bob: yes\n", "calls/a.txt")
    assert str(caught.value) == (
        "calls/a.txt:3: Bob's words at 5 s stand after words at 10 s: out of time order "
        "(put the turns in the order spoken, or correct the time)"
    )
    assert caught.value.exit_code == 3


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.txt"):
        with pytest.raises(ImportProblem, match="cannot be read"):
            read_transcript(path)
