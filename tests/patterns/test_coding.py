from agent.patterns.coding import Cell, adjudicate, apply_codebook, note_behaviors
from agent.patterns.model import CodebookEntry
from tests.builders import MOMENTS, PROMPTS, asked, interview, role

ENTRIES = (
    CodebookEntry(id="asked_cost", name="Asked the cost", behavior="The rep asked what it costs.", moments=("other",)),
    CodebookEntry(id="discounted", name="Discounted", behavior="The rep cut the price.", moments=("pricing",)),
)
NOTE = {"behavior": "Asked what it costs", "moment": "pricing", "subject": "ours", "turn": 1}


def note(quote, **given):
    return {"notes": [NOTE | {"quote": quote} | given]}


async def test_notes_carry_located_quotes_of_the_buyer():
    analyst = role(lambda _: note("she asked what a late close costs us"), "analyst_a")
    noted = await note_behaviors(interview(), "analyst_a", analyst, PROMPTS.get("code_interview"), MOMENTS)
    assert [o.quote.text for o in noted.observations] == ["She asked what a late close costs us"]
    assert noted.unlocated == ()


async def test_words_nobody_said_are_asked_for_again_then_counted():
    analyst = role(lambda _: note("she asked what it costs the board"), "analyst_a")
    noted = await note_behaviors(interview(), "analyst_a", analyst, PROMPTS.get("code_interview"), MOMENTS)
    assert noted.observations == ()
    assert len(noted.unlocated) == 1
    assert len(asked(analyst)) == 2


async def test_the_two_analysts_ask_two_different_requests():
    seen = []
    for name in ("analyst_a", "analyst_b"):
        analyst = role(lambda _: {"notes": []}, name)
        await note_behaviors(interview(), name, analyst, PROMPTS.get("code_interview"), MOMENTS)
        seen += asked(analyst)
    assert [r.draw for r in seen] == [0, 1]
    assert seen[0].id != seen[1].id
    assert seen[0].messages == seen[1].messages


async def test_an_unlisted_moment_counts_as_other():
    analyst = role(lambda _: note("She asked what a late close costs us", moment="lunch"), "analyst_a")
    noted = await note_behaviors(interview(), "analyst_a", analyst, PROMPTS.get("code_interview"), MOMENTS)
    assert noted.observations[0].moment == "other"


async def test_a_long_interview_is_read_in_windows_that_leave_nothing_out():
    long = interview("long", "won", *[f"Sentence number {i} tells what the rep asked us there." for i in range(300)])
    analyst = role(lambda _: {"notes": []}, "analyst_a", context_tokens=2_000)
    await note_behaviors(long, "analyst_a", analyst, PROMPTS.get("code_interview"), MOMENTS)
    requests = asked(analyst)
    assert len(requests) > 3
    read = "\n".join(r.messages[-1].content for r in requests)
    assert all(f"[{turn.index}] " in read for turn in long.transcript.turns)
    assert "the other parts are read separately" in requests[0].messages[-1].content


def decisions(**given):
    rows = [{"key": key, "quotes": [], "reason": "r", "present": False} | value for key, value in given.items()]
    return {"decisions": rows}


QUOTED = {"present": True, "quotes": [{"turn": 1, "quote": "She asked what a late close costs us."}]}


async def test_codings_come_in_the_codebooks_order():
    analyst = role(lambda _: decisions(P2={}, P1=QUOTED), "analyst_b")
    codings = await apply_codebook(interview(), "cb", ENTRIES, "analyst_b", analyst, PROMPTS.get("apply_codebook"))
    assert [(c.entry, c.present) for c in codings] == [("asked_cost", True), ("discounted", False)]
    assert codings[0].quotes[0].span.turn == 1


async def test_a_presence_without_a_quote_does_not_count():
    analyst = role(lambda _: decisions(P1={"present": True}, P2={}), "analyst_a")
    first, _ = await apply_codebook(interview(), "cb", ENTRIES, "analyst_a", analyst, PROMPTS.get("apply_codebook"))
    assert not first.present
    assert first.problem == "present, but without a quote"


async def test_an_entry_left_out_is_a_problem_and_no_absence():
    analyst = role(lambda _: decisions(P1={}), "analyst_a")
    _, second = await apply_codebook(interview(), "cb", ENTRIES, "analyst_a", analyst, PROMPTS.get("apply_codebook"))
    assert second.problem == "the reader gave no decision"


async def test_the_adjudicator_sees_both_readings():
    prompt = PROMPTS.get("apply_codebook")
    yes = await apply_codebook(
        interview(), "cb", ENTRIES[:1], "analyst_a", role(lambda _: decisions(P1=QUOTED)), prompt
    )
    no = await apply_codebook(
        interview(), "cb", ENTRIES[:1], "analyst_b", role(lambda _: decisions(P1={"reason": "only a wish"})), prompt
    )
    drafter = role(lambda _: decisions(P1=QUOTED), "drafter")
    cell = Cell(ENTRIES[0], (yes[0], no[0]))
    third = await adjudicate(interview(), "cb", [cell], drafter, PROMPTS.get("adjudicate_coding"))
    text = asked(drafter)[0].messages[-1].content
    assert "only a wish" in text
    assert "She asked what a late close costs us." in text
    assert third[0].reader == "adjudicator"
    assert third[0].present
