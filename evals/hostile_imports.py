"""Files made to be slow or large for whoever reads them: time and memory of each importer.

    python evals/hostile_imports.py

Each file is read in a process of its own. Printed: what became of it, seconds of CPU, and the most memory in MB; the last line
counts those over 5 s or 500 MB.
"""

from __future__ import annotations

import io
import json
import random
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

MB = 2**20
MOST_S, MOST_MB = 5.0, 500
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default '
    'Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
    'PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.'
    'document.main+xml"/></Types>'
)
_RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)


def _docx(body: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", _TYPES)
        packed.writestr("_rels/.rels", _RELS)
        packed.writestr(
            "word/document.xml", f'<?xml version="1.0"?><w:document {_W}><w:body>{body}</w:body></w:document>'
        )
    return out.getvalue()


def _paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def _xlsx(rows: str) -> bytes:
    import openpyxl

    out, book = io.BytesIO(), openpyxl.Workbook()
    book.active.append(["speaker", "text"])
    book.save(out)
    packed = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename.endswith("sheet1.xml"):
                data = data.replace(b"</sheetData>", rows.encode() + b"</sheetData>")
            new.writestr(info.filename, data)
    return packed.getvalue()


def _pdf(pages: int, stream: bytes) -> bytes:
    kids = " ".join(f"{i + 4} 0 R" for i in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {pages} /Kids [{kids}] >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R /Resources << /Font << /F1 << /Type /Font "
        b"/Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
    )
    return _file([*objects, *[page] * pages])


def _file(objects: list[bytes]) -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end


def _nested_forms(depth: int) -> bytes:
    """A page that draws a form twice, which draws another twice, and so on."""
    font = b"/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"]
    objects.append(
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /X 4 0 R >> >> >>"
    )
    for number in range(4, 4 + depth):
        last = number == 3 + depth
        drawn = b"BT /F1 9 Tf (Ann: hi) Tj ET" if last else b"/X Do /X Do"
        inside = font if last else b"/XObject << /X %d 0 R >>" % (number + 1)
        head = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << %s >> /Length %d >>" % (
            inside,
            len(drawn),
        )
        objects.append(b"%s\nstream\n%s\nendstream" % (head, drawn))
    return _file(objects)


def _words(count: int) -> str:
    rng = random.Random(1)
    return " ".join(
        rng.choice(("well", "budget:", "10:30", "Ann", "so", "we", "Bob:", "(yes)", "[no]")) for _ in range(count)
    )


def _nested_parts(depth: int) -> bytes:
    """An e-mail in an e-mail in an e-mail."""
    head = b"From: a\nMIME-Version: 1.0\n"
    return head + b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (i, i) for i in range(depth))


def _captions(count: int) -> str:
    return "".join(f"\n00:{i // 60 % 60:02}:{i % 60:02}.000 --> 00:59:59.000\nAnn: hello {i}\n" for i in range(count))


FILES: dict[str, Callable[[], bytes]] = {
    "one_long_line.txt": lambda: b"Ann: " + _words(400_000).encode(),
    "no_line_breaks.txt": lambda: b"a" * 20 * MB,
    "one_long_turn.txt": lambda: (
        "Ann: Hello.\nBob: Hi.\nAnn: " + "\n".join(_words(6) for _ in range(55_000))
    ).encode(),
    "only_colons.txt": lambda: b":" * 5 * MB,
    "brackets.txt": lambda: b"[(" * 2 * MB,
    "labels.txt": lambda: "\n".join(f"Name {i}: hello" for i in range(59_000)).encode(),
    "times.txt": lambda: "\n".join(f"{i // 60}:{i % 60:02}" for i in range(59_000)).encode(),
    "numbers.txt": lambda: "\n".join(map(str, range(2_000_000))).encode(),
    "blank_lines.txt": lambda: b"\n" * 20 * MB,
    "spaces.txt": lambda: b"Ann: hi\n" + b" " * 20 * MB + b"x\nBob: so\n",
    "minutes.txt": lambda: ("\n".join("word " * 15 + "seconds" for _ in range(50_000))).encode(),
    "cues.vtt": lambda: ("WEBVTT\n" + _captions(19_000)).encode(),
    "cue_without_end.vtt": lambda: ("WEBVTT\n\n00:00.000 --> 00:01.000\n" + "<v Ann" * 500_000).encode(),
    "cue_rows.srt": lambda: ("1\n00:00:00,000 --> 00:00:01,000\n" + "Ann: hi\n" * 59_000).encode(),
    "one_cue.srt": lambda: ("1\n00:00:00,000 --> 00:00:01,000\n" + "hi " * 1_200_000).encode(),
    "tags.vtt": lambda: ("WEBVTT\n\n00:00.000 --> 00:01.000\n" + "<font a=" * 300_000).encode(),
    "deep.json": lambda: b"[" * 200_000 + b"]" * 200_000,
    "deep_objects.json": lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep_talk.json": lambda: b'{"a":' * 900 + b'[{"speaker":"A","text":"hi"}]' + b"}" * 900,
    "many_entries.json": lambda: json.dumps(
        [{"speaker": f"S{i % 9}", "text": "well so", "start": i} for i in range(250_000)]
    ).encode(),
    "many_lists.json": lambda: json.dumps([[{"a": 1}] * 3] * 100_000).encode(),
    "many_keys.json": lambda: json.dumps({f"k{i}": {"b": [{"c": i}]} for i in range(150_000)}).encode(),
    "long_number.json": lambda: b'[{"speaker":"A","text":"hi","start":' + b"9" * 2_000_000 + b"}]",
    "whisper_words.json": lambda: json.dumps(
        {
            "segments": [
                {"text": "a " * 9, "speaker": "A", "words": [{"word": "a", "speaker": "AB"[i % 2]} for i in range(9)]}
                for _ in range(25_000)
            ]
        }
    ).encode(),
    "cells.csv": lambda: ("speaker,text\n" + "Ann,hello\n" * 59_000).encode(),
    "wide.csv": lambda: b"speaker,text" + b"," * 3_000_000 + b"\nAnn,hello\n",
    "open_quote.csv": lambda: b'speaker,text\nAnn,"' + b"hello\n" * 50_000,
    "nested_paragraphs.docx": lambda: _docx("<w:p>" * 240 + _paragraph("Ann: hi") * 4_000 + "</w:p>" * 240),
    "deep_paragraphs.docx": lambda: _docx("<w:p><w:r>" * 50_000 + "</w:r></w:p>" * 50_000),
    "paragraphs.docx": lambda: _docx(_paragraph("Ann: hello") * 59_000),
    "runs.docx": lambda: _docx("<w:p>" + "<w:r><w:t>a </w:t></w:r>" * 700_000 + "</w:p>"),
    "tables.docx": lambda: _docx(("<w:tbl><w:tr>" + "<w:tc>" * 3) * 80 + ("</w:tc>" * 3 + "</w:tr></w:tbl>") * 80),
    "many_cells.docx": lambda: _docx(
        "<w:tbl>" + "<w:tr><w:tc><w:p/></w:tc><w:tc><w:p/></w:tc></w:tr>" * 150_000 + "</w:tbl>"
    ),
    "text_23_mb.docx": lambda: _docx(_paragraph("hello " * 100) * 33_000),
    "rows.xlsx": lambda: _xlsx(
        "".join(
            f'<row r="{i}"><c t="inlineStr"><is><t>Ann</t></is></c><c t="inlineStr"><is><t>hi</t></is></c></row>'
            for i in range(2, 59_000)
        )
    ),
    "row_number.xlsx": lambda: _xlsx('<row r="999999999"><c t="inlineStr"><is><t>Ann</t></is></c></row>'),
    "wide_rows.xlsx": lambda: _xlsx(
        "".join(f'<row r="{i}"><c r="XFD{i}" t="inlineStr"><is><t>x</t></is></c></row>' for i in range(2, 3_000))
    ),
    "wide_row.xlsx": lambda: _xlsx('<row r="2">' + '<c t="inlineStr"><is><t>x</t></is></c>' * 400_000 + "</row>"),
    "shared_stream.pdf": lambda: _pdf(2_000, b"BT /F1 11 Tf 60 780 Td\n" + b"(Ann: hello there) Tj T*\n" * 800 + b"ET"),
    "operators.pdf": lambda: _pdf(1, b"BT /F1 11 Tf\n" + b"(a) Tj " * 500_000 + b"ET"),
    "pages.pdf": lambda: _pdf(2_000, b"BT /F1 11 Tf 60 780 Td (Ann: hello) Tj ET"),
    "graphics.pdf": lambda: _pdf(1, b"q Q " * 1_000_000),
    "nested_forms.pdf": lambda: _nested_forms(25),
    "nested_arrays.pdf": lambda: _pdf(1, b"[" * 300_000),
    "groups.rtf": lambda: b"{\\rtf1 " + b"{" * 300_000 + b"}" * 300_000 + b"}",
    "words.rtf": lambda: b"{\\rtf1 " + b"Ann: hello there\\par\n" * 59_000 + b"}",
    "controls.rtf": lambda: b"{\\rtf1 " + b"\\b1\\b0 " * 280_000 + b"}",
    "nested.html": lambda: b"<html><body>" + b"<div>" * 300_000 + b"Ann: hi",
    "inline.html": lambda: b"<html><body><p>" + b"<b>a" * 200_000,
    "tables.html": lambda: b"<html><body>" + b"<table><tr><td>" * 4_000 + b"Ann",
    "rows.html": lambda: (
        b"<html><table><tr><th>Speaker</th><th>Text</th></tr>" + b"<tr><td>Ann</td><td>hi</td></tr>" * 59_000
    ),
    "attributes.html": lambda: b"<html><p " + b"a" * 5 * MB,
    "comment.html": lambda: b"<!--" * 500_000,
    "parts.eml": lambda: _nested_parts(3_000),
    "headers.eml": lambda: b"From: a\nMIME-Version: 1.0\n" + b"X: " + b"a" * 5 * MB + b"\n" * 3 + b"Ann: hi",
    "addresses.eml": lambda: b"From: a\nMIME-Version: 1.0\nTo: " + b"<" * 2 * MB + b"\n\nAnn: hi",
    "lines.jsonl": lambda: b'{"speaker":"Ann","text":"hi"}\n' * 29_000,
    "inner.json": lambda: json.dumps({"a": ["Ann: hi\n" * 50] * 9_000}).encode(),
}


def _read_one(name: str, data: bytes) -> str:
    from agent.core.errors import CloseReadError
    from agent.text.importers import Source, reading_of

    try:
        read = reading_of(Source(name, data), speakers={"?": "Nobody"})
        return f"read, {len(read.transcript.turns)} turns"
    except CloseReadError as error:
        return f"refused: {str(error)[:80]}"


def measured(name: str) -> tuple[str, float, int]:
    """What became of one file, seconds and MB, in a process of its own."""
    done = subprocess.run([sys.executable, __file__, name], capture_output=True, text=True, timeout=200, check=False)
    if done.returncode:
        return f"FAULT: {(done.stderr.strip().splitlines() or ['?'])[-1][:100]}", 0.0, 0
    outcome, seconds, most = json.loads(done.stdout.splitlines()[-1])
    return outcome, seconds, most


def main() -> None:
    """Measure every file and print a line for each."""
    over = 0
    for name in FILES:
        try:
            outcome, seconds, most = measured(name)
        except subprocess.TimeoutExpired:
            outcome, seconds, most = "stopped", 200.0, 0
        bad = seconds > MOST_S or most > MOST_MB or outcome.startswith("FAULT")
        over += bad
        print(f"{'OVER ' if bad else '     '}{name:26} {seconds:6.1f} s {most:5} MB  {outcome}", flush=True)
    print(f"{len(FILES)} files, {over} over {MOST_S:g} s or {MOST_MB} MB")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        import agent.text.importers  # noqa: F401

        data = FILES[sys.argv[1]]()
        import openpyxl  # noqa: F401

        from agent.text.importers.apart import stop

        begin = time.process_time()
        outcome = _read_one(sys.argv[1], data)
        took = time.process_time() - begin
        stop()  # what was read in a process apart counts too
        apart = resource.getrusage(resource.RUSAGE_CHILDREN)
        # Not `ru_maxrss` of this process: a new program inherits its parent's, here that of a whole run of tests.
        status = Path("/proc/self/status").read_text()
        most = max(int(status.split("VmHWM:")[1].split()[0]), apart.ru_maxrss) // 1024
        print(json.dumps([outcome, round(took + apart.ru_utime + apart.ru_stime, 2), most]))
    else:
        main()
