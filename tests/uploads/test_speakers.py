"""Who speaks in files on their way in: every label's part is said before anything is stored."""

from __future__ import annotations

import re

import pytest

from agent.calls.store import Calls
from agent.interviews.store import Interviews
from tests.uploads.bringing import TALK, Bringing, manifest, text

CALLS = "file,date,rep"
THREE = b"Rae: What does it cost you?\nSam: I can show it.\nCus: A lot.\n"


@pytest.fixture(name="ops")
def _ops(site):
    return Bringing(site)


def test_a_person_says_who_is_behind_a_label(site, ops):
    place = ops.bring([manifest("a.txt,2026-03-04,won,Bo Li,Rae"), text("a.txt", TALK)])
    page = ops.get(place).text
    assert "Name the speakers" in page
    assert "Because they asked what a late close costs." in page
    assert "--speakers" not in page
    fields = {"label-0": "a.txt:Speaker 1", "part-0": "interviewer", "label-1": "a.txt:Speaker 2", "part-1": "buyer"}
    ops.post(f"{place}/speakers", **fields)
    ops.store(place)
    assert site.space.store[Interviews].get("a").transcript.roles == {"Speaker 1": "interviewer", "Bo Li": "buyer"}


def test_words_that_belong_to_nobody_are_named_with_what_to_do(site, ops):
    place = ops.bring(
        [
            manifest("a.txt,2026-03-04,won,Bo Li,Rae"),
            text("a.vtt", b""),
            text("a.txt", b"1\n00:00:01,000 --> 00:00:02,000\nwords of nobody\n"),
        ]
    )
    page = ops.get(place).text
    assert "no speaker: no line of this file says who speaks" in page
    assert "Write the speaker&#39;s name before the words" in page
    assert 'id="speakers"' not in page  # there is no label to ask about


def choices(page, label):
    """What may be said of a label, and what is chosen."""
    found = re.search(rf"{label} <select [^>]*>(.*?)</select>", page, re.DOTALL)[1]
    return re.findall(r'value="([^"]*)"', found), re.findall(r'value="([^"]*)" selected', found)


def test_the_part_of_every_label_can_be_said_before_a_file_is_stored(site, ops):
    place = ops.bring([manifest("c.txt,2026-03-04,Rae", header=CALLS), text("c.txt", THREE)], "call")
    page = ops.get(place).text
    assert "sides open: Sam, Cus; the call is left out of scoring" in page
    assert choices(page, "Sam is") == (["", "rep", "customer", "other"], [])
    (link,) = re.findall(r'href="([^"]*)">Change who speaks', page)
    page = ops.get(f"{place}{link}").text
    assert choices(page, "Rae is")[1] == ["rep"]
    said = {f"label-{n}": f"c.txt:{label}" for n, label in enumerate(("Rae", "Sam", "Cus"))}
    ops.post(f"{place}/speakers", **said, **{"part-0": "rep", "part-1": "other", "part-2": "customer"})
    ops.store(place)
    roles = site.space.store[Calls].get("c").transcript.roles
    assert roles == {"Rae": "rep", "Sam": "other", "Cus": "customer"}


def test_a_file_in_which_nobody_is_left_as_the_rep_is_asked_about_again(site, ops):
    place = ops.bring([manifest("c.txt,2026-03-04,Rae", header=CALLS), text("c.txt", THREE)], "call")
    ops.post(f"{place}/speakers", **{"label-0": "c.txt:Rae", "part-0": "customer"})
    page = ops.get(place).text
    assert "sides open: Sam, Cus; the call is left out of scoring" in page
    assert "Name the speakers" in page
    assert choices(page, "Rae is")[1] == ["customer"]
    for number, label in enumerate(("Rae", "Sam", "Cus")):
        ops.post(f"{place}/speakers", **{f"label-{number}": f"c.txt:{label}", f"part-{number}": "customer"})
    assert "nobody in this file is the rep" in ops.get(place).text
    assert ops.post(f"{place}/store").status_code == 422
    for label in ("Sam", "Cus"):
        ops.post(f"{place}/speakers", **{"label-0": f"c.txt:{label}", "part-0": ""})
    ops.post(f"{place}/speakers", **{"label-0": "c.txt:Rae", "part-0": ""})
    assert "Store this call" in ops.get(place).text


def test_words_without_a_name_in_a_file_with_names_can_be_given_to_somebody(site, ops):
    cues = b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Rae>What does it cost?\n\n00:02.000 --> 00:03.000\nEach month?\n\n"
    cues += b"00:03.000 --> 00:04.000\n<v Cus>A lot.\n"
    place = ops.bring([manifest("c.vtt,2026-03-04,Rae", header=CALLS), text("c.vtt", cues)], "call")
    page = ops.get(place).text
    assert "say it under Who speaks" in page.replace("Say", "say")
    assert choices(page, "Words without a name are by") == (["", "same", "Rae", "Cus", "rep", "customer", "other"], [])
    assert choices(page, "Rae is")[1] == ["rep"]  # as the manifest has it
    assert "<blockquote>Each month?</blockquote>" in page
    ops.post(f"{place}/speakers", **{"label-0": "c.vtt:?", "part-0": "same"})
    ops.store(place)
    turns = [(turn.speaker, turn.text) for turn in site.space.store[Calls].get("c").transcript.turns]
    assert turns == [("Rae", "What does it cost? Each month?"), ("Cus", "A lot.")]


def test_without_a_manifest_labels_are_placed_after_the_form(site, ops):
    place = ops.bring([text("c.txt", TALK)], "call")
    ops.post(f"{place}/facts", **{"name-0": "c.txt", "0-date": "2026-03-04", "0-rep": "Rae", "0-customer": "Bo Li"})
    page = ops.get(place).text
    assert "Name the speakers" in page
    assert "The form names Rae (rep), Bo Li (customer)" in page
    ops.post(f"{place}/speakers", **{"label-0": "c.txt:Speaker 1", "part-0": "rep"})
    ops.store(place)
    assert site.space.store[Calls].get("c").transcript.roles == {"Rae": "rep", "Speaker 2": "customer"}


def test_a_form_of_speakers_never_has_more_fields_than_a_form_may_have(site, ops):
    many = b"".join(b"Speaker %d: Word %d.\n" % (n, n) for n in range(150))
    files = [text(f"c{n}.txt", many) for n in range(4)]
    place = ops.bring([manifest(*(f"c{n}.txt,2026-03-04,Rae" for n in range(4)), header=CALLS), *files], "call")
    page = ops.get(place).text
    assert page.count('name="label-') == 150
    assert "The first 1 of 4 files" in page
    said = (("label", "c0.txt:Speaker {}"), ("part", "rep"), ("name", "Rae"), ("all", "Speaker {}"))
    fields = {f"{kind}-{n}": value.format(n) for n in range(240) for kind, value in said}
    assert ops.post(f"{place}/speakers", **fields).status_code == 303


def test_who_speaks_is_asked_of_described_files_only(site, ops):
    place = ops.bring([text("c.txt", TALK)], "call")
    assert 'id="speakers"' not in ops.get(f"{place}?speakers=c.txt").text
    rows = b"deal_id,rep,opened,closed,outcome\nd1,Rae,2026-03-04,,open\n"
    deals = ops.bring([("files", ("deals.csv", rows, "text/csv"))], "deals")
    assert ops.get(f"{deals}?speakers=deals.csv").status_code == 200


def test_what_is_said_of_a_label_may_hold_for_all_files(site, ops):
    rows = [f"{name}.txt,2026-03-04,won,Bo Li,Rae" for name in "ab"]
    files = [text(f"{name}.txt", TALK.replace(b"costs.", b"costs %s." % name.encode())) for name in "ab"]
    place = ops.bring([manifest(*rows), *files])
    assert "the same in all 2 files with this label" in ops.get(place).text
    fields = {"label-0": "a.txt:Speaker 1", "part-0": "interviewer", "all-0": "Speaker 1"}
    fields |= {"label-1": "a.txt:Speaker 2", "part-1": "", "name-1": "Bo Li", "all-1": "Speaker 2"}
    ops.post(f"{place}/speakers", **fields)
    ops.store(place)
    for name in "ab":
        roles = site.space.store[Interviews].get(name).transcript.roles
        assert roles == {"Speaker 1": "interviewer", "Bo Li": "buyer"}


def test_what_stands_before_a_colon_and_is_no_speaker_for_certain_is_asked_on_the_page(site, ops):
    talk = "".join(f"Rae: Word {n}.\nBo Li: Yes.\n" for n in range(20)) + "So I say: one.\nRae: Well.\nSo I say: two.\n"
    place = ops.bring([manifest("a.txt,2026-03-04,won,Bo Li,Rae"), text("a.txt", talk.encode())])
    page = ops.get(place).text
    assert "&#39;So I say&#39; stands before words 2 times: a speaker, or words?" in page
    assert choices(page, "So I say is")[0] == ["words", "buyer", "interviewer", "other"]
    ops.post(f"{place}/speakers", **{"label-0": "a.txt:So I say", "part-0": "words"})
    assert "a speaker, or words" not in ops.get(place).text
    ops.store(place)
    read = site.space.store[Interviews].get("a").transcript
    assert set(read.speakers) == {"Rae", "Bo Li"}
    assert read.turns[-1].text == "Well. So I say: two."
