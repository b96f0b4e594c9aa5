"""A file whose name tells of somebody gets an id without it; people may go on using the name until it is removed."""


def test_people_may_go_on_using_the_name_of_the_file(closeread, tmp_path):
    calls, rubric = tmp_path / "calls", tmp_path / "own.yaml"
    _two_calls(calls)
    assert closeread("calls", "import", calls, "--manifest", calls / "calls.csv").out.startswith("acme  new")
    listed = closeread("calls", "list", "--json").json["items"]
    (acme,) = [one for one in listed if one["alias"] == "acme"]
    assert acme["id"].startswith("file-")
    assert [one["alias"] for one in listed if one["id"] == "plain"] == [""]
    rubric.write_text(
        "label: own\ncriteria:\n- {id: asks, description: Asks what it costs., scale: binary, speaker: rep}\n"
    )
    closeread("rubric", "import", rubric)
    table = tmp_path / "ratings.csv"
    table.write_text(
        "call_id,date,rep,criterion,value\nacme,2026-03-01,Rae Kim,asks,1\nplain,2026-03-02,Rae Kim,asks,0\n"
    )
    assert closeread("ratings", "import", table, "--rubric", "own").code == 0
    assert {one["call"] for one in closeread("ratings", "list", "--json").json["items"]} == {acme["id"], "plain"}
    (rating,) = closeread("score", "show", "acme", "--json").json["items"]
    assert rating["call"] == acme["id"]
    assert [one["call"] for one in closeread("ratings", "list", "--call", "acme", "--json").json["items"]] == [
        acme["id"]
    ]
    assert closeread("calls", "show", "acme", "--json").json["id"] == acme["id"]
    assert closeread("calls", "stages", "--stage", "acme=discovery").code == 0
    # The same table with the name as an id is the same call, and so is the file again.
    (calls / "calls.csv").write_text(
        "file,date,rep,customer,account,call_id\nacme.vtt,2026-03-01,Rae Kim,Lee,Acme,acme\n"
    )
    assert "1 imported: 1" in closeread("calls", "import", calls, "--manifest", calls / "calls.csv").out
    assert len(closeread("calls", "list", "--json").json["items"]) == 2


def test_a_name_of_two_files_is_asked_for_and_a_removal_takes_it_away(closeread, tmp_path):
    calls = tmp_path / "calls"
    _two_calls(calls)
    (calls / "more").mkdir()
    (calls / "more" / "acme.vtt").write_text((calls / "acme.vtt").read_text().replace("cost", "bring"))
    with (calls / "calls.csv").open("a") as file:
        file.write("more/acme.vtt,2026-03-03,Rae Kim,Lee,Acme\n")
    closeread("calls", "import", calls, "--manifest", calls / "calls.csv")
    ids = [one["id"] for one in closeread("calls", "list", "--json").json["items"] if one["alias"] == "acme"]
    assert len(ids) == 2
    said = closeread("calls", "show", "acme")
    assert said.code == 2
    assert all(ident in said.err for ident in ids)
    assert closeread("calls", "show", ids[0]).code == 0
    closeread("retention", "--customer", "Acme", "--yes")
    assert "acme" not in closeread("calls", "list", "--json").out.lower()
    assert "there is no call 'acme'" in closeread("calls", "show", "acme").err


def _two_calls(folder):
    folder.mkdir()
    line = "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nRae Kim: What does it cost you{}?\n\n"
    answer = "00:00:05.000 --> 00:00:09.000\nLee: Nine thousand{}.\n"
    (folder / "acme.vtt").write_text(line.format(" each month") + answer.format(" or so"))
    (folder / "plain.vtt").write_text(line.format(" when it is late") + answer.format(" at the very least"))
    (folder / "calls.csv").write_text(
        "file,date,rep,customer,account\nacme.vtt,2026-03-01,Rae Kim,Lee,Acme\nplain.vtt,2026-03-02,Rae Kim,Lee,Acme\n"
    )
