"""Ids stand in addresses, logs and exports: what a file's name tells of people and customers stays out of them."""

import pytest

from agent.text.manifest import holds_a_name, id_without_names, read_call_manifest, read_interview_manifest

CALLS = "file,date,rep,customer,account,call_id\n"


def ids(tmp_path, read, head, *rows):
    path = tmp_path / "manifest.csv"
    path.write_text(head + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    listed = read(path)
    assert not listed.problems
    return [row.id for row in listed.rows]


@pytest.mark.parametrize(
    "stem",
    ["acme-2026-03", "Rae_Kim-demo", "call with LEE", "raekim1", "lee", "Çelik-3", "northwindtraders", "x-northwind-x"],
)
def test_a_file_name_with_a_name_is_no_id(tmp_path, stem):
    row = f"{stem}.txt,2026-03-01,Rae Kim,Lee; Ayşe Çelik,Acme Northwind Traders,"
    (ident,) = ids(tmp_path, read_call_manifest, CALLS, row)
    assert ident == id_without_names(f"{stem}.txt")
    assert ident.startswith("file-")
    assert not holds_a_name(ident, ["Rae Kim", "Lee", "Acme Northwind Traders"])


@pytest.mark.parametrize("stem", ["call-0412", "dev-call-01", "2026-03-01 14.30", "gong_88213", "sleeve"])
def test_a_file_name_without_one_is_the_id_as_before(tmp_path, stem):
    assert ids(tmp_path, read_call_manifest, CALLS, f"{stem}.txt,2026-03-01,Rae Kim,Lee,Acme,") == [stem]


def test_an_id_that_somebody_gave_is_taken(tmp_path):
    assert ids(tmp_path, read_call_manifest, CALLS, "acme.txt,2026-03-01,Rae Kim,Lee,Acme,C-7") == ["C-7"]


def test_the_buyers_and_the_interviewers_names_stay_out_of_ids_of_interviews(tmp_path):
    head = "file,date,outcome,buyer,rep,interviewer\n"
    rows = [
        "dora.txt,2026-03-01,won,Dora Okoye,Rae Kim,Una Hale",
        "hale-2.txt,2026-03-01,lost,Bo Lind,Rae Kim,Una Hale",
    ]
    assert ids(tmp_path, read_interview_manifest, head, *rows) == [
        id_without_names("dora.txt"),
        id_without_names("hale-2.txt"),
    ]


def test_two_files_have_two_ids_and_the_same_one_has_its_own_again():
    assert id_without_names("a.txt") == id_without_names("a.txt") != id_without_names("b.txt")
