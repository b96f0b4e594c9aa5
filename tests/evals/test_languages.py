"""Calls and interviews in German, Japanese and Arabic: quotes as they were spoken, reasons in the reader's language."""

import pytest

from agent.evals.loading import read_suite
from agent.guides.rules import broken
from agent.llm.recording import read_recordings
from agent.text.quotes import Quote, QuoteIndex
from agent.text.recognising import language_of, languages_of
from tests.builders import ROOT

RECORDED = ROOT / "evals" / "recordings"
SUITE = read_suite(ROOT / "evals" / "languages")
TURNS = {case.id: case.call.transcript.turns for case in SUITE.cases}


def replies(folder, prompt):
    return list(read_recordings(RECORDED / f"languages_{folder}" / f"{prompt}.jsonl"))


@pytest.mark.parametrize(
    ("reader", "suite", "tag", "cases"),
    [
        ("de", "languages", "", 9),
        ("ja", "languages", "japanese", 3),
        ("ar", "languages", "arabic", 3),
        ("de", "languages_notes", "", 6),
    ],
)
def test_every_reading_is_what_was_written_down_and_each_quote_is_found(
    closeread, monkeypatch, reader, suite, tag, cases
):
    monkeypatch.setenv("CLOSEREAD_REPLAY", str(RECORDED / f"languages_{reader}"))
    monkeypatch.setenv("CLOSEREAD_MODEL", "openai/relay")
    path = str(ROOT / "evals" / suite)
    report = closeread("eval", "run", path, "--json", *(["--tag", tag] if tag else [])).json
    assert (report["n_cases"], report["failures"], report["unanswered"]) == (cases, [], {})
    assert sum(criterion["outcomes"]["failed"] for criterion in report["criteria"]) == 0


@pytest.mark.parametrize("reader", ["de", "ja", "ar"])
def test_reasons_are_in_the_readers_language_and_quotes_in_the_speakers(reader):
    made = [(reply.subject, rating) for reply in replies(reader, "rate_call") for rating in reply.reply["ratings"]]
    assert len(made) == (36 if reader == "de" else 12)
    assert [rating["reason"] for _, rating in made if language_of([rating["reason"]]) != reader] == []
    quotes = [(call, quote) for call, rating in made for quote in (*rating["evidence"], *rating["context"])]
    assert len(quotes) >= 8
    for call, quote in quotes:
        assert isinstance(QuoteIndex(TURNS[call]).locate(quote["quote"], None, quote["turn"]), Quote), quote


def test_notes_of_japanese_and_arabic_interviews_are_german_sentences():
    notes = [note for reply in replies("de", "code_interview") for note in reply.reply["notes"]]
    assert len(notes) >= 21
    assert {language_of([note["behavior"]]) for note in notes} == {"de"}
    assert {language_of([note["quote"]]) for note in notes} <= {"de", "ja", "ar", ""}


def test_quotes_in_japanese_need_no_spaces_and_stand_once():
    turns = TURNS["ja-sapporo"]
    index = QuoteIndex(turns)
    found = index.locate("そのせいで何が遅れるのでしょうか", None, 2)
    assert isinstance(found, Quote)
    assert turns[2].text[found.span.start : found.span.end] == "そのせいで何が遅れるのでしょうか"
    assert not isinstance(index.locate("そのせいで何が遅れますか", None, 2), Quote)
    assert not isinstance(index.locate("そのせいで 何が遅れるのでしょうか", None, 2), Quote)


def test_a_guide_drafted_for_germans_is_german_and_breaks_no_german_rule():
    (made,) = replies("de", "guide_draft")
    questions = [text for q in made.reply["questions"] for text in (q["question"], *q["probes"])]
    assert set(languages_of(questions)) == {"de"}
    assert [text for text in questions if broken(text, "de")] == []


def test_words_to_say_are_in_the_calls_language_and_the_task_in_the_readers():
    (made,) = replies("de", "coach_moment")
    assert language_of([made.reply["said"]]) == "ja"
    assert language_of([made.reply["practice"]]) == "de"


def test_a_question_in_a_language_without_rules_keeps_it_when_the_model_rewords_it():
    (made,) = replies("de", "guide_lint")
    assert {language_of([flaw["rewrite"]]) for flaw in made.reply["flaws"]} <= {"it", "ja", ""}
