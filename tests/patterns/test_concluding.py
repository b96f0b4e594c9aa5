from typing import get_args

import pytest

from agent.core.errors import InputError
from agent.core.statistic import Estimate, Undefined
from agent.core.transcript import Quote, Span
from agent.patterns.concluding import conclude, decide_by_person, decided, differ
from agent.patterns.model import Codebook, CodebookEntry, Coding, Extraction
from agent.patterns.views import VERDICTS, verdict_words
from agent.stats.contrast import PatternVerdict
from tests.builders import interview

ENTRY = CodebookEntry(id="asked", name="Asked", behavior="The rep asked.", moments=("other",))
BOOK = Codebook(entries=(ENTRY,))
WORDS = Quote(span=Span(turn=1, start=0, end=9), speaker="Bo", text="She asked")
INTERVIEWS = [interview(f"w{i}") for i in range(6)] + [interview(f"l{i}", "lost") for i in range(6)]


def coding(ident, reader, present, **given):
    quotes = (WORDS,) if present else ()
    return Coding(
        codebook=BOOK.id, entry="asked", interview=ident, reader=reader, present=present, quotes=quotes, **given
    )


def both(ident, present):
    return [coding(ident, "analyst_a", present), coding(ident, "analyst_b", present)]


def concluded(codings):
    return conclude(BOOK, codings, INTERVIEWS, [], 0).patterns[0]


def test_counts_go_by_outcome():
    codings = [c for i in INTERVIEWS for c in both(i.id, i.outcome == "won")]
    found = concluded(codings)
    assert (found.won.count, found.won.of, found.lost.count, found.lost.of) == (6, 6, 0, 6)
    assert found.verdict == "distinguishing won"
    assert found.side == "won"
    assert isinstance(found.agreement, Estimate)
    assert found.agreement.value == 1
    assert len(found.evidence) == 6


def test_a_cell_that_nobody_decided_is_in_neither_count_nor_denominator():
    codings = [c for i in INTERVIEWS[1:] for c in both(i.id, i.outcome == "won")]
    codings += [coding("w0", "analyst_a", True), coding("w0", "analyst_b", False)]
    found = concluded(codings)
    assert (found.won.count, found.won.of) == (5, 5)
    decided_too = concluded([*codings, coding("w0", "adjudicator", False)])
    assert (decided_too.won.count, decided_too.won.of, decided_too.adjudicated) == (5, 6, 1)


def test_a_claim_without_words_is_a_difference_even_where_the_analysts_agree():
    cell = {
        "analyst_a": coding("w0", "analyst_a", False, problem="no such words"),
        "analyst_b": coding("w0", "analyst_b", False),
    }
    assert differ(cell)
    assert decided(cell) is None


def test_a_person_wins_over_everybody():
    cell = {
        "analyst_a": coding("w0", "analyst_a", True),
        "analyst_b": coding("w0", "analyst_b", True),
        "adjudicator": coding("w0", "adjudicator", True),
        "person": coding("w0", "person", False),
    }
    assert decided(cell) == cell["person"]


def test_an_adjudicators_claim_without_words_decides_nothing():
    cell = {
        "analyst_a": coding("w0", "analyst_a", True),
        "analyst_b": coding("w0", "analyst_b", False),
        "adjudicator": coding("w0", "adjudicator", False, problem="no such words"),
    }
    assert decided(cell) is None


def test_agreement_of_nobody_is_undefined():
    found = concluded([coding(i.id, "analyst_a", True) for i in INTERVIEWS])
    assert isinstance(found.agreement, Undefined)
    assert isinstance(found.won.rate, Undefined)


def test_a_person_decides_a_cell_and_needs_words_for_a_presence():
    codings = tuple(c for i in INTERVIEWS for c in both(i.id, False))
    start = Extraction(
        observations=(), codebook=BOOK, codings=codings, patterns=conclude(BOOK, codings, INTERVIEWS, [], 0)
    )
    with pytest.raises(InputError, match="a presence needs one"):
        decide_by_person(start, INTERVIEWS, "asked", "w0", True, "I heard it")
    differing = (coding("w0", "analyst_a", True), *codings[1:])
    split = start.model_copy(update={"codings": differing})
    after = decide_by_person(split, INTERVIEWS, "asked", "w0", True, "a is right")
    assert after.patterns.patterns[0].won.count == 1
    assert after.codings[-1].reason == "a is right"
    assert start.patterns.patterns[0].won.count == 0


@pytest.mark.parametrize(
    ("won", "lost", "words"),
    [
        (1, 3, "No clear difference: cannot tell"),
        (4, 4, "Frequent in won and lost deals alike"),
        (6, 0, "Goes with won deals"),
    ],
)
def test_only_what_is_frequent_on_both_sides_explains_nothing(won, lost, words):
    codings = [c for i in INTERVIEWS for c in both(i.id, int(i.id[1:]) < (won if i.outcome == "won" else lost))]
    assert verdict_words(concluded(codings)) == words


def test_every_verdict_has_its_words_on_the_page():
    assert tuple(VERDICTS) == get_args(PatternVerdict)
