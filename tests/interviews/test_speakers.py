import pytest

from agent.interviews.verbs import propose_speakers
from agent.text.unmatched import Unmatched, unmatched
from tests.builders import PROMPTS, asked, role, transcript

PROMPT = PROMPTS.get("propose_speakers")
TALK = transcript(
    ("Speaker 1", "Hi, this is Rae from Ledgerline, thanks for the time."),
    ("Speaker 2", "We close our books on the eighth and it hurts."),
    ("Speaker 1", "Let me show you our dashboard for that."),
    ("Speaker 2", "Nine thousand dollars went on waiver fees."),
    ("Speaker 3", "Sorry, I just joined."),
)
FILE = Unmatched("c1", "a.txt", "call", (("rep", "Rae"), ("customer", "Bo")), TALK)


def line(turn):
    return {"turn": turn, "quote": TALK.turns[turn].text}


REP = {"label": "Speaker 1", "lines": [line(0), line(2)], "reason": "Says who she is.", "part": "rep"}
CUSTOMER = {"label": "Speaker 2", "lines": [line(1), line(3)], "reason": "Speaks of own books.", "part": "customer"}
NOBODY = {"label": "Speaker 3", "lines": [], "reason": "Only says that they joined.", "part": "unknown"}


async def propose(*replies):
    given = iter(replies)
    drafter = role(lambda _: {"speakers": next(given)}, "drafter")
    return await propose_speakers(FILE, drafter, PROMPT), asked(drafter)


async def test_a_proposal_rests_on_two_lines_of_the_transcript():
    found, requests = await propose([REP, CUSTOMER, NOBODY])
    assert [(p.label, p.part) for p in found] == [("Speaker 1", "rep"), ("Speaker 2", "customer"), ("Speaker 3", None)]
    assert [q.text for q in found[0].lines] == [TALK.turns[0].text, TALK.turns[2].text]
    assert found[2].reason == "Only says that they joined."
    assert len(requests) == 1
    text = requests[0].messages[-1].content
    assert "- rep: Rae" in text
    assert "[2] Speaker 1: Let me show you our dashboard for that." in text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            [{**REP, "lines": [line(0), {"turn": 2, "quote": "I sell you the whole thing."}]}],
            "nowhere in the transcript",
        ),
        ([{**REP, "lines": [line(0)]}], "rests on 1 different lines"),
        ([{**REP, "lines": [line(0), line(0)]}], "rests on 1 different lines"),
        ([REP, {**REP, "part": "customer"}], "given 2 parts"),
        ([], "given 0 parts"),
        ([REP, {**REP, "label": "Speaker 9"}], "no label 'Speaker 9'"),
    ],
)
async def test_what_is_wrong_is_asked_once_more_by_name(wrong, said):
    found, requests = await propose([*wrong, CUSTOMER, NOBODY], [REP, CUSTOMER, NOBODY])
    assert said in requests[1].messages[-1].content
    assert found[0].part == "rep"


async def test_a_proposal_whose_lines_nobody_said_is_none_after_the_re_ask():
    bad = [{**REP, "lines": [line(0), {"turn": 2, "quote": "I sell you the whole thing."}]}, CUSTOMER, NOBODY]
    found, requests = await propose(bad, bad)
    assert len(requests) == 2
    assert found[0].part is None
    assert "nowhere in the transcript" in found[0].reason
    assert found[1].part == "customer"


def test_only_files_whose_labels_match_nobody_are_put_to_a_model(tmp_path):
    (tmp_path / "labels.txt").write_text("Speaker 1: Hello there.\nSpeaker 2: Hi.\n")
    (tmp_path / "named.txt").write_text("Rae: Hello there.\nBo: Hi.\n")
    (tmp_path / "m.csv").write_text(
        "file,date,rep,customer\nlabels.txt,2026-10-01,Rae,Bo\nnamed.txt,2026-10-01,Rae,Bo\ngone.txt,2026-10-01,Rae,Bo\n"
    )
    (file,), (problem,) = unmatched("call", tmp_path, tmp_path / "m.csv")
    assert (file.id, file.people, file.open) == (
        "labels",
        (("rep", "Rae"), ("customer", "Bo")),
        ("Speaker 1", "Speaker 2"),
    )
    assert "gone.txt" in str(problem)
    told, _ = unmatched("call", tmp_path, tmp_path / "m.csv", speakers={"labels.txt:Speaker 2": "rep"})
    assert told == []
