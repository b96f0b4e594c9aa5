"""Merging, splitting, rejecting: what it does to the cells that count, for any codings of the two analysts."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.errors import InputError, NotFound
from agent.core.transcript import Quote, Span
from agent.patterns.concluding import by_cell, conclude, decided
from agent.patterns.edits import check_split, edited, to_settle
from agent.patterns.model import (
    Codebook,
    CodebookEntry,
    Coding,
    Extraction,
    Merged,
    Observation,
    PatternEdit,
    Rejected,
    Renamed,
    Resettled,
    Split,
    Undone,
)
from tests.builders import interview

IDS = [f"int-{n}" for n in range(4)]
DOCUMENTS = [interview(i, "won" if n % 2 else "lost") for n, i in enumerate(IDS)]
QUOTE = Quote(span=Span(turn=1, start=0, end=9), speaker="Bo", text="She asked")
ENTRIES = ("a", "b", "c")
READERS = ("analyst_a", "analyst_b", "adjudicator", "person")
cells = st.fixed_dictionaries(
    {"analyst_a": st.booleans(), "analyst_b": st.booleans()},
    optional={"adjudicator": st.booleans(), "person": st.booleans()},
)
books = st.fixed_dictionaries({(e, i): cells for e in ENTRIES for i in IDS})


def extraction(readings):
    noted = [
        Observation(
            interview=i, analyst="analyst_a", behavior=f"b{n}", moment="other", subject="ours", quote=QUOTE, request=""
        )
        for i in IDS
        for n in (1, 2)
    ]
    entries = tuple(
        CodebookEntry(id=e, name=e, behavior=e, moments=("other",), observations=tuple(o.id for o in noted))
        for e in ENTRIES
    )
    book = Codebook(entries=entries)
    codings = tuple(
        Coding(
            codebook=book.id,
            entry=e,
            interview=i,
            reader=reader,
            present=present,
            quotes=(QUOTE,) if present else (),
            reason=reader,
        )
        for (e, i), cell in readings.items()
        for reader, present in cell.items()
    )
    patterns = conclude(book, codings, DOCUMENTS, noted, 0)
    return Extraction(observations=tuple(noted), codebook=book, codings=codings, patterns=patterns)


def edits(*changes):
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return [PatternEdit(number=n, pattern_set="ps", by="ops", at=at, change=c) for n, c in enumerate(changes, 1)]


def counting(found, pattern):
    """What counts in each interview; None where nobody decided."""
    mine = by_cell(c for c in found.extraction.codings if c.entry == pattern)
    settled = {interview: decided(cell) for (_, interview), cell in mine.items()}
    return {i: None if settled.get(i) is None else settled[i].present for i in IDS}


def raw(found, *patterns):
    every = by_cell(found.raw.codings)
    return {i: [None if (d := decided(every[p, i])) is None else d.present for p in patterns] for i in IDS}


MERGE = Merged(patterns=("a", "b"), into="ab", name="A or B", behavior="a or b")


@settings(max_examples=150, deadline=None)
@given(readings=books)
def test_merged_is_present_where_either_part_is_and_absent_where_both_are(readings):
    found = edited(extraction(readings), DOCUMENTS, edits(MERGE))
    for i, (a, b) in raw(found, "a", "b").items():
        merged = counting(found, "ab")[i]
        if a or b:
            assert merged is True
        elif a is False and b is False:
            assert merged is False
        else:
            # Nobody decided on a part. Both analysts may still see the merged behavior, each in another part.
            each = [readings["a", i][r] or readings["b", i][r] for r in ("analyst_a", "analyst_b")]
            assert merged is (True if all(each) else None)
    pattern = found.pattern("ab")
    won = [counting(found, "ab")[d.id] for d in DOCUMENTS if d.outcome == "won"]
    assert (pattern.won.count, pattern.won.of) == (won.count(True), len(won) - won.count(None))
    assert found.sources["ab"] == ("a", "b")
    assert counting(found, "c") == {i: present for i, (present,) in raw(found, "c").items()}


@settings(max_examples=50, deadline=None)
@given(readings=books)
def test_what_is_taken_back_leaves_everything_as_it_was(readings):
    whole = extraction(readings)
    found = edited(whole, DOCUMENTS, edits(MERGE, Renamed(pattern="ab", name="x"), Undone(edit=2), Undone(edit=1)))
    assert found.extraction == whole
    assert found.rejected == ()


@settings(max_examples=100, deadline=None)
@given(readings=books, answers=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=4, max_size=4))
def test_a_split_counts_what_the_person_settled_and_keeps_what_was_absent(readings, answers):
    whole = extraction(readings)
    before = edited(whole, DOCUMENTS, [])
    open_ones = to_settle(before, "a")
    settled = tuple(
        Resettled(interview=i, stays=stays, goes=goes)
        for i, (stays, goes) in zip(IDS, answers, strict=True)
        if i in open_ones
    )
    going = before.entry("a").observations[:2]
    change = Split(pattern="a", into="a2", name="A2", behavior="a2", observations=going, settled=settled)
    check_split(before, change)
    found = edited(whole, DOCUMENTS, edits(change))
    by_id = {s.interview: s for s in settled}
    for i, (was,) in raw(found, "a").items():
        if was is False:
            assert counting(found, "a")[i] is counting(found, "a2")[i] is False
        else:
            assert (counting(found, "a")[i], counting(found, "a2")[i]) == (by_id[i].stays, by_id[i].goes)
    assert set(found.entry("a2").observations) == set(going)
    assert set(found.entry("a").observations) | set(going) == set(whole.codebook.entries[0].observations)
    assert hasattr(found.pattern("a2").agreement, "undefined")
    for e in found.pattern("a2").evidence:
        assert e.quote == QUOTE


SEEN = {(e, i): {"analyst_a": True, "analyst_b": True} for e in ENTRIES for i in IDS}


def test_a_split_is_refused_until_every_interview_is_settled():
    found = edited(extraction(SEEN), DOCUMENTS, [])
    going = found.entry("a").observations[:1]

    def split(*settled):
        check_split(
            found, Split(pattern="a", into="z", name="Z", behavior="z", observations=going, settled=tuple(settled))
        )

    every = [Resettled(interview=i, stays=True, goes=False) for i in IDS]
    split(*every)
    with pytest.raises(InputError, match="int-3"):
        split(*every[:3])
    with pytest.raises(InputError, match="nothing to settle"):
        split(*every, Resettled(interview="int-9", stays=True, goes=True))


def test_a_rejected_pattern_still_counts_in_the_corrections():
    whole = extraction(SEEN)
    found = edited(whole, DOCUMENTS, edits(Rejected(pattern="b", reason="nobody can coach it")))
    assert [p.id for p in found.extraction.patterns.patterns] == ["a", "c"]
    assert [(r.pattern.id, r.reason) for r in found.rejected] == [("b", "nobody can coach it")]
    assert found.extraction.patterns.expected_false.n == 3
    assert {p.contrast for p in found.extraction.patterns.patterns} <= {p.contrast for p in whole.patterns.patterns}


def test_a_name_changes_nothing_but_the_name():
    whole = extraction(SEEN)
    found = edited(whole, DOCUMENTS, edits(Renamed(pattern="a", name="Another")))
    assert found.pattern("a").name == "Another"
    assert found.pattern("a").model_copy(update={"name": "a"}) == whole.patterns.patterns[0]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ([Renamed(pattern="z", name="n")], NotFound),
        ([MERGE, Renamed(pattern="a", name="n")], NotFound),
        ([MERGE, MERGE], NotFound),
        ([MERGE.model_copy(update={"into": "c"})], InputError),
        ([MERGE.model_copy(update={"patterns": ("a", "a")})], InputError),
        ([Rejected(pattern="a", reason="r"), MERGE], InputError),
        ([Rejected(pattern="a", reason="r"), Rejected(pattern="a", reason="r")], InputError),
    ],
)
def test_an_edit_that_does_not_fit_is_refused(changes, error):
    with pytest.raises(error):
        edited(extraction(SEEN), DOCUMENTS, edits(*changes))


def test_where_a_pattern_went_is_said():
    with pytest.raises(NotFound, match="merged into ab"):
        edited(extraction(SEEN), DOCUMENTS, edits(MERGE)).pattern("a")
