"""Interviews as notes or e-mails of one voice: only what is quoted of the buyer is the buyer's, and all else is marked."""

from datetime import date

import pytest

from agent.core.errors import ImportProblem, InputError
from agent.core.transcript import TOLD
from agent.corrections import verbs as corrections
from agent.documents.report_page import report_html
from agent.interviews.model import Interview
from agent.interviews.store import Interviews
from agent.patterns import verbs
from agent.patterns.coding import noting_requests
from agent.patterns.extraction import extract
from agent.patterns.store import Extractions
from agent.rubrics.drafting import Sources, draft_request
from agent.rubrics.drafts import pick
from agent.rubrics.store import Rubrics
from agent.text.importers import Source, read_source
from agent.text.notes import read_notes
from tests.builders import MOMENTS, PROMPTS, asked, call, owner, role, rubric
from tests.patterns.test_extraction import ASKED, CUT, NAMES, corpus, quiet, reader, readers
from tests.text.formats import FOLDER
from tests.uploads.bringing import Bringing, manifest, text

NOTES = f"Debrief with Bo on Monday.\n\n{ASKED} Bo said: “It made us count the hours.”\n"


def heard(words, *buyers):
    """Who is given which words."""
    read = read_notes(Source("n.txt", words.encode()), buyers or ("Ann Lee",))
    return [(turn.speaker, turn.text) for turn in read.transcript.turns if turn.speaker != TOLD]


@pytest.mark.parametrize(
    "words",
    [
        "Ann said: “Your price was too high.”",
        'Ann Lee told me, "Your price was too high."',
        "“Your price was too high.”",
        "- “Your price was too high.”",
        "> “Your price was too high.”",
        "Key quote: “Your price was too high.”",
        "Ann: “Your price was too high.”",
        "The buyer wrote „Your price was too high.“ in May.",
        "“Your price was too high.” said Ann",
        "“Your price was too high.” she added, and left.",
        "We met on Monday. She said «Your price was too high.»",
        "Bo Ray showed the tool. Ann's verdict: “Your price was too high.”",
        "Lee explained 「Your price was too high.」",
    ],
)
def test_quoted_words_are_the_buyers_where_the_notes_say_so(words):
    assert heard(words) == [("Ann Lee", "Your price was too high.")]


@pytest.mark.parametrize(
    "words",
    [
        "I asked Ann: “Why did you leave us?”",
        "Bo Ray promised “a call by Friday” and did not make it.",
        "The CFO said “there is no budget”.",
        "Ann said the rep told her “it is on the roadmap”.",
        "Ann was told “no discount for you”.",
        "Ann never said “your price was too high”.",
        "They loved the “month-end cockpit” view.",
        "Tom Ford joined. He said “we will see about it”.",
        "“Is it too expensive?” I asked, and Ann nodded.",
        "Q: “Why did you leave us?”",
        "Our rep's pitch: “the best tool there is”",
        'Ann said "your price was too high and left.',
        "Ann said the price was ‘too high for us’.",
        "Ann's boss said “go with the cheap one”.",
        "Ann's assistant said “go with the cheap one”.",
        "Ann's assistant: “go with the cheap one”.",
        "The assistant wrote “go with the cheap one”.",
        "Tom: “go with the cheap one”.",
        "Pricing: “go with the cheap one”.",  # a theme, or somebody of that name
    ],
)
def test_all_else_stays_with_the_interviewer(words):
    assert heard(words) == []


def test_of_several_buyers_one_must_be_named():
    words = "Ann Lee said “too dear for us”.\n\n“Nobody called me back.”\n\nTom added “we had waited”.\n\nBo Lee said “fine by me”."
    assert heard(words, "Ann Lee", "Tom Lee") == [("Ann Lee", "too dear for us"), ("Tom Lee", "we had waited")]


def test_no_word_is_lost_and_what_is_left_out_is_said():
    words = "From: Kim Oh\nSubject: Acme\n\nAnn said “too dear for us”.\n1. No follow-up\n2. Slow demo\n> On Monday you wrote: how was it?\n"
    read = read_notes(Source("n.txt", words.encode()), ("Ann Lee",))
    assert [(t.speaker, t.text) for t in read.transcript.turns] == [
        (TOLD, "Ann said"),
        ("Ann Lee", "too dear for us"),
        (TOLD, "No follow-up"),
        (TOLD, "Slow demo"),
    ]
    assert read.transcript.roles == {TOLD: "interviewer", "Ann Lee": "buyer"}
    assert [note.split(":")[0] for note in read.notes] == [
        "left out, the head of the e-mail",
        "left out, quoted from an earlier e-mail",
        "notes",
    ]


@pytest.mark.parametrize("name", ["labels.docx", "labels.pdf", "labels.html", "labels.rtf", "labels.txt"])
def test_documents_are_read_and_a_dialogue_is_noticed(name):
    read = read_notes(read_source(FOLDER / name), ("Dana Whitcombe",))
    assert set(read.transcript.speakers) == {TOLD}
    assert "this reads as a conversation of" in read.notes[0]


def test_captions_are_no_notes():
    with pytest.raises(ImportProblem, match="not notes of one voice"):
        read_notes(read_source(FOLDER / "zoom.vtt"), ("Dana Whitcombe",))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "n.txt").write_text(NOTES)
    (tmp_path / "m.csv").write_text("file,date,outcome,buyer,rep,interviewer\nn.txt,2026-10-01,won,Bo,Rae,Kim Oh\n")
    return tmp_path


def test_the_command_says_what_is_quoted_and_the_refusal_names_the_kind(closeread, folder):
    assert closeread("interviews", "import", folder, "--manifest", folder / "m.csv").code == 3
    assert "--kind notes" in closeread.err
    closeread("interviews", "import", folder, "--manifest", folder / "m.csv", "--kind", "notes")
    assert closeread.code == 0
    assert f"n  new  text  3 turns  {TOLD} (interviewer), Bo (buyer)" in closeread.out
    assert "1 quoted passage of Bo; all else is told by the interviewer" in closeread.out
    shown = closeread("interviews", "show", "n", "--json").json
    assert (shown["kind"], shown["details"]["interviewer"]) == ("notes", "Kim Oh")
    assert closeread("interviews", "correct", "n", "--name", f"{TOLD}=Bo").code == 3
    (folder / "n.txt").write_text("Bo said “not a word about hours”.")
    closeread("interviews", "replace", "n", folder / "n.txt")
    assert closeread("interviews", "show", "n", "--json").json["roles"] == {TOLD: "interviewer", "Bo": "buyer"}


def test_a_column_says_it_for_each_file_and_may_say_something_else(closeread, folder):
    (folder / "t.txt").write_text("Kim: Why?\nBo: They were late.\nKim: And then?\nBo: We left.\n")
    (folder / "m.csv").write_text(
        "file,date,outcome,buyer,rep,kind\nn.txt,2026-10-01,won,Bo,Rae,E-mail\nt.txt,2026-10-02,lost,Bo,Rae,renewal\n"
    )
    closeread("interviews", "import", folder, "--manifest", folder / "m.csv")
    assert closeread.code == 0
    found = {one: closeread("interviews", "show", one, "--json").json for one in ("n", "t")}
    assert [found[one]["kind"] for one in ("n", "t")] == ["notes", "conversation"]
    assert found["t"]["details"] == {"kind": "renewal"}


def test_the_page_and_the_api_take_notes(site):
    ops = Bringing(site)
    table = manifest("n.txt,2026-10-01,won,Bo,Rae")
    place = ops.bring([table, text("n.txt", NOTES.encode())])
    assert "no speaker" in ops.get(place).text
    columns = {f"column-{f}": f for f in ("file", "date", "outcome", "buyer", "rep")}
    ops.post(f"{place}/table", kind="interview", manifest="interviews.csv", written="notes", **columns)
    assert "1 quoted passage of Bo" in ops.get(place).text
    ops.store(place)
    page = ops.get("/interviews/n").text
    assert "notes or an e-mail of one voice" in page
    assert TOLD in page
    files = [manifest("o.txt,2026-10-02,lost,Bo,Rae"), text("o.txt", NOTES.replace("hours", "days").encode())]
    api = site.program("ops_lead")
    assert api.post("/api/v1/interviews/import", data={"kind": "notes"}, files=files).json()["counts"]["new"] == 1
    assert api.get("/api/v1/interviews/o").json()["kind"] == "notes"


def test_the_form_says_it_of_one_file(site):
    ops = Bringing(site)
    place = ops.bring([text("n.txt", NOTES.encode())])
    facts = {"outcome": "won", "date": "2026-10-01", "buyer": "Bo", "rep": "Rae", "kind": "notes"}
    ops.post(f"{place}/facts", **{"name-0": "n.txt"}, **{f"0-{field}": value for field, value in facts.items()})
    ops.store(place)
    assert site.space.store[Interviews].get("n").kind == "notes"


def noted(ident, outcome):
    words = ASKED if outcome == "won" else CUT
    read = read_notes(Source("n.txt", f"Debrief.\n\n{words}\n\nAnd Bo said: “It was late in May.”".encode()), ("Bo",))
    return Interview(
        id=ident,
        transcript=read.transcript,
        kind="notes",
        outcome=outcome,
        date=date(2026, 10, 1),
        buyer="Bo",
        rep="Rae",
    )


@pytest.fixture
async def found(site):
    """Patterns of twelve conversations and two interviews as notes."""
    documents = [*corpus(), noted("n-won", "won"), noted("n-lost", "lost")]
    for one in documents:
        site.space.store[Interviews].add(one)
    made = await extract(documents, readers(), {n: PROMPTS.get(n) for n in NAMES}, MOMENTS, 4, quiet)
    site.space.store[Extractions].add(made)
    return made


async def test_what_is_told_counts_for_patterns_with_its_mark_everywhere(site, found):
    pattern = next(p for p in found.patterns.patterns if p.name == "Asked what it costs")
    assert (pattern.won.count, pattern.won.of, pattern.only_told) == (7, 7, 1)
    page = Bringing(site).get(f"/patterns/{pattern.id}").text
    assert f"7 of 7 won and 0 of 7 lost interviews (1 only as {TOLD})" in page
    told = page.split("not the buyer’s words")[0].rsplit("<blockquote>", 1)[1]
    assert ASKED in told
    assert "“" not in told
    view = site.program("ops_lead").get(f"/api/v1/patterns/{pattern.id}").json()
    assert [e["told"] for e in view["evidence"] if e["interview"] == "n-won"] == [True]
    assert [e["told"] for e in view["evidence"] if e["interview"] == "int-00"] == [False]
    site.space.store[Rubrics].add(rubric())
    report = report_html(site.space, lambda _: None, "Report", "test")
    assert "1 only as told by the interviewer" in report
    assert f'{ASKED} <span class="soft">(not the buyer’s words)' in report


async def test_models_are_told_what_is_no_quote_and_no_example_is_made_of_it(site, found):
    team = role(reader, "analyst_a")
    document = noted("n-won", "won")
    (request,) = noting_requests(document, "analyst_a", team, PROMPTS.get("code_interview"), MOMENTS)
    assert f"turns under “{TOLD}” recount what the buyer said" in request.messages[1].content
    pattern = next(p for p in found.patterns.patterns if p.name == "Asked what it costs")
    sources = Sources(calls=(call(),), interviews=(document,), stages=())
    drafting = draft_request(pattern, sources, role(reader, "drafter"), PROMPTS.get("draft_criteria"))
    line = next(x for x in drafting.messages[1].content.splitlines() if "n-won" in x)
    assert "not the buyer's words: no example" in line
    with pytest.raises(InputError, match=f"was said by {TOLD}"):
        pick(site.space, "n-won", ASKED, None, "present", "rep")
    assert pick(site.space, "n-won", "It was late in May.", None, "present", "rep").text == "It was late in May."
    assert not asked(team)


async def test_the_label_of_what_is_told_cannot_be_taken_off(site, found):
    with pytest.raises(InputError, match="stays so"):
        corrections.correct_speakers(owner(site.space), "n-won", "interview", {}, {TOLD: "buyer"})
    assert verbs.current(site.space).raw.read["n-won"].buyers == ("Bo",)


def test_one_file_of_many_is_said_to_be_notes_with_one_click_and_taken_back(site):
    ops = Bringing(site)
    dialogue = b"Rae: What made you look around?\n\nBo: It took us two days.\n"
    place = ops.bring(
        [
            manifest("a.txt,2026-03-04,won,Bo,Rae", "N.TXT,2026-03-05,lost,Bo,Rae"),
            text("a.txt", dialogue),
            text("n.txt", NOTES.encode()),
        ]
    )
    page = ops.get(place).text
    assert "no speaker" in page
    assert page.count("It is notes or an e-mail of one voice") == 1
    ops.post(f"{place}/speakers", notes="n.txt")
    page = ops.get(place).text
    assert "no speaker" not in page
    ops.post(f"{place}/speakers", conversation="n.txt")
    assert "no speaker" in ops.get(place).text
    ops.post(f"{place}/speakers", notes="n.txt")
    ops.store(place)
    stored = site.space.store[Interviews]
    assert {one.kind for one in stored.all()} == {"notes", "conversation"}


def test_one_file_of_many_is_said_to_be_notes_at_the_terminal(closeread, tmp_path):
    (tmp_path / "a.txt").write_text("Rae: What made you look around?\n\nBo: It took us two days.\n")
    (tmp_path / "n.txt").write_text(NOTES)
    table = tmp_path / "m.csv"
    table.write_text("file,date,outcome,buyer,rep\na.txt,2026-03-04,won,Bo,Rae\nn.txt,2026-03-05,lost,Bo,Rae\n")
    command = ("interviews", "import", str(tmp_path), "--manifest", str(table))
    refused = closeread(*command)
    assert '"FILE:?=notes"' in refused.err
    assert "are said of a file" in closeread(*command, "--speakers", "?=notes").err
    assert closeread(*command, "--speakers", "n.txt:?=notes").code == 0
    kinds = {one["id"]: one["kind"] for one in closeread("interviews", "list", "--json").json["items"]}
    assert kinds == {"a": "conversation", "n": "notes"}
