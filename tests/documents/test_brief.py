"""The coaching brief on paper: the turns around a moment, and one page also for two criteria."""

import shutil
import subprocess
from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from agent.app.documents.as_docx import docx
from agent.app.documents.as_html import html
from agent.app.documents.as_pdf import fitted, pdf
from agent.coaching.brief import brief_of, coaching_brief, cycle_of
from agent.core.transcript import Turn
from agent.profiles.model import Passage
from tests.documents.cases import MADE_ON, period, plan

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


SAID = "Right. So when the crew refuses to have one in the truck, what happens further on because of that, and who bears it?"
TASK = "On your next call, in your turn right after the customer first names a problem, ask one question about what follows "


def _drafted():
    """Two criteria as long as a model writes them: 2 x 3 moments, each missed one with its suggestion and task."""
    made = _plan(2)
    planned = []
    for one in made.criteria:
        moments = tuple(
            m.model_copy(
                update={
                    "why": "States it himself and goes on to the product. " * 3,
                    "said": SAID * 2,
                    "practice": f"{n} {TASK * 2}",
                }
            )
            for n, m in enumerate(one.moments)
        )
        planned.append(
            one.model_copy(update={"description": "The rep takes up a problem and asks on. " * 8, "moments": moments})
        )
    return coaching_brief(brief_of(made.model_copy(update={"criteria": tuple(planned)})), "Plan pl-1", made_on=MADE_ON)


def test_what_does_not_fit_is_left_out_before_the_text_gets_too_small_to_read():
    document, scale, made = fitted(_drafted())
    assert len(PdfReader(BytesIO(made)).pages) == 1
    assert scale * 10.5 >= 8.6
    text = PdfReader(BytesIO(made)).pages[0].extract_text()
    assert text.count("Could have been:") == 6
    assert "0 On your next call" in " ".join(text.split())
    assert "1 On your next call" not in " ".join(text.split())
    assert document in _drafted().shorter


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_the_word_file_is_one_page_in_libreoffice_too(tmp_path):
    (tmp_path / "brief.docx").write_bytes(docx(_drafted()))
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to", "pdf"]
    subprocess.run(
        [*command, "--outdir", tmp_path, tmp_path / "brief.docx"], check=True, capture_output=True, timeout=120
    )
    assert len(PdfReader(tmp_path / "brief.pdf").pages) == 1


def test_a_cycle_of_another_season_is_not_the_plans():
    made = _plan(1)
    last = max(m.date for m in made.criteria[0].moments)
    before = period().model_copy(update={"rep": made.who, "start": date(2020, 1, 1), "end": date(2020, 2, 1)})
    now = before.model_copy(update={"cycle": "now", "start": last, "end": last})
    assert cycle_of(made, [before]) is None
    assert cycle_of(made, [before, now]) == now
    assert cycle_of(made, [now.model_copy(update={"rep": "Somebody else"})]) is None


def test_two_criteria_have_the_nearest_turns_and_one_page():
    page = html(_brief(2))
    assert "Bo: Into chasing receipts" in page
    assert " …</span>" in page
    assert "Where does the month go?" not in page
    assert [len(PdfReader(BytesIO(pdf(_brief(criteria)))).pages) for criteria in (1, 2)] == [1, 1]
