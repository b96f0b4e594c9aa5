"""The files under tests/data/formats: each holds the same five turns, written as one tool exports them.

EXPECTED says for each which format it is, what its speakers are called, and how exact its times are: `exact` (to the
millisecond), `whole` (seconds, cut), `shared` (turns of one cue share its time), `from first` (moments of a day, of which
the first is 0, in whole seconds too), or None.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "data" / "formats"
WORDS = (
    "Right, so what happens when Amarillo is late?",
    "Um, the bank. I mean, the covenant package: it's due on the twelfth.",
    "And nobody tells you?",
    "No. Twice last year, 15,000 dollars each time.",
    "Okay.",
)
TIMES: dict[str | None, tuple[float | None, ...]] = {
    "exact": (4.0, 9.5, 15.0, 17.2, 24.0),
    "whole": (4.0, 9.0, 15.0, 17.0, 24.0),
    "shared": (4.0, 9.5, 15.0, 15.0, 24.0),
    "from first": (0.0, 5.5, 11.0, 13.2, 20.0),
    "whole from first": (0.0, 5.0, 11.0, 13.0, 20.0),
    None: (None,) * 5,
}
NAMES = ("Priya Raman", "Dana Whitcombe")

EXPECTED: dict[str, tuple[str, tuple[str, str], str | None]] = {
    "zoom.vtt": ("webvtt", NAMES, "exact"),
    "teams.vtt": ("webvtt", NAMES, "exact"),
    "meet.vtt": ("webvtt", NAMES, "shared"),
    "styled.vtt": ("webvtt", NAMES, "shared"),
    "zoom.srt": ("srt", NAMES, "exact"),
    "rev.srt": ("srt", ("PRIYA RAMAN", "DANA WHITCOMBE"), "shared"),
    "youtube.sbv": ("sbv", NAMES, "exact"),
    "labels.lrc": ("lrc", NAMES, "exact"),
    "aegisub.ass": ("subtitles", NAMES, "exact"),
    "captions.ttml": ("subtitles", NAMES, "exact"),
    "captions.smi": ("subtitles", NAMES, "exact"),
    "turns.yaml": ("json", NAMES, "exact"),
    "labels.odt": ("odt", NAMES, None),
    "table.odt": ("odt", NAMES, "whole"),
    "bracketed.txt": ("text", NAMES, "whole"),
    "parentheses_first.txt": ("text", NAMES, "whole"),
    "name_time.txt": ("text", NAMES, "whole"),
    "labels.txt": ("text", NAMES, None),
    "wrapped.txt": ("text", NAMES, None),
    "otter.txt": ("text", NAMES, "whole"),
    "otter_no_times.txt": ("text", NAMES, None),
    "names_no_blank_lines.txt": ("text", NAMES, None),
    "rev.txt": ("text", ("Speaker 1", "Speaker 2"), "whole"),
    "fireflies.txt": ("text", NAMES, "whole"),
    "gong_copy.txt": ("text", NAMES, "whole"),
    "fathom_copy.txt": ("text", NAMES, "whole"),
    "zoom_captions.txt": ("text", NAMES, "whole"),
    "zoom_tabbed.txt": ("text", NAMES, "whole"),
    "meet_document.txt": ("text", NAMES, "whole"),
    "meet.md": ("text", NAMES, "whole"),
    "questions.txt": ("text", ("Q", "A"), None),
    "whisper_diarized.txt": ("text", ("SPEAKER_00", "SPEAKER_01"), "exact"),
    "turns.csv": ("csv", NAMES, "whole"),
    "turns_semicolon.csv": ("csv", NAMES, "exact"),
    "turns.tsv": ("csv", NAMES, "exact"),
    "turns.xlsx": ("xlsx", NAMES, "whole"),
    "labels.docx": ("docx", NAMES, None),
    "teams.docx": ("docx", NAMES, "whole"),
    "teams_2021.docx": ("docx", NAMES, "whole"),
    "table.docx": ("docx", NAMES, "whole"),
    "table_no_header.docx": ("docx", NAMES, None),
    "labels.pdf": ("pdf", NAMES, None),
    "rev.pdf": ("pdf", ("Speaker 1", "Speaker 2"), "whole"),
    "labels.rtf": ("rtf", NAMES, None),
    "labels.html": ("html", NAMES, None),
    "table.html": ("html", NAMES, "whole"),
    "one.zip": ("zip", NAMES, "whole"),
    "labels.eml": ("eml", NAMES, None),
    "table_html.eml": ("eml", NAMES, "whole"),
    "gong.json": ("gong", ("6432345678412345671", "6432345678412345672"), "exact"),
    "gong_with_parties.json": ("gong", NAMES, "exact"),
    "gong_one_call.json": ("gong", ("6432345678412345671", "6432345678412345672"), "exact"),
    "fireflies_api.json": ("json", NAMES, "exact"),
    "fireflies_download.json": ("json", NAMES, "exact"),
    "fathom_meeting.json": ("json", NAMES, "whole"),
    "fathom_transcript.json": ("json", NAMES, "whole"),
    "assemblyai.json": ("json", ("Speaker A", "Speaker B"), "exact"),
    "assemblyai_sentences.json": ("json", ("Speaker A", "Speaker B"), "exact"),
    "deepgram_words.json": ("deepgram", ("Speaker 0", "Speaker 1"), "exact"),
    "deepgram_utterances.json": ("deepgram", ("Speaker 0", "Speaker 1"), "exact"),
    "deepgram_multichannel.json": ("deepgram", ("Channel 0", "Channel 1"), "exact"),
    "aws_diarized.json": ("aws-transcribe", ("spk_0", "spk_1"), "exact"),
    "aws_diarized_2018.json": ("aws-transcribe", ("spk_0", "spk_1"), "exact"),
    "aws_channels.json": ("aws-transcribe", ("ch_0", "ch_1"), "exact"),
    "aws_call_analytics.json": ("aws-transcribe", ("AGENT", "CUSTOMER"), "exact"),
    "whisper_api_diarized.json": ("whisper", ("Speaker A", "Speaker B"), "exact"),
    "whisper_cpp.json": ("whisper", ("Speaker 0", "Speaker 1"), "exact"),
    "whisperx.json": ("whisper", ("SPEAKER_00", "SPEAKER_01"), "exact"),
    "whisperx_one_segment.json": ("whisper", ("SPEAKER_00", "SPEAKER_01"), "exact"),
    "revai.json": ("rev", ("Speaker 0", "Speaker 1"), "exact"),
    "rev_people.json": ("rev", NAMES, "exact"),
    "closeread.json": ("closeread", NAMES, "exact"),
    "avoma.json": ("json", NAMES, "exact"),
    "chorus.json": ("json", NAMES, "exact"),
    "tldv.json": ("json", NAMES, "exact"),
    "recall.json": ("json", NAMES, "exact"),
    "granola_note.json": ("json", ("Me", "Them"), "from first"),
    "granola_millis.json": ("json", NAMES, "exact"),
    "speechmatics.json": ("json", ("S1", "S2"), "exact"),
    "google_stt.json": ("json", ("Speaker 1", "Speaker 2"), "exact"),
    "google_stt_v2.json": ("json", ("Speaker 1", "Speaker 2"), "exact"),
    "elevenlabs.json": ("json", ("speaker_0", "speaker_1"), "exact"),
    "gladia.json": ("json", ("Speaker 0", "Speaker 1"), "exact"),
    "ibm_watson.json": ("json", ("Speaker 0", "Speaker 1"), "exact"),
    "otter_api.json": ("json", NAMES, "exact"),
    "dialpad.json": ("json", NAMES, "from first"),
    "grain.json": ("json", NAMES, "exact"),
    "readai.json": ("json", NAMES, "from first"),
    "azure_batch.json": ("json", ("Speaker 1", "Speaker 2"), "exact"),
    "azure_fast.json": ("json", ("Speaker 0", "Speaker 1"), "exact"),
    "google_meet.json": ("json", ("p0", "p1"), "from first"),
    "fireflies_names_beside.json": ("json", NAMES, "exact"),
    "slack_channel.json": ("chat", NAMES, "from first"),
    "teams_chat.json": ("chat", NAMES, "from first"),
    "telegram.json": ("chat", NAMES, "whole from first"),
    "discord.json": ("chat", NAMES, "from first"),
}
# Services that heard the words and not who said them.
UNNAMED = {
    "whisper.json": "whisper",
    "whisper_words.json": "whisper",
    "whisper_api_verbose.json": "whisper",
    "assemblyai_no_speakers.json": "json",
}
OTHERS = {"scanned.pdf", "calls.zip", "gong_page.json"}
TEXT_FILES = [
    name
    for name in EXPECTED
    if name.rpartition(".")[2]
    in {"txt", "md", "vtt", "srt", "sbv", "csv", "tsv", "json", "html", "lrc", "ass", "ttml", "smi", "yaml"}
]
BINARY_FILES = [name for name in EXPECTED if name not in TEXT_FILES and not name.endswith((".rtf", ".eml"))]


def content(name: str) -> bytes:
    """The bytes of one of the files."""
    return (FOLDER / name).read_bytes()


def words(text: str) -> list[str]:
    """The words of a text; a space that does not break a line is a space."""
    return text.split()
