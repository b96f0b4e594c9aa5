"""What is particular about the JSON of some vendors, each with the address of what it was built from. Words and names are
ours. A file for each vendor is in tests/data/formats.

Which versions: Azure Speech to text REST 3.1 and 3.2, Dialpad API v2, Read's webhook of 2025, Google Meet REST v2.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from agent.core.errors import ImportProblem
from agent.text.importers import Reading, Source, reading_of

BO, ANN = "Hi Ann, this is Bo.", "What does it cost us?"
Rows = list[tuple[str, float | None, str]]


def read(document: Any, part: str = "") -> Reading:
    return reading_of(Source("export.json", json.dumps(document).encode(), part=part))


def rows(document: Any, part: str = "") -> Rows:
    return [(turn.speaker, turn.start, turn.text) for turn in read(document, part).transcript.turns]


def azure_phrase(ticks: float, words: str, **who: int) -> dict[str, Any]:
    lexical = words.lower().rstrip(".?")
    best = {"confidence": 0.9, "lexical": lexical, "itn": lexical, "maskedITN": lexical, "display": words}
    shown = [{"displayText": word, "offset": "PT0S", "offsetInTicks": ticks} for word in words.split()]
    other = {"confidence": 0.2, "lexical": "hide ann", "display": "Hide Ann."}
    time = {"offset": f"PT{ticks / 1e7}S", "duration": "PT1.3S", "offsetInTicks": ticks, "durationInTicks": 13200000.0}
    return {"recognitionStatus": "Success", **who, **time, "nBest": [best | {"displayWords": shown}, other]}


def azure_batch(one: dict[str, int], two: dict[str, int]) -> dict[str, Any]:
    """https://learn.microsoft.com/azure/ai-services/speech-service/batch-transcription-get"""
    whole = [{"channel": 0, "lexical": "…", "itn": "…", "display": f"{BO} {ANN}"}]
    if one.get("channel") != two.get("channel"):
        whole = [{"channel": 0, "display": BO}, {"channel": 1, "display": ANN}]
    phrases = [azure_phrase(7600000.0, BO, **one), azure_phrase(25000000.0, ANN, **two)]
    return {
        "source": "…",
        "durationInTicks": 41200000,
        "combinedRecognizedPhrases": whole,
        "recognizedPhrases": phrases,
    }


def test_azure_batch_is_read_by_speaker_and_not_from_its_combined_phrases() -> None:
    spoken = azure_batch({"channel": 0, "speaker": 1}, {"channel": 0, "speaker": 2})
    assert rows(spoken) == [("Speaker 1", 0.76, BO), ("Speaker 2", 2.5, ANN)]
    channels = azure_batch({"channel": 0}, {"channel": 1})
    assert rows(channels) == [("Speaker 0", 0.76, BO), ("Speaker 1", 2.5, ANN)]


def test_dialpads_moments_are_no_talk_however_many_there_are() -> None:
    """https://developers.dialpad.com/reference/transcriptsget"""

    def line(kind: str, name: str, second: str, content: str) -> dict[str, str]:
        return {"type": kind, "name": name, "time": f"2026-03-01T10:00:{second}", "content": content, "contact_id": "1"}

    lines = [line("transcript", "Bo Ray", "00.000000", BO), line("moment", "Ann Lee", "02.000000", "price")]
    lines += [
        line("transcript", "Ann Lee", "02.500000", ANN),
        line("ai_question", "Ann Lee", "03.000000", "Is it dear?"),
    ]
    lines += [line("real_time_moment", "", "03.000000", "Ask about the budget"), line("custom_moment", "", "04", "x")]
    document = {"call_id": "5780678246121472", "lines": lines}
    assert rows(document) == [("Bo Ray", 0.0, BO), ("Ann Lee", 2.5, ANN)]
    assert "Is it dear?" in str(read(document).notes)


def test_read_ais_blocks_are_told_from_its_topics() -> None:
    """Its webhook's payload as a public repository keeps one: github.com/Albx68/transcript-be, test_data.py."""
    blocks = [
        {"start_time": 1738751962, "end_time": 1738751963, "speaker": {"name": "Bo Ray"}, "words": BO},
        {"start_time": 1738751967, "end_time": 1738751969, "speaker": {"name": "Ann Lee"}, "words": ANN},
    ]
    people = [{"name": "Bo Ray", "first_name": "Bo", "last_name": "Ray", "email": "bo@ledger.example"}]
    beside = {"session_id": "01J", "trigger": "meeting_end", "summary": "They met.", "participants": people}
    topics = {"topics": [{"text": "The price of it all"}], "key_questions": [{"text": "What will they pay for it?"}]}
    document = beside | topics | {"transcript": {"speakers": [{"name": "Bo Ray"}], "speaker_blocks": blocks}}
    assert rows(document) == [("Bo Ray", 0.0, BO), ("Ann Lee", 5.0, ANN)]
    (note,) = read(document).notes
    assert note.startswith("left out, other text of the file: 3 lines (16 words)")


def test_googles_names_of_things_are_nobodys_names() -> None:
    """https://developers.google.com/meet/api/reference/rest/v2/conferenceRecords.transcripts.entries"""
    entries = [
        {
            "name": f"conferenceRecords/c1/transcripts/t1/entries/e{i}",
            "participant": f"conferenceRecords/c1/participants/p{who}",
            "text": text,
            "languageCode": "en-US",
            "startTime": f"2026-03-01T10:00:0{i}Z",
        }
        for i, (who, text) in enumerate(((1, BO), (2, ANN), (1, "Fifteen a month.")))
    ]
    assert rows({"transcriptEntries": entries}) == [("p1", 0.0, BO), ("p2", 1.0, ANN), ("p1", 2.0, "Fifteen a month.")]


def test_a_channel_is_no_other_name_for_a_speaker_who_is_missing() -> None:
    said = [{"speaker": 0, "text": BO, "channel": 0}, {"speaker": None, "text": ANN, "channel": 0}]
    with pytest.raises(ImportProblem, match="these words belong to nobody: 'What does it cost us"):
        read({"results": [*said, {"speaker": 0, "text": "So?", "channel": 0}]})
