from pathlib import Path

from agent.core.transcript import Quote, Span
from agent.evals.behaviors import pattern_of
from agent.evals.interviews import answers_from
from agent.evals.loading import read_suite
from agent.evals.suite import Case, Reference, Suite
from agent.evals.suite_files import SuiteFile
from agent.patterns.concluding import conclude
from agent.patterns.model import Codebook, CodebookEntry, Coding, Extraction
from agent.rubrics.model import Criterion
from tests.builders import ROOT, interview

INTERVIEWS = {f"int-{i}": interview(f"int-{i}", "won" if i < 3 else "lost") for i in range(6)}
FOUND = {"asked": ("int-0", "int-1", "int-2"), "waffled": ("int-5",)}


def known(present):
    criterion = Criterion(id="w1", name="W1", description="The rep asked what it costs.", scale="binary", speaker="any")
    cases = tuple(
        Case(
            i,
            "dev",
            frozenset(),
            False,
            (Reference(case=i, criterion="w1", value=int(i in present), turns=(1,) if i in present else ()),),
        )
        for i in INTERVIEWS
    )
    file = SuiteFile(kind="interviews", about="made")
    return Suite("small", Path(), file, (criterion,), cases, extras={"interviews": INTERVIEWS})


def extraction():
    entries = tuple(CodebookEntry(id=n, name=n, behavior=f"The rep {n}.", moments=("pricing",)) for n in FOUND)
    book = Codebook(entries=entries)
    quote = Quote(span=Span(turn=1, start=0, end=3), speaker="Bo", text="She")
    codings = tuple(
        Coding(
            codebook=book.id, entry=n, interview=i, reader=reader, present=i in where, quotes=(quote,) * (i in where)
        )
        for n, where in FOUND.items()
        for i in INTERVIEWS
        for reader in ("analyst_a", "analyst_b")
    )
    patterns = conclude(book, codings, list(INTERVIEWS.values()), (), 0)
    return Extraction(observations=(), codebook=book, codings=codings, patterns=patterns)


def test_a_behavior_is_found_by_the_pattern_that_shares_its_turns():
    suite = known({"int-0", "int-1", "int-3"})
    assert pattern_of(suite, extraction()) == {"w1": "asked"}
    said = {a.case: a.judgement.value for a in answers_from(suite, suite.cases, extraction())}
    assert [said[f"int-{i}"] for i in range(6)] == [1, 1, 1, 0, 0, 0]


def test_a_behavior_without_a_pattern_is_nowhere():
    suite = known({"int-3", "int-4"})
    assert pattern_of(suite, extraction()) == {}
    answers = answers_from(suite, suite.cases, extraction())
    assert {a.judgement.value for a in answers} == {0}
    assert {a.reason for a in answers} == {"no pattern stands for this behavior"}


def test_the_shipped_interviews_suite_reads():
    made = read_suite(ROOT / "evals" / "interviews")
    assert len(made.cases) == 18
    assert all(len(case.references) == len(made.criteria) for case in made.cases)
    assert any(r.value and r.turns for case in made.cases for r in case.references)
