"""Files in which a word stands where none belongs, as fuzzing found them: it is read, told, or the file is refused."""

import json
from typing import Any

import pytest

from agent.core.errors import ImportProblem
from agent.text.importers import Source, reading_of
from tests.text.formats import content


def changed(name: str, old: str, new: str) -> Source:
    data = content(name)
    assert old.encode() in data
    return Source(name, data.replace(old.encode(), new.encode(), 1))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("labels.rtf", "Helvetica;}}", "Helve{tica;}}"),  # all paragraphs are in the table of fonts
        ("labels.rtf", "twelfth.\\par", "twelfth.\\**par"),  # what follows is marked as not to be shown
        ("captions.ttml", '04.000" end', "04.000 end"),
        ("turns.tsv", "Transcript\n", "Transcript "),  # the header has run into the first turn
        ("recall.json", '"text": "bank."', '"texts": "bank."'),
        ("recall.json", '"text": "bank."', '"text": {"value": "bank."}'),
        ("speechmatics.json", '"content": "happens"', '"contents": "happens"'),
        ("ibm_watson.json", '"from": 24.0', '"xfrom": 24.0'),
    ],
)
def test_a_file_that_hides_words_is_refused(name: str, old: str, new: str) -> None:
    with pytest.raises(ImportProblem):
        reading_of(changed(name, old, new))


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("labels.rtf", "time.\\par", "time.\\Okay.\\par", "Okay"),
        ("meet.vtt", "WEBVTT\n", "WEBVTT\nOkay.\n", "Okay."),
        ("captions.smi", "<HEAD>\n", "<HEAD>\n<S}YNC><P>Priya Raman: Okay.\n", "2 lines (5 words)"),
        ("whisperx.json", " Right, so what happens when Amarillo is late?", " Right, so what happte?", "happens"),
        ("readai.json", "They spoke.", "Later.", "Later."),
    ],
)
def test_words_that_stand_elsewhere_are_told(name: str, old: str, new: str, told: str) -> None:
    assert any(told in note for note in reading_of(changed(name, old, new)).notes if note.startswith("left out"))


def test_a_header_cell_that_is_broken_stays_in_its_place() -> None:
    turns = reading_of(changed("table.html", "<th>Time</th>", "<h>Time</th>")).transcript.turns
    assert turns == reading_of(Source("table.html", content("table.html"))).transcript.turns


def test_a_segment_in_which_two_speak_is_cut_by_its_words_under_any_key() -> None:
    document: dict[str, Any] = json.loads(content("whisperx_one_segment.json"))
    document["parts"] = document.pop("segments")
    turns = reading_of(Source("call.json", json.dumps(document).encode())).transcript.turns
    assert [turn.speaker for turn in turns] == ["SPEAKER_00", "SPEAKER_01"] * 2 + ["SPEAKER_00"]
