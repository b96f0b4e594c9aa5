"""Every document opened by programs that are not ours: LibreOffice, and poppler's pdftotext."""

import re
import shutil
import subprocess

import pytest

from agent.app.documents.formats import write
from tests.documents.cases import NAMES, documents

pytestmark = pytest.mark.slow

needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler (pdftotext) is not installed")


def text_of(path):
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True)
    return re.sub(r"\s+", " ", done.stdout)


@needs_poppler
@pytest.mark.parametrize("name", NAMES)
def test_poppler_reads_the_pdf(name, tmp_path):
    text = text_of(write(documents()[name], "pdf", tmp_path / f"{name}.pdf"))
    assert documents()[name].title in text
    assert re.search(r"Page 1 of \d", text)


@needs_office
@needs_poppler
def test_libreoffice_lays_out_word_files_and_workbooks(tmp_path):
    for name, document in documents().items():
        for form in ("docx", "xlsx"):
            write(document, form, tmp_path / f"{name}-{form}.{form}")
    files = sorted(tmp_path.iterdir())
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    made = tmp_path / "pdf"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", made, *files]
    subprocess.run(command, capture_output=True, check=True, timeout=300)
    for name, document in documents().items():
        for form in ("docx", "xlsx"):
            text = text_of(made / f"{name}-{form}.pdf")
            assert document.title in text, (name, form)
            assert "24 Nov 2026" in text
            assert re.search(r"Page 1 of \d", text), (name, form)
            assert "Error" not in text
            assert "#NAME?" not in text
