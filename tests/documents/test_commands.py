import io
from datetime import date

import pytest
from docx import Document as Word
from openpyxl import load_workbook
from pypdf import PdfReader

from agent.coaching.store import Coaching
from agent.db.store import Store
from agent.profiles.store import CoachingPeriods
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics
from tests.documents.cases import REP, keep_extraction, period, plan, sample_ratings, sample_rubric


@pytest.fixture
def rated(with_sample):
    store = Store.open(f"sqlite:///{(with_sample.folder / 'closeread.db').absolute()}")
    newest = store[Rubrics].newest()
    assert newest.id == sample_rubric().id
    store[Ratings].add(sample_ratings())
    store[CoachingPeriods].add([period()])
    store[Coaching].add_plan(plan())
    store.close()
    return with_sample


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (["scoring-guide"], "Scoring guide: ledgerline-team"),
        (["scorecard", "--rep", REP], f"Scorecard: {REP}"),
        (["report"], "Team report"),
        (["brief", "--rep", REP], f"Coaching brief: {REP}"),
    ],
    ids=["scoring-guide", "scorecard", "report", "brief"],
)
def test_each_document_is_written_in_each_format(rated, tmp_path, words, title):
    for form in ("docx", "pdf", "md", "html", "xlsx", "csv"):
        out = tmp_path / "new folder" / f"file.{form}"
        assert rated("export", *words, "--out", out).code == 0, rated.err
        assert title in rated.err
    assert title in [p.text for p in Word(tmp_path / "new folder" / "file.docx").paragraphs]
    assert title in PdfReader(tmp_path / "new folder" / "file.pdf").pages[0].extract_text()
    assert load_workbook(tmp_path / "new folder" / "file.xlsx").worksheets[0].tables
    assert f"# {title}" in (tmp_path / "new folder" / "file.md").read_text().replace("\\", "")


def test_a_calibration_record_is_written_from_an_imported_round(with_sample, tmp_path):
    from tests.builders import SAMPLE

    assert with_sample("calibrate", "import", SAMPLE / "calibration" / "ratings.csv").code == 0, with_sample.err
    out = tmp_path / "record.docx"
    assert with_sample("export", "calibration", "--out", out).code == 0, with_sample.err
    word = Word(io.BytesIO(out.read_bytes()))
    assert any("Calibration record: round" in p.text for p in word.paragraphs)
    verdicts = {row.cells[1].text for made in word.tables for row in made.rows}
    assert verdicts & {"passed", "provisional", "failed", "no information"}


def test_the_summary_is_written_in_each_format(with_sample, tmp_path):
    keep_extraction(with_sample.folder)
    for form in ("docx", "pdf", "md", "html", "xlsx", "csv"):
        assert with_sample("export", "summary", "--out", tmp_path / f"summary.{form}").code == 0, with_sample.err
    text = (tmp_path / "summary.md").read_text()
    assert "Behavior number 1" in text
    assert "No call is rated yet." in text


def test_the_scoring_guide_is_printed_where_no_file_is_named(with_sample):
    shown = with_sample("export", "scoring-guide").out
    assert shown.startswith("# Scoring guide: ledgerline-team\n")
    assert f"{date.today().year}" in shown


def test_what_is_missing_is_said(with_sample, tmp_path):
    out = tmp_path / "x.pdf"
    for words, said in (
        (["report"], "score run"),
        (["scorecard", "--rep", "Nobody"], "Nobody"),
        (["brief", "--rep", REP], "no coaching plan"),
        (["summary"], "patterns extract"),
        (["calibration"], "round"),
    ):
        assert with_sample("export", *words, "--out", out).code == 3, words
        assert said in with_sample.err
        assert not out.exists()


def test_a_format_is_taken_from_the_name_or_asked_for(rated, tmp_path):
    assert rated("export", "report", "--out", tmp_path / "report").code == 2
    assert "--format" in rated.err
    assert rated("export", "report", "--out", tmp_path / "report", "--format", "pdf").code == 0
    assert (tmp_path / "report").read_bytes()[:5] == b"%PDF-"


def test_a_file_that_cannot_be_written_is_one_line(rated, tmp_path):
    (tmp_path / "taken").write_text("")
    assert rated("export", "report", "--out", tmp_path / "taken" / "report.md").code == 5
    assert rated.err.endswith("taken: a file is there, where a folder is needed; choose another place\n")


def test_ratings_of_a_blind_round_are_in_no_document(rated, tmp_path):
    blind = ["dev-call-01", "dev-call-02"]
    opened = rated("calibrate", "open", "--raters", "maria,jonas", "--calls", ",".join(blind))
    assert opened.code == 0, rated.err
    for words in (["scorecard", "--rep", REP], ["report"]):
        out = tmp_path / f"{words[0]}.xlsx"
        assert rated("export", *words, "--out", out).code == 0, rated.err
        assert "2 calls are left out as long as calibration round 1 is blind" in rated.err
        calls = [cell.value for cell in load_workbook(out)["Ratings"]["A"]]
        assert len(calls) > 10
        assert not set(blind) & set(calls)
