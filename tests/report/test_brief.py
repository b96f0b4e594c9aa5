"""The coaching brief on paper: the turns around a moment, and one page also for two criteria."""

from datetime import date
from io import BytesIO

from pypdf import PdfReader

from agent.domain.coaching import Passage
from agent.domain.transcript import Turn
from agent.report.as_html import html
from agent.report.as_pdf import pdf
from agent.report.coaching_brief import brief_of, coaching_brief
from tests.report.cases import MADE_ON, plan

WORDS = (
    "Where does the month go?",
    "Into chasing receipts, mostly. " * 6,
    "I will send you something.",
    "Do that, then.",
    "On Monday, with the price list and everything else that we spoke of.",
)


def _plan(criteria):
    turns = tuple(Turn(index=7 + n, speaker=("Rae", "Bo")[n % 2], text=text.strip()) for n, text in enumerate(WORDS))
    made = plan()
    (one,) = made.criteria
    missed = one.moments[0].model_copy(update={"passage": Passage(call="dev-call-02", turn=9, turns=turns)})
    done = missed.model_copy(update={"kind": "done", "said": "", "practice": "", "date": date(2026, 10, 1)})
    planned = [
        one.model_copy(update={"name": f"Criterion {n}", "moments": (missed, missed, done)}) for n in range(criteria)
    ]
    return made.model_copy(update={"criteria": tuple(planned)})


def _brief(criteria):
    return coaching_brief(brief_of(_plan(criteria)), "Plan pl-1", made_on=MADE_ON)


def test_the_turns_around_a_moment_are_shown_and_its_own_words_stand_out():
    page = html(_brief(1))
    assert "<strong>“I will send you something.”</strong>" in page
    for speaker, text in zip(["Rae", "Bo", "Rae", "Bo", "Rae"], WORDS, strict=True):
        assert f"{speaker}: {text.strip()}" in page or text == WORDS[2]  # its own turn has no such line


def test_two_criteria_have_the_nearest_turns_and_one_page():
    page = html(_brief(2))
    assert "Bo: Into chasing receipts" in page
    assert " …</span>" in page
    assert "Where does the month go?" not in page
    assert [len(PdfReader(BytesIO(pdf(_brief(criteria)))).pages) for criteria in (1, 2)] == [1, 1]
