"""Every file of the folder broken on purpose: it is read to the same, or refused in one line, never half in silence."""

from __future__ import annotations

import codecs
import io
import zipfile
import zlib
from contextlib import suppress
from time import process_time

import pytest

from agent.core.errors import ImportProblem
from agent.core.transcript import Transcript
from agent.text.importers import Source, read_transcript_bytes, reading_of
from agent.text.importers.archive import MAX_MEMBERS
from agent.text.notes import read_notes
from tests.text.formats import BINARY_FILES, EXPECTED, TEXT_FILES, content


def read(data: bytes, name: str) -> Transcript:
    return read_transcript_bytes(data, name)


@pytest.mark.parametrize("name", TEXT_FILES)
def test_line_ends_and_byte_order_marks_change_nothing(name: str) -> None:
    good, text = read(content(name), name), content(name).decode()
    assert "\r" not in text
    for same in (
        text.replace("\n", "\r\n").encode(),
        text.replace("\n", "\r").encode(),
        codecs.BOM_UTF8 + text.encode(),
        codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + text.replace("\n", "\r\n").encode("utf-16-be"),
        (text + "\n\n  \n").encode(),
    ):
        assert read(same, name) == good


@pytest.mark.parametrize("name", TEXT_FILES)
def test_other_encodings_are_read_and_an_old_one_is_said(name: str) -> None:
    text = content(name).decode()
    latin = reading_of(Source(name, text.replace("Amarillo", "Bogotá").encode("latin-1")))
    assert latin.transcript == read(text.replace("Amarillo", "Bogotá").encode(), name)
    assert any("was read as Windows-1252" in note for note in latin.notes)
    assert read(text.encode("utf-16-le"), name) == read(text.encode(), name)


@pytest.mark.parametrize("name", TEXT_FILES)
def test_a_text_cut_in_the_middle_loses_no_turn_before_the_cut(name: str) -> None:
    good, data = read(content(name), name), content(name)
    turns = [(t.text.split(), t.start) for t in good.turns]
    for share in (0.2, 0.4, 0.6, 0.8, 0.95):
        try:
            cut = read(data[: round(len(data) * share)], name)
        except ImportProblem:
            continue
        whole = cut.turns[:-1]
        assert not name.endswith(".json"), "JSON that is cut is never complete"
        assert [(t.text.split(), t.start) for t in whole] == turns[: len(whole)], share


@pytest.mark.parametrize("name", BINARY_FILES)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_document_cut_in_the_middle_is_refused(name: str, share: float) -> None:
    data = content(name)
    cut = data[: round(len(data) * share)]
    if not name.endswith(".pdf"):
        with pytest.raises(ImportProblem) as caught:
            read(cut, name)
        assert caught.value.where == name
        return
    try:  # a PDF's reader may mend it
        mended = read(cut, name)
    except ImportProblem:
        return
    assert [t.text for t in mended.turns[:-1]] == [t.text for t in read(data, name).turns[: len(mended.turns) - 1]]


@pytest.mark.parametrize("suffix", sorted({name.rpartition(".")[2] for name in EXPECTED}))
def test_an_empty_file_is_refused(suffix: str) -> None:
    for empty in (b"", b" \r\n\t\n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_LE + b"\n\0"):
        with pytest.raises(ImportProblem, match="the file is empty"):
            read(empty, f"call.{suffix}")
    with pytest.raises(ImportProblem, match="no words in this file"):
        read(b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann></v>\n", f"call.{suffix}")


def test_a_binary_file_is_refused() -> None:
    for data in (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\x7fELF\x02\0\0\0\x0f", b"Ann: hello \0 there"):
        with pytest.raises(ImportProblem, match=r"binary file, not a transcript|is not UTF-8 text"):
            read(data, "call.txt")


@pytest.mark.parametrize("name", ["zoom.vtt", "zoom.srt", "labels.txt", "bracketed.txt"])
def test_without_speakers_the_first_line_of_words_is_named(name: str) -> None:
    text = content(name).decode().replace("Priya Raman: ", "").replace("Dana Whitcombe: ", "")
    line = next(i for i, row in enumerate(text.split("\n"), start=1) if "Amarillo" in row)
    with pytest.raises(ImportProblem, match="belong to nobody: 'Right, so what happens when Amarillo") as caught:
        read(text.encode(), name)
    assert caught.value.line == line


def test_voices_missing_from_teams_are_missed() -> None:
    text = content("teams.vtt").decode().replace("<v Dana Whitcombe>No.", "No.")
    with pytest.raises(ImportProblem, match=r"belong to nobody: 'No\. Twice last year") as caught:
        read(text.encode(), "teams.vtt")
    assert caught.value.line == 22


@pytest.mark.parametrize(("name", "old", "new"), [("zoom.vtt", "00:00:", "123:59:"), ("zoom.srt", "00:00:", "123:59:")])
def test_more_than_99_hours(name: str, old: str, new: str) -> None:
    late = read(content(name).decode().replace(old, new).encode(), name)
    good = read(content(name), name)
    assert [t.start for t in late.turns] == [(t.start or 0) + 123 * 3600 + 59 * 60 for t in good.turns]


def test_more_than_99_hours_in_text() -> None:
    late = read(content("bracketed.txt").decode().replace("[00:00:", "[100:00:").encode(), "bracketed.txt")
    assert [t.start for t in late.turns] == [360004, 360009, 360015, 360017, 360024]


@pytest.mark.parametrize("name", ["zoom.vtt", "teams.vtt", "meet.vtt", "styled.vtt", "zoom.srt", "rev.srt"])
def test_empty_cues_say_nothing(name: str) -> None:
    comma = "," if name.endswith("srt") else "."
    empty = f"\n00:00:25{comma}500 --> 00:00:26{comma}000\n\n9\n00:00:26{comma}000 --> 00:00:27{comma}000\n \n"
    assert read(content(name) + empty.encode(), name) == read(content(name), name)


@pytest.mark.parametrize("name", ["zoom.vtt", "teams.vtt", "zoom.srt"])
def test_nested_tags_are_no_words(name: str) -> None:
    text = content(name).decode()
    nested = text.replace("Amarillo", "<i><b><u>Ama</u>rillo</b></i>").replace(
        "year", "<lang en-GB><c.a.b>year</c></lang>"
    )
    assert read(nested.encode(), name) == read(content(name), name)


def test_a_time_line_cut_off_is_refused_with_its_line() -> None:
    text = content("zoom.vtt").decode()
    for tail in ("\n7\n", "\n7\n00:00:3", "\n7\n00:00:31.000 --", "\n7\n00:00:31.000 --> 00:0"):
        with pytest.raises(ImportProblem, match="time line") as caught:
            read((text + tail).encode(), "zoom.vtt")
        assert caught.value.line in {27, 28}


def test_times_out_of_order_are_refused_with_the_line() -> None:
    swapped = content("bracketed.txt").decode().replace("00:00:15", "00:00:05")
    with pytest.raises(ImportProblem, match=r"bracketed\.txt:3: Priya Raman's words at 5 s stand after words at 9 s"):
        read(swapped.encode(), "bracketed.txt")
    with pytest.raises(ImportProblem, match="out of time order"):
        read(content("gong.json").replace(b'"start": 9500', b'"start": 1000'), "gong.json")


def zipped(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in files:
            opened.writestr(name, data)
    return out.getvalue()


def test_a_zip_bomb_is_refused_whatever_it_pretends_to_be() -> None:
    bomb = b"\0" * (65 * 2**20)
    for member in ("a.txt", "word/document.xml", "xl/workbook.xml"):
        with pytest.raises(ImportProblem, match="unpacks to more than 64 MB"):
            read(zipped((member, bomb)), "bomb.zip")
    with pytest.raises(ImportProblem, match=f"more than {MAX_MEMBERS} files"):
        read(zipped(*((f"{i}.txt", b"") for i in range(MAX_MEMBERS + 1))), "many.zip")


def test_a_zip_that_leads_out_of_its_folder_or_holds_a_zip_is_refused() -> None:
    for name in ("../a.txt", "/etc/a.txt", "a/../../b.txt", "..\\a.txt"):
        with pytest.raises(ImportProblem, match="leads out of it"):
            read(zipped((name, b"Ann: hi")), "a.zip")
    with pytest.raises(ImportProblem, match="not one transcript"):
        read(zipped(("inner.zip", zipped(("a.txt", b"Ann: hi")))), "a.zip")


def test_a_row_that_claims_a_huge_number_or_width_is_refused_or_harmless() -> None:
    def altered(name: str, member: str, old: bytes, new: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(content(name))) as opened:
            files = [(info.filename, opened.read(info)) for info in opened.infolist()]
        assert any(name == member and old in data for name, data in files)
        return zipped(*((name, data.replace(old, new) if name == member else data) for name, data in files))

    book = altered("turns.xlsx", "xl/worksheets/sheet2.xml", b'<row r="2"', b'<row r="999999999999"')
    with pytest.raises(ImportProblem, match="more than 60000 rows"):
        read(book, "turns.xlsx")
    wide = altered("table.docx", "word/document.xml", b"<w:tcPr>", b'<w:tcPr><w:gridSpan w:val="999999999"/>')
    assert read(wide, "table.docx") == read(content("table.docx"), "table.docx")


_LONG = 2**19
LONG_LINES = {
    "words.txt": "Ann: " + "word " * _LONG,
    "clocks.txt": "[00:01] " * (_LONG // 2),
    "colons.txt": ":" * _LONG * 4,
    "spelled.txt": "Ann Lee " * (_LONG // 2) + "3 seconds",
    "brackets.txt": "Ann (" * _LONG,
    "cue.vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>" + "word " * _LONG,
    "tags.vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<" * _LONG * 2,
    "page.html": "<html><body><p>" + "</" * _LONG,
    "marks.md": "**" * _LONG,
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if at % 2 else ()) for at, name in enumerate(LONG_LINES)]
)
def test_a_text_without_line_breaks_is_read_or_refused_in_time(name: str) -> None:
    begin = process_time()
    with suppress(ImportProblem):
        read(LONG_LINES[name].encode(), name)
    assert process_time() - begin < 5, "forty times what it takes: what is not linear takes minutes"


@pytest.mark.slow
def test_notes_with_very_many_quotations_are_read_in_time() -> None:
    begin = process_time()
    with suppress(ImportProblem):
        read_notes(Source("n.txt", ("She said “too dear”. " * 10_000).encode()), ("Ann Lee",))
    assert process_time() - begin < 4, "half a second when it was written"


def drawing(words: bytes) -> bytes:
    """A PDF of one page with a drawing of its own."""
    body = zlib.compress(words)
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents 5 0 R >>",
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream" % (len(body), body),
    )
    made, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + b"xref\n0 6\n0000000000 65535 f \n%btrailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(made),
    )


def test_a_small_pdf_that_draws_very_much_is_refused_before_it_is_read() -> None:
    many = b"BT /F1 11 Tf 14 TL 60 780 Td\n" + b"(a) Tj T*\n" * 200_000 + b"ET"
    begin = process_time()
    with pytest.raises(ImportProblem, match="far more drawing than a transcript has"):
        read(drawing(many), "bomb.pdf")
    assert process_time() - begin < 2


def test_words_that_a_damaged_pdf_does_not_show_are_told() -> None:
    lines = (b"(Bo Ray: We pay too much for what we get here.) Tj T*", b"(Ann Lee: Which part of it?) TjyT*")
    lines += (b"(Bo Ray: The price of a seat, and of the support.) Tj T*", b"(Ann Lee: I see that.) Tj T*")
    notes = reading_of(Source("call.pdf", drawing(b"BT /F1 11 Tf 14 TL 60 780 Td\n%b\nET" % b"\n".join(lines)))).notes
    assert any("this PDF is damaged, words may be missing" in note for note in notes)
