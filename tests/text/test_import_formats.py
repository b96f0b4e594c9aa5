"""Every format is known by its content and read to the same five turns."""

from __future__ import annotations

import io

import docx
import pytest
from docx.oxml import OxmlElement

from agent.core.errors import ImportProblem, UsageError
from agent.text.importers import FORMATS, Source, detect, read_transcript, read_transcript_bytes, reading_of
from tests.text.formats import EXPECTED, FOLDER, OTHERS, TIMES, UNNAMED, WORDS, content, words


def test_every_file_of_the_folder_is_tested_and_every_format_has_one() -> None:
    files = {path.name for path in FOLDER.iterdir()}
    assert files == {*EXPECTED, *UNNAMED, *OTHERS}
    assert {form for form, _, _ in EXPECTED.values()} == {form.name for form in FORMATS}


@pytest.mark.parametrize("name", EXPECTED)
def test_read_to_the_same_turns(name: str) -> None:
    form, speakers, times = EXPECTED[name]
    assert detect(Source(name, content(name))).name == form
    transcript = read_transcript(FOLDER / name)
    assert [words(turn.text) for turn in transcript.turns] == [words(text) for text in WORDS]
    assert [turn.speaker for turn in transcript.turns] == [speakers[i % 2] for i in range(5)]
    assert tuple(turn.start for turn in transcript.turns) == TIMES[times]
    assert transcript.roles == {}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_content_decides_not_the_name(name: str) -> None:
    form, _, _ = EXPECTED[name]
    assert detect(Source("upload", content(name))).name == form
    assert detect(Source("upload.txt", content(name))).name == form


@pytest.mark.parametrize("name", UNNAMED)
def test_words_without_speakers_are_refused_until_somebody_is_named(name: str) -> None:
    assert detect(Source(name, content(name))).name == UNNAMED[name]
    with pytest.raises(ImportProblem, match="belong to nobody: ") as refused:
        read_transcript(FOLDER / name)
    assert refused.value.told.option == '--speakers "?=NAME", or "?=same" for who spoke before'
    assert refused.value.advice is not None
    assert refused.value.advice.option == refused.value.told.option
    transcript = read_transcript(FOLDER / name, speakers={"?": "Dana Whitcombe"})
    assert transcript.speakers == ("Dana Whitcombe",)
    assert words(" ".join(turn.text for turn in transcript.turns)) == words(" ".join(WORDS))


def test_a_file_of_several_calls_or_transcripts_is_not_one() -> None:
    twice = b'{"callTranscripts": [{"callId": "1", "transcript": []}, {"callId": "2", "transcript": []}]}'
    with pytest.raises(ImportProblem, match="holds 2 calls, not one"):
        read_transcript_bytes(twice, "gong.json")
    with pytest.raises(ImportProblem, match="holds 3 files, not one transcript"):
        read_transcript(FOLDER / "calls.zip")


def test_a_page_of_gongs_calls_is_read_call_by_call() -> None:
    page = content("gong_page.json")
    with pytest.raises(ImportProblem, match="this file holds 2 calls, not one"):
        read_transcript_bytes(page, "gong_page.json")
    read = reading_of(Source("gong_page.json", page, part="7782342274025937896")).transcript
    assert [turn.text for turn in read.turns] == list(WORDS)
    assert tuple(turn.start for turn in read.turns) == TIMES["exact"]


def test_sounds_in_elevenlabs_words_are_left_out_and_told() -> None:
    assert reading_of(Source("a.json", content("elevenlabs.json"))).notes == (
        "left out, a sound or a remark in brackets: '(laughter)'",
    )


def test_a_scanned_pdf_is_said_to_be_one() -> None:
    with pytest.raises(ImportProblem, match=r"holds no text: its pages are pictures \(run text recognition"):
        read_transcript(FOLDER / "scanned.pdf")


def test_format_forces_and_an_unknown_one_is_refused() -> None:
    table = b"Speaker: Hello there.\nText: Hello.\n"
    assert read_transcript_bytes(table, "a.csv", format="text").speakers == ("Speaker", "Text")
    with pytest.raises(ImportProblem, match="not WebVTT: the first line is not WEBVTT"):
        read_transcript_bytes(b"Ann: Hello.", "a.vtt", format="webvtt")
    with pytest.raises(UsageError, match="no transcript format is called 'docs'; there are: pdf, docx"):
        read_transcript_bytes(b"Ann: Hello.", "a", format="docs")


def test_json_of_no_known_shape_is_not_taken_for_text() -> None:
    with pytest.raises(ImportProblem, match="no transcript format fits this file"):
        read_transcript_bytes(b'{"Ann": "Hello"}', "a.json")


def test_json_that_does_not_fit_says_where() -> None:
    broken = content("gong.json").replace(b'"start": 9500', b'"start": "soon"')
    with pytest.raises(ImportProblem, match=r"not Gong's JSON: callTranscripts\.0\.transcript\.1\.sentences\.0\.start"):
        read_transcript_bytes(broken, "gong.json")


def test_a_word_documents_tracked_insertions_and_text_boxes_are_kept() -> None:
    document = docx.Document()
    document.add_heading("Discovery call", 1)
    paragraph = document.add_paragraph("Priya Raman: And nobody ")
    inserted = paragraph.add_run("tells you?")._r
    mark = OxmlElement("w:ins")
    paragraph._p.append(mark)
    mark.append(inserted)
    control, inner = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    control.append(inner)
    inner.append(document.add_paragraph("Dana Whitcombe: No.")._p)
    document.element.body.insert(2, control)
    out = io.BytesIO()
    document.save(out)
    transcript = read_transcript_bytes(out.getvalue(), "call.docx")
    assert [(t.speaker, t.text) for t in transcript.turns] == [
        ("Priya Raman", "And nobody tells you?"),
        ("Dana Whitcombe", "No."),
    ]


def test_words_beside_a_word_documents_table_of_turns_are_told() -> None:
    document = docx.Document(io.BytesIO(content("table.docx")))
    document.add_paragraph("And one thing more.")
    out = io.BytesIO()
    document.save(out)
    read = reading_of(Source("call.docx", out.getvalue()))
    assert len(read.transcript.turns) == len(WORDS)
    assert read.notes == ("left out, beside the table of turns: 2 lines (6 words), the first: 'Terminal receipts'",)
