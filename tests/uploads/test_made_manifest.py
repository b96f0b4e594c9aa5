"""A manifest made from files: filled in, it imports them; on the pages too."""

import io

import openpyxl
import pytest

from agent.interviews.store import Interviews
from tests.uploads.bringing import Bringing, named, text


@pytest.fixture(name="ops")
def _ops(site):
    return Bringing(site)


def fill_in(data, **values):
    """The workbook with these values in each row below the header."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book["manifest"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        for name, value in values.items():
            sheet.cell(row, columns[name], value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_folder_gets_a_manifest_that_imports_it(closeread, tmp_path):
    folder = tmp_path / "files"
    (folder / "q1").mkdir(parents=True)
    (folder / "q1" / "acme_2026-03-04_won.txt").write_bytes(named(1))
    (folder / "=SUM lost 20260305.txt").write_bytes(named(2))
    (folder / "broken.vtt").write_text("WEBVTT\n\nno cue")
    made = {row["file"]: row for row in closeread("interviews", "manifest", folder, "--json").json["items"]}
    assert made["q1/acme_2026-03-04_won.txt"]["known"] == {"date": "2026-03-04", "outcome": "won"}
    assert made["=SUM lost 20260305.txt"]["known"] == {"date": "2026-03-05", "outcome": "lost"}
    assert made["q1/acme_2026-03-04_won.txt"]["heard"] == ["Ann", "Bo Li"]
    assert made["broken.vtt"]["problem"]
    (folder / "broken.vtt").unlink()
    book = folder / "manifest.xlsx"
    assert openpyxl.load_workbook(book)["who speaks"].max_row == 4
    assert closeread("interviews", "manifest", folder).code == 3, "it is there already"
    book.unlink()
    assert closeread("interviews", "manifest", folder).code == 0
    book.write_bytes(fill_in(book.read_bytes(), buyer="Bo Li", rep="Rae"))
    assert closeread("interviews", "import", folder, "--manifest", book).code == 0, closeread.err
    assert {row["outcome"] for row in closeread("interviews", "list", "--json").json["items"]} == {"won", "lost"}


def test_the_page_gives_the_same_file_and_takes_it_filled_in(site, ops):
    place = ops.bring([text("a-2026-03-04-won.txt", named(1))])
    filled = fill_in(ops.get(f"{place}/manifest.xlsx").content, buyer="Bo Li", rep="Rae")
    ops.post(f"{place}/files", [("files", ("manifest.xlsx", filled, "application/octet-stream"))])
    ops.store(place)
    assert site.space.store[Interviews].get("a-2026-03-04-won").buyer == "Bo Li"
